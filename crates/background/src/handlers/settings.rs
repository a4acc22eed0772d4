//! What the settings page shows and changes.

use crate::backend::poll;
use crate::error::WorkerError;
use crate::notify::announce;
use crate::settings;
use crate::store::{self, untracked};
use crate::subscribers::{self, Topic};
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::{SaveSettings, Settings, TestNotice, WatchSettings};
use wasm_bindgen_futures::spawn_local;

/// Answers as soon as the settings were changed; see [`WatchSettings`].
pub(crate) async fn watch(call: WatchSettings) -> Result<Held<Settings>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_SETTINGS, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let revision = subscribers::revision(Topic::OF_SETTINGS);
    Ok(Held {
        revision,
        pause_ms,
        value: settings::load().await?.into(),
    })
}

/// Shows a notification that tells of nothing.
pub(crate) async fn test(_: TestNotice) -> Result<(), WorkerError> {
    announce::test().await
}

/// Saves what the user has set, and does at once what follows from it.
pub(crate) async fn save(call: SaveSettings) -> Result<Settings, WorkerError> {
    let settings: settings::Settings = call.settings.try_into()?;
    let before = settings::load().await?;
    settings::save(&settings).await?;
    if !settings.mark_untracked {
        untracked::forget_all(&store::open().await?).await?;
    }
    if settings.backend != before.backend {
        // The answer says that it is kept; what the new server says is told by the held calls.
        spawn_local(poll::switched(before.backend));
    }
    subscribers::changed(&[Topic::Settings]);
    Ok(settings.into())
}
