//! The events that servers told of, and what the user was told of them.

use super::cursors;
use super::kept::{Heard, KeptEvent, Telling};
use super::records::EventRecord;
use super::{CURSORS, EVENTS, Store, commit, indexed, put, reading, writing};
use crate::clocks;
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::clock::Answer;
use kaifu_protocol::api::EventsPage;
use std::collections::BTreeMap;

/// Keeps a page and the cursor behind it in one transaction, with what its answer told of the
/// server's clock. Events that are there already stay as they are, so that a page may come twice,
/// and an event under another number. True when there was a new one.
pub(crate) async fn keep(
    store: &Store,
    account: &str,
    page: EventsPage,
    answer: Answer,
) -> Result<bool, WorkerError> {
    let transaction = writing(store, &[EVENTS, CURSORS])?;
    let mut new = false;
    let before = cursors::find(&transaction, account).await?;
    let clocks = before.clocks.heard(answer);
    let mut known: BTreeMap<String, Vec<KeptEvent>> = BTreeMap::new();
    for event in page.events {
        if !known.contains_key(&event.message) {
            let kept = find(&transaction, "message", Some(&event.message)).await?;
            known.insert(event.message.clone(), kept);
        }
        let of_message = known.entry(event.message.clone()).or_default();
        if of_message.iter().any(|kept| kept.is(account, &event)) {
            continue;
        }
        let kept = KeptEvent {
            account: account.to_owned(),
            event,
            telling: Telling::Pending,
            clocks: Some(clocks),
        };
        of_message.push(kept.clone());
        put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
        new = true;
    }
    let heard = Heard {
        cursor: page.cursor,
        at: kaifu_chrome::clock::now(),
        clocks,
    };
    cursors::keep(&transaction, account, heard).await?;
    commit(transaction).await?;
    clocks::heard(account);
    Ok(new)
}

/// The events of `message`, oldest first; `transaction` reads the events.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<KeptEvent>, WorkerError> {
    let mut kept = find(transaction, "message", Some(message)).await?;
    kept.sort_by_key(|kept| (kept.event.at, kept.event.seq));
    Ok(kept)
}

/// The events that the user may still have to be told of.
pub(crate) async fn unannounced(store: &Store) -> Result<Vec<KeptEvent>, WorkerError> {
    find(&reading(store, &[EVENTS])?, "unannounced", None).await
}

/// Notes that the user was told of each of the `events` that comes with true, and need not be told
/// of the others.
pub(crate) async fn announced(
    store: &Store,
    events: impl IntoIterator<Item = (KeptEvent, bool)>,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[EVENTS])?;
    for (mut kept, told) in events {
        kept.telling = if told { Telling::Fresh } else { Telling::Done };
        put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
    }
    commit(transaction).await
}

/// How many messages have news that the user has not looked at.
pub(crate) async fn fresh(store: &Store) -> Result<usize, WorkerError> {
    let fresh = find(&reading(store, &[EVENTS])?, "fresh", None).await?;
    let mut messages: Vec<_> = fresh.into_iter().map(|kept| kept.event.message).collect();
    messages.sort_unstable();
    messages.dedup();
    Ok(messages.len())
}

/// Notes that the user has looked at all of it.
pub(crate) async fn looked_at(store: &Store) -> Result<(), WorkerError> {
    let transaction = writing(store, &[EVENTS])?;
    for mut kept in find(&transaction, "fresh", None).await? {
        kept.telling = Telling::Done;
        put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
    }
    commit(transaction).await
}

async fn find(
    transaction: &Transaction,
    index: &str,
    key: Option<&str>,
) -> Result<Vec<KeptEvent>, WorkerError> {
    let records: Vec<EventRecord> = indexed(transaction, EVENTS, index, key).await?;
    Ok(records.into_iter().map(KeptEvent::from).collect())
}
