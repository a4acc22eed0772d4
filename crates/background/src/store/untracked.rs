//! The emails that left without being tracked, kept where the user wants them marked: Gmail's ids of
//! them, and no more. They are in a store of their own, where the popup's list, notifications and
//! the badge never come.

use super::kept::{KeptDraft, KeptMessage};
use super::records::MessageRecord;
use super::{
    MESSAGES, SUMMARIES, Store, UNTRACKED, commit, delete, latest, messages, put, reading, writing,
};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use kaifu_chrome::clock::{now, to_js};
use kaifu_core::time::DAY;
use kaifu_protocol::content::PressUntracked;

/// How long an email is kept: as long as a server keeps events unless it is told otherwise.
const KEPT_MS: i64 = 180 * DAY;

/// How many drafts a tab is told about, and how many emails that are too old go at once.
const MAX_COUNT: u32 = 500;

/// Keeps a press in the place of any earlier one for the same message, and drops what is too old.
pub(crate) async fn press(store: &Store, press: PressUntracked) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED, SUMMARIES])?;
    let now = now();
    let kept = KeptMessage {
        message: press.message,
        draft: Some(press.draft),
        thread: Some(press.thread),
        sent_at: now,
        ..KeptMessage::default()
    };
    messages::remove(&transaction, &kept.message).await?;
    put(&transaction, UNTRACKED, &MessageRecord::from(kept)).await?;
    let old = KeyRange::upper_bound(&to_js(now.plus(-KEPT_MS)).into(), None)?;
    for old in of_time(&transaction, Some(old)).await? {
        delete(&transaction, UNTRACKED, &old.message).await?;
    }
    commit(transaction).await
}

/// The last ones that were sent at a time in `range`, newest first.
async fn of_time(
    transaction: &Transaction,
    range: Option<KeyRange>,
) -> Result<Vec<KeptMessage>, WorkerError> {
    let range = range.map(Query::KeyRange);
    let records: Vec<MessageRecord> =
        latest(transaction, UNTRACKED, "sent_at", range, MAX_COUNT).await?;
    Ok(records.into_iter().map(KeptMessage::from).collect())
}

/// Whether there is any; `transaction` reads them.
pub(crate) async fn any(transaction: &Transaction) -> Result<bool, WorkerError> {
    Ok(transaction.object_store(UNTRACKED)?.count(None)?.await? > 0)
}

/// The drafts that the last ones were, newest first.
pub(crate) async fn drafts(store: &Store) -> Result<Vec<KeptDraft>, WorkerError> {
    let all = of_time(&reading(store, &[UNTRACKED])?, None).await?;
    let draft = |kept: KeptMessage| {
        Some(KeptDraft {
            message: Some(kept.message),
            ..KeptDraft::new(kept.draft?)
        })
    };
    Ok(all.into_iter().filter_map(draft).collect())
}

/// Forgets all of them.
pub(crate) async fn forget_all(store: &Store) -> Result<(), WorkerError> {
    let transaction = writing(store, &[UNTRACKED])?;
    transaction.object_store(UNTRACKED)?.clear()?.await?;
    commit(transaction).await
}
