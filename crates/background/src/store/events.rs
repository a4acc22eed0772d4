//! The events that the backend told of, and how far it was heard.

use super::{CURSORS, OPENS, Store, all, commit, get, indexed, put, reading, writing};
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::clock::Lead;
use kaifu_protocol::api::{Event, EventsPage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An event, as it is kept. The marks are there or not, never false: only what has one is indexed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpenRecord {
    /// The account it belongs to.
    account: String,
    /// The event itself.
    #[serde(flatten)]
    pub(crate) open: Event,
    /// Set until the user was told, or need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unannounced: Option<u8>,
    /// Set once the user was told, until they look at the popup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fresh: Option<u8>,
}

impl OpenRecord {
    /// Whether the user was told of it, or need not be.
    pub(crate) fn is_handled(&self) -> bool {
        self.unannounced.is_none()
    }
}

#[derive(Serialize, Deserialize)]
struct CursorRecord {
    account: String,
    cursor: u64,
    heard_at: f64,
    #[serde(default)]
    lead: Option<LeadRecord>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct LeadRecord {
    least: i64,
    most: i64,
}

/// What was heard from an account's backend, apart from events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    /// When it last answered: milliseconds since the Unix epoch.
    pub(crate) at: i64,
    /// How far its clock is ahead of this browser's, as far as is known.
    pub(crate) lead: Option<Lead>,
}

impl CursorRecord {
    fn lead(&self) -> Option<Lead> {
        let LeadRecord { least, most } = self.lead?;
        Some(Lead { least, most })
    }
}

/// How far the events of `account` are known.
pub(crate) async fn cursor(store: &Store, account: &str) -> Result<u64, WorkerError> {
    let found: Option<CursorRecord> = get(&reading(store, &[CURSORS])?, CURSORS, account).await?;
    Ok(found.map_or(0, |record| record.cursor))
}

/// What was heard from the backend of each account; `transaction` reads the cursors.
pub(crate) async fn heard(
    transaction: &Transaction,
) -> Result<BTreeMap<String, Heard>, WorkerError> {
    let records: Vec<CursorRecord> = all(transaction, CURSORS).await?;
    Ok(records
        .into_iter()
        .map(|record| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the clock has whole milliseconds"
            )]
            let at = record.heard_at as i64;
            let lead = record.lead();
            (record.account, Heard { at, lead })
        })
        .collect())
}

/// Keeps a page and the cursor behind it in one transaction, with what its answer told of the
/// backend's clock. Events that are there already stay as
/// they are, so that a page may come twice. True when there was a new one.
pub(crate) async fn keep(
    store: &Store,
    account: &str,
    page: EventsPage,
    lead: Option<Lead>,
) -> Result<bool, WorkerError> {
    let transaction = writing(store, &[OPENS, CURSORS])?;
    let mut new = false;
    let before: Option<CursorRecord> = get(&transaction, CURSORS, account).await?;
    let known = before.as_ref().map_or(0, |record| record.cursor);
    let lead_before = before.and_then(|record| record.lead());
    for open in page.events.into_iter().filter(|open| open.seq > known) {
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
        lead: lead
            .map(|newer| lead_before.map_or(newer, |lead| lead.narrowed(newer)))
            .or(lead_before)
            .map(|Lead { least, most }| LeadRecord { least, most }),
    };
    put(&transaction, CURSORS, &record).await?;
    commit(transaction).await?;
    Ok(new)
}

/// The events of `message`, oldest first; `transaction` reads the events.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<OpenRecord>, WorkerError> {
    let mut records: Vec<OpenRecord> =
        indexed(transaction, OPENS, "message", Some(message)).await?;
    records.sort_by_key(|record| (record.open.at, record.open.seq));
    Ok(records)
}

/// The events that the user may still have to be told of.
pub(crate) async fn unannounced(store: &Store) -> Result<Vec<OpenRecord>, WorkerError> {
    indexed(&reading(store, &[OPENS])?, OPENS, "unannounced", None).await
}

/// Notes that the user was told of each of the `records` that comes with true, and need not be
/// told of the others.
pub(crate) async fn announced(
    store: &Store,
    records: impl IntoIterator<Item = (OpenRecord, bool)>,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[OPENS])?;
    for (mut record, told) in records {
        record.unannounced = None;
        record.fresh = told.then_some(1);
        put(&transaction, OPENS, &record).await?;
    }
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
