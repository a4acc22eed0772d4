//! What the marks in Gmail's lists and conversations say.

use crate::error::WorkerError;
use crate::judgements::{Judged, Snapshot};
use crate::store::kept::KeptMessage;
use crate::store::{self, MESSAGES, UNTRACKED, messages, untracked};
use crate::tabs;
use kaifu_core::fetch::Claim;
use kaifu_core::gmail::id::ConversationId;
use kaifu_core::state::{EventKind, StateReason};
use kaifu_l10n::{Browser, counts, states};
use kaifu_protocol::content::{LookUp, Mark, Marks};
use kaifu_protocol::state::State;

/// How many conversations may be asked about at once.
const MAX_THREADS: usize = 500;

/// The marks of the conversations that are asked about.
pub(crate) async fn look_up(call: LookUp) -> Result<Marks, WorkerError> {
    let store = store::open().await?;
    let snapshot = Snapshot::open(&store).await?;
    let words = Browser::new();
    let mut marks = Vec::new();
    let any_untracked = untracked::any(&snapshot.transaction).await?;
    for thread in call.threads.iter().take(MAX_THREADS) {
        for record in messages::of_conversation(&snapshot.transaction, MESSAGES, thread).await? {
            let judged = snapshot.judged(&record).await?;
            let state = snapshot.state(&record, &judged.judgement);
            tabs::note_mark(&record.message);
            marks.push(mark(thread, record, state, judged, &words));
        }
        if any_untracked {
            let records =
                messages::of_conversation(&snapshot.transaction, UNTRACKED, thread).await?;
            let all = records.into_iter();
            marks.extend(all.map(|record| untracked_mark(thread, record, &words)));
        }
    }
    Ok(Marks { marks })
}

/// The mark of a tracked email.
fn mark(
    thread: &ConversationId,
    record: KeptMessage,
    state: State,
    judged: Judged,
    words: &Browser,
) -> Mark {
    let judgement = judged.judgement;
    let loads = judged.events.iter().zip(&judged.shown);
    let last_at = loads
        .zip(&judgement.events)
        .filter(|((event, _), judged)| {
            judged.folded_into.is_none()
                && judged.claim == Claim::Likely
                && matches!(event.kind, EventKind::Pixel | EventKind::Link)
        })
        .map(|((_, at), _)| *at)
        .max();
    let views = u32::try_from(judgement.views).unwrap_or(u32::MAX);
    let decided_by = judgement.decided_by.map(|index| judgement.events[index]);
    let because = decided_by.map(|judged| judged.reason.code());
    let (label, title) = states::mark(state, (views, last_at), because, words);
    let is_counted = matches!(state, State::Opened | State::Confirmed) && views > 1;
    Mark {
        thread: thread.clone(),
        state,
        draft: record.draft,
        message: record.message,
        reason: judgement.reason.code().to_owned(),
        label,
        title,
        count: if is_counted {
            counts::short(views)
        } else {
            String::new()
        },
        last_at: last_at.map(|at| at.0),
    }
}

/// The mark of an email that was not to be tracked.
fn untracked_mark(thread: &ConversationId, record: KeptMessage, words: &Browser) -> Mark {
    let (label, title) = states::mark(State::Off, (0, None), None, words);
    Mark {
        thread: thread.clone(),
        draft: record.draft,
        message: record.message,
        state: State::Off,
        reason: StateReason::NotAsked.code().to_owned(),
        label,
        title,
        count: String::new(),
        last_at: None,
    }
}
