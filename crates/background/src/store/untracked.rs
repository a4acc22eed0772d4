//! The mails that left without being tracked, kept where the user wants them marked: Gmail's ids of
//! them, and no more. They are in a store of their own, where the popup's list, notifications and
//! the badge never come.

use super::messages::MessageRecord;
use super::{MESSAGES, Store, UNTRACKED, commit, delete, latest, put, reading, writing};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use js_sys::Date;
use kaifu_protocol::content::{Draft, PressUntracked};

/// How long a mail is kept: as long as a backend keeps events unless it is told otherwise.
const KEPT_MS: f64 = 180.0 * 86_400_000.0;

/// How many drafts a tab is told about, and how many mails that are too old go at once.
const MOST: u32 = 500;

/// Keeps a press in the place of any earlier one for the same message, and drops what is too old.
pub(crate) async fn press(store: &Store, press: PressUntracked) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED])?;
    let now = Date::now();
    let record = MessageRecord {
        message: press.message,
        draft: Some(press.draft),
        thread: Some(press.thread),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the clock has whole milliseconds"
        )]
        sent_at: now as i64,
        ..MessageRecord::default()
    };
    delete(&transaction, MESSAGES, &record.message).await?;
    put(&transaction, UNTRACKED, &record).await?;
    let old = KeyRange::upper_bound(&(now - KEPT_MS).into(), None)?;
    for old in of_time(&transaction, Some(old)).await? {
        delete(&transaction, UNTRACKED, &old.message).await?;
    }
    commit(transaction).await
}

/// The last ones that were sent at a time in `range`, newest first.
async fn of_time(
    transaction: &Transaction,
    range: Option<KeyRange>,
) -> Result<Vec<MessageRecord>, WorkerError> {
    let range = range.map(Query::KeyRange);
    latest(transaction, UNTRACKED, "sent_at", range, MOST).await
}

/// Whether there is any; `transaction` reads them.
pub(crate) async fn any(transaction: &Transaction) -> Result<bool, WorkerError> {
    Ok(transaction.object_store(UNTRACKED)?.count(None)?.await? > 0)
}

/// The drafts that the last ones were, newest first.
pub(crate) async fn drafts(store: &Store) -> Result<Vec<Draft>, WorkerError> {
    let records = of_time(&reading(store, &[UNTRACKED])?, None).await?;
    let draft = |record: MessageRecord| {
        Some(Draft {
            draft: record.draft?,
            track: None,
            message: Some(record.message),
            scheduled: None,
            cancelled: false,
        })
    };
    Ok(records.into_iter().filter_map(draft).collect())
}

/// Forgets all of them.
pub(crate) async fn forget_all(store: &Store) -> Result<(), WorkerError> {
    let transaction = writing(store, &[UNTRACKED])?;
    transaction.object_store(UNTRACKED)?.clear()?.await?;
    commit(transaction).await
}
