//! What a Gmail tab is told, and what it tells.

use crate::accounts;
use crate::agreement;
use crate::backend::poll;
use crate::error::WorkerError;
use crate::sender::SenderTab;
use crate::store::kept::{KeptDraft, KeptMessage};
use crate::store::{self, Store, drafts, messages, untracked, views};
use crate::subscribers::{self, Topic};
use crate::{consents, landmarks, lines, own_addresses, secret, settings, tabs};
use kaifu_chrome::clock;
use kaifu_core::choice::Choice;
use kaifu_core::gmail::id::DraftId;
use kaifu_core::mail::manner::Manner;
use kaifu_core::outcome::{Origin, Outcome, Signal, Statement};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{
    Choose, Credentials, Draft, Landmarks, Locate, Press, PressUntracked, Server, Session, Settle,
    Viewed, Watch,
};
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::Problem;

/// Answers as soon as there is something new; see [`Watch`].
pub(crate) async fn watch(call: Watch, tab: &SenderTab) -> Result<Held<Session>, WorkerError> {
    tabs::note_tab(call.runtime);
    // Its title is that of the moment in which it asks, and it may wait long for the answer.
    if agreement::is_given().await? {
        // That it could not be kept costs a hint in the popup.
        let _ = own_addresses::note(&tab.title).await;
    }
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
    let server = if !agreement::is_given().await? {
        Server::NotAgreed
    } else if account.as_ref().is_some_and(|account| account.refused) {
        Server::Refuses
    } else if poll::problem(&settings.backend, account.as_ref()) == Some(Problem::Unreachable) {
        Server::Unreachable
    } else {
        Server::Answers
    };
    let account = account.map(|account| Credentials {
        backend: account.backend.to_string(),
        account: account.given.account,
        key: account.given.key,
    });
    let store = store::open().await?;
    Ok(Session {
        account,
        server,
        own_images: accounts::own_images().await?,
        message_key: secret::message_key().await?.reveal(),
        seal_key: secret::seal_key().await?.reveal(),
        mode: settings.mode.name().to_owned(),
        tells: settings.tells,
        lines: lines::all().await,
        strict: settings.strict,
        track_days: settings.track_days,
        people: consents::all().await?,
        track_by_default: settings.track_by_default,
        mark_untracked: settings.mark_untracked,
        marks_revision,
        drafts: drafts_of(&store).await?,
    })
}

/// What a tab is to know about drafts: what was decided about them, and the emails of which it may
/// find out what became.
async fn drafts_of(store: &Store) -> Result<Vec<Draft>, WorkerError> {
    let mut kept = drafts::told(store).await?;
    kept.extend(untracked::drafts(store).await?);
    let scheduled = messages::scheduled(store).await?;
    let open = messages::open(store).await?;
    for message in scheduled.iter().chain(&open) {
        let is_its = |kept: &KeptDraft| Some(&kept.draft) == message.draft.as_ref();
        if let Some(draft) = message.draft.clone().filter(|_| !kept.iter().any(is_its)) {
            kept.push(KeptDraft {
                message: Some(message.message.clone()),
                ..KeptDraft::new(draft)
            });
        }
    }
    let drafts = kept.into_iter().map(|kept| {
        let its = |message: &&KeptMessage| message.draft.as_ref() == Some(&kept.draft);
        let scheduled = scheduled.iter().rfind(its);
        let open = open.iter().find(its);
        Draft {
            thread: scheduled.or(open).and_then(|it| it.thread.clone()),
            scheduled: scheduled.is_some(),
            cancelled: scheduled.is_some_and(|message| !message.left()),
            open_at: open.map(|message| message.sent_at.0),
            chosen: kept.choices.chosen.map(Into::into),
            pressed: kept.choices.pressed.map(Into::into),
            draft: kept.draft,
            message: kept.message,
        }
    });
    Ok(drafts.collect())
}

/// Shows the page on which the user agrees.
pub(crate) async fn open_first_page() -> Result<(), WorkerError> {
    agreement::ask().await
}

/// Remembers a choice.
pub(crate) async fn choose(call: Choose) -> Result<(), WorkerError> {
    let store = store::open().await?;
    let choice = call.choice.into();
    drafts::change(&store, &call.draft, &|draft| draft.choices.choose(choice)).await?;
    subscribers::changed(&[Topic::Drafts]);
    Ok(())
}

/// Keeps what was handed to Gmail.
pub(crate) async fn press(call: Press, tab: SenderTab) -> Result<(), WorkerError> {
    let account = accounts::current()
        .await?
        .map(|account| account.given.account);
    let store = store::open().await?;
    let how = Manner::from_code(&call.mode);
    let remembered = call.draft.clone().zip(Some(call.message.clone()));
    let decision = Choice {
        how: Some(how),
        at: Millis(call.at),
    };
    consents::ask(how.mode, &call.recipients, &call.message).await?;
    messages::press(&store, account, call, &tab).await?;
    if let Some((draft, message)) = remembered {
        remember(&store, &draft, message, decision).await?;
    }
    subscribers::changed(&[Topic::Drafts, Topic::Messages]);
    Ok(())
}

async fn remember(
    store: &Store,
    draft: &DraftId,
    message: String,
    decision: Choice,
) -> Result<(), WorkerError> {
    drafts::change(store, draft, &|draft| {
        draft.message = Some(message.clone());
        draft.choices.press(decision);
    })
    .await?;
    drafts::forget_left(store).await
}

/// Keeps that an email was not to be tracked when Send was pressed, and that it left so, if that is
/// still wanted: a tab may not have heard yet that it is not.
pub(crate) async fn press_untracked(call: PressUntracked) -> Result<(), WorkerError> {
    let at = call.at.map_or_else(clock::now, Millis);
    let store = store::open().await?;
    let decision = Choice { how: None, at };
    // Of one that nothing was decided about before, nothing is kept here.
    if drafts::find(&store, &call.draft).await?.is_some() {
        remember(&store, &call.draft, call.message.clone(), decision).await?;
    }
    if settings::load().await?.mark_untracked {
        untracked::press(&store, call).await?;
    } else {
        // It was pressed as one to track before. If that left, a load of its image brings it back.
        let statement = Statement {
            outcome: Outcome::Untracked,
            signal: Signal::Editor,
            origin: Origin::Sender,
            at,
            since: at,
        };
        messages::settle(&store, &call.message, statement).await?;
    }
    subscribers::changed(&[Topic::Drafts, Topic::Messages]);
    Ok(())
}

/// Keeps what became of either.
pub(crate) async fn settle(call: Settle) -> Result<(), WorkerError> {
    let at = call.at.map_or_else(clock::now, Millis);
    let store = store::open().await?;
    let statement = Statement {
        outcome: call.outcome.into(),
        signal: call.signal.into(),
        origin: call.origin.into(),
        at,
        since: Millis(call.since),
    };
    messages::settle(&store, &call.message, statement).await?;
    subscribers::changed(&[Topic::Drafts, Topic::Messages]);
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
