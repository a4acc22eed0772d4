//! The events that the backend told of, and how far it was heard.

use super::{CURSORS, OPENS, Store, commit, get, indexed, put, reading, writing};
use crate::error::WorkerError;
use kaifu_protocol::api::{Open, OpensPage};
use serde::{Deserialize, Serialize};

/// An event, as it is kept. The marks are there or not, never false: only what has one is indexed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpenRecord {
    /// The account it belongs to.
    account: String,
    /// The event itself.
    #[serde(flatten)]
    pub(crate) open: Open,
    /// Set until the user was told, or need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unannounced: Option<u8>,
    /// Set once the user was told, until they look at the popup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fresh: Option<u8>,
}

#[derive(Serialize, Deserialize)]
struct CursorRecord {
    account: String,
    cursor: u64,
    heard_at: f64,
}

/// How far the events of `account` are known.
pub(crate) async fn cursor(store: &Store, account: &str) -> Result<u64, WorkerError> {
    let found: Option<CursorRecord> = get(&reading(store, &[CURSORS])?, CURSORS, account).await?;
    Ok(found.map_or(0, |record| record.cursor))
}

/// When the backend of `account` was last heard: milliseconds since the Unix epoch.
pub(crate) async fn heard_at(store: &Store, account: &str) -> Result<Option<i64>, WorkerError> {
    let found: Option<CursorRecord> = get(&reading(store, &[CURSORS])?, CURSORS, account).await?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the clock has whole milliseconds"
    )]
    Ok(found.map(|record| record.heard_at as i64))
}

/// Keeps a page and the cursor behind it in one transaction. Events that are there already stay as
/// they are, so that a page may come twice. True when there was a new one.
pub(crate) async fn keep(
    store: &Store,
    account: &str,
    page: OpensPage,
) -> Result<bool, WorkerError> {
    let transaction = writing(store, &[OPENS, CURSORS])?;
    let mut new = false;
    let before: Option<CursorRecord> = get(&transaction, CURSORS, account).await?;
    let known = before.map_or(0, |record| record.cursor);
    for open in page.opens.into_iter().filter(|open| open.seq > known) {
        let account = account.to_owned();
        let record = OpenRecord {
            account,
            open,
            unannounced: Some(1),
            fresh: None,
        };
        put(&transaction, OPENS, &record).await?;
        new = true;
    }
    let record = CursorRecord {
        account: account.to_owned(),
        cursor: page.cursor.max(known),
        heard_at: js_sys::Date::now(),
    };
    put(&transaction, CURSORS, &record).await?;
    commit(transaction).await?;
    Ok(new)
}

/// The events of `message`, oldest first.
pub(crate) async fn of_message(store: &Store, message: &str) -> Result<Vec<Open>, WorkerError> {
    let transaction = reading(store, &[OPENS])?;
    let records: Vec<OpenRecord> = indexed(&transaction, OPENS, "message", Some(message)).await?;
    let mut opens: Vec<_> = records.into_iter().map(|record| record.open).collect();
    opens.sort_by_key(|open| (open.at, open.seq));
    Ok(opens)
}

/// The events that the user may still have to be told of.
pub(crate) async fn unannounced(store: &Store) -> Result<Vec<OpenRecord>, WorkerError> {
    indexed(&reading(store, &[OPENS])?, OPENS, "unannounced", None).await
}

/// Notes that the user was told of `record`, or need not be.
pub(crate) async fn announced(
    store: &Store,
    mut record: OpenRecord,
    told: bool,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[OPENS])?;
    record.unannounced = None;
    record.fresh = told.then_some(1);
    put(&transaction, OPENS, &record).await?;
    commit(transaction).await
}

/// How many messages have news that the user has not looked at.
pub(crate) async fn fresh(store: &Store) -> Result<usize, WorkerError> {
    let records: Vec<OpenRecord> =
        indexed(&reading(store, &[OPENS])?, OPENS, "fresh", None).await?;
    let mut messages: Vec<_> = records
        .into_iter()
        .map(|record| record.open.message)
        .collect();
    messages.sort_unstable();
    messages.dedup();
    Ok(messages.len())
}

/// Notes that the user has looked at all of it.
pub(crate) async fn looked_at(store: &Store) -> Result<(), WorkerError> {
    let transaction = writing(store, &[OPENS])?;
    for mut record in indexed::<OpenRecord>(&transaction, OPENS, "fresh", None).await? {
        record.fresh = None;
        put(&transaction, OPENS, &record).await?;
    }
    commit(transaction).await
}
