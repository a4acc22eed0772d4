//! What the user asked about single emails.

use super::kept::{Asked, Reminder};
use super::records::AskedRecord;
use super::{
    ASKED, MESSAGES, REMIND_AT, Store, commit, delete, get, messages, put, readable, reading,
    writing,
};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use kaifu_chrome::clock::to_js;
use kaifu_core::time::Millis;

/// What the user asked about `message`; `transaction` reads it.
pub(crate) async fn find(transaction: &Transaction, message: &str) -> Result<Asked, WorkerError> {
    let found: Option<AskedRecord> = get(transaction, ASKED, message).await?;
    Ok(found.as_ref().map(Asked::from).unwrap_or_default())
}

/// The messages of which the user is to be reminded at `now` or was to be before, each with its reminder.
pub(crate) async fn due(
    store: &Store,
    now: Millis,
) -> Result<Vec<(String, Reminder)>, WorkerError> {
    let until = KeyRange::upper_bound(&to_js(now).into(), None)?;
    let found = reading(store, &[ASKED])?
        .object_store(ASKED)?
        .index(REMIND_AT)?
        .get_all(Some(Query::KeyRange(until)), None)?
        .await?;
    let records: Vec<AskedRecord> = readable(found);
    let due = records.into_iter().filter_map(|record| {
        let reminder = Asked::from(&record).reminder?;
        Some((record.message, reminder))
    });
    Ok(due.collect())
}

/// Takes in what the user asks about `messages`. What is not known is passed over.
pub(crate) async fn change(
    store: &Store,
    messages: &[String],
    change: &dyn Fn(&mut Asked),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[ASKED, MESSAGES])?;
    for message in messages {
        if messages::find_in(&transaction, message).await?.is_none() {
            continue;
        }
        let before = find(&transaction, message).await?;
        let mut asked = before;
        change(&mut asked);
        if asked == Asked::default() {
            delete(&transaction, ASKED, message).await?;
        } else if asked != before {
            let record = AskedRecord::new(message.clone(), asked);
            put(&transaction, ASKED, &record).await?;
        }
    }
    commit(transaction).await
}
