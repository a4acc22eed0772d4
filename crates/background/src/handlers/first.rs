//! What the first page shows, and what follows when the user agrees on it.

use super::connection::connection;
use crate::backend::poll;
use crate::error::WorkerError;
use crate::judgements::Snapshot;
use crate::settings::{self, Settings};
use crate::store;
use crate::subscribers::{self, Topic};
use crate::{accounts, agreement};
use kaifu_protocol::content;
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::{Agree, First, WatchFirst};
use wasm_bindgen_futures::spawn_local;

/// Answers as soon as there is something new; see [`WatchFirst`].
pub(crate) async fn watch(call: WatchFirst) -> Result<Held<First>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_FIRST, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let revision = subscribers::revision(Topic::OF_FIRST);
    Ok(Held {
        revision,
        pause_ms,
        value: first().await?,
    })
}

async fn first() -> Result<First, WorkerError> {
    let settings = settings::load().await?;
    let account = accounts::on(&settings.backend).await?;
    let agreed = agreement::is_given().await?;
    let snapshot = Snapshot::open(&store::open().await?).await?;
    let heard = account
        .as_ref()
        .and_then(|account| snapshot.heard(&account.given.account));
    Ok(First {
        agreed,
        connection: connection(&settings, account.as_ref(), heard),
        backend: settings.backend.to_string(),
    })
}

/// Takes the user's word, and asks the server for the first time.
pub(crate) async fn agree(call: Agree) -> Result<(), WorkerError> {
    let settings = Settings {
        backend: settings::parse(&call.backend)?,
        mode: content::mode(&call.mode),
        tells: call.tells,
        strict: call.strict,
        ..settings::load().await?
    };
    settings::save(&settings).await?;
    agreement::give().await?;
    subscribers::changed(&[Topic::Settings, Topic::Server]);
    // The answer says that the word is kept; what the server says is told by the held calls.
    spawn_local(poll::refresh());
    Ok(())
}
