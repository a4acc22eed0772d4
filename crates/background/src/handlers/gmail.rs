//! What a Gmail tab is told, and what it tells.

use crate::accounts;
use crate::backend::poll;
use crate::error::WorkerError;
use crate::sender::SenderTab;
use crate::store::kept::KeptMessage;
use crate::store::messages::Report;
use crate::store::{self, drafts, messages, untracked, views};
use crate::subscribers::{self, Topic};
use crate::{landmarks, settings};
use kaifu_protocol::content::{
    Choose, Credentials, Draft, Landmarks, Locate, Press, PressUntracked, Session, Settle, Viewed,
    Watch,
};
use kaifu_protocol::held::Held;

/// Answers as soon as there is something new; see [`Watch`].
pub(crate) async fn watch(call: Watch) -> Result<Held<Session>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_SESSION, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let revision = subscribers::revision(Topic::OF_SESSION);
    Ok(Held {
        revision,
        pause_ms,
        value: session().await?,
    })
}

async fn session() -> Result<Session, WorkerError> {
    let marks_revision = subscribers::revision(Topic::OF_MARKS);
    let settings = settings::load().await?;
    let account = accounts::on(&settings.backend).await?;
    let account = account.map(|account| Credentials {
        backend: account.backend.to_string(),
        account: account.given.account,
        key: account.given.key,
    });
    let store = store::open().await?;
    let mut kept = drafts::latest(&store).await?;
    kept.extend(untracked::drafts(&store).await?);
    let scheduled = messages::scheduled(&store).await?;
    let drafts = kept.into_iter().map(|kept| {
        let its = |message: &&KeptMessage| message.draft.as_ref() == Some(&kept.draft);
        let scheduled = scheduled.iter().rfind(its);
        Draft {
            scheduled: scheduled.and_then(|message| message.thread.clone()),
            cancelled: scheduled.is_some_and(|message| !message.left()),
            draft: kept.draft,
            track: kept.track,
            message: kept.message,
        }
    });
    Ok(Session {
        account,
        track_by_default: settings.track_by_default,
        mark_untracked: settings.mark_untracked,
        marks_revision,
        drafts: drafts.collect(),
    })
}

/// Remembers a choice.
pub(crate) async fn choose(call: Choose) -> Result<(), WorkerError> {
    let store = store::open().await?;
    drafts::change(&store, &call.draft, |draft| draft.track = Some(call.track)).await?;
    subscribers::changed(&[Topic::Drafts]);
    Ok(())
}

/// Keeps what was handed to Gmail.
pub(crate) async fn press(call: Press, tab: SenderTab) -> Result<(), WorkerError> {
    let account = accounts::current()
        .await?
        .map(|account| account.given.account);
    let store = store::open().await?;
    if let Some(draft) = &call.draft {
        let message = Some(call.message.clone());
        drafts::change(&store, draft, |draft| draft.message = message).await?;
    }
    messages::press(&store, account, call, &tab).await?;
    subscribers::changed(&[Topic::Drafts, Topic::Messages]);
    Ok(())
}

/// Keeps that an email left without being tracked, if that is still wanted: a tab may not have heard
/// yet that it is not.
pub(crate) async fn press_untracked(call: PressUntracked) -> Result<(), WorkerError> {
    let store = store::open().await?;
    if settings::load().await?.mark_untracked {
        untracked::press(&store, call).await?;
        subscribers::changed(&[Topic::Drafts, Topic::Messages]);
    }
    Ok(())
}

/// Keeps what became of either.
pub(crate) async fn settle(call: Settle) -> Result<(), WorkerError> {
    let store = store::open().await?;
    let report = Report {
        message: &call.message,
        outcome: call.outcome.into(),
        signal: call.signal.into(),
    };
    messages::settle(&store, report).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

/// Keeps the id by which a conversation can be opened.
pub(crate) async fn locate(call: Locate) -> Result<(), WorkerError> {
    let store = store::open().await?;
    messages::locate(&store, &call).await
}

/// Keeps that the sender looked at their own messages.
pub(crate) async fn viewed(call: Viewed) -> Result<(), WorkerError> {
    views::keep(&store::open().await?, call).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

/// Keeps what the page reports missing.
pub(crate) async fn miss(call: Landmarks) -> Result<(), WorkerError> {
    landmarks::report(call).await
}
