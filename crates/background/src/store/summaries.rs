//! What emails came to when they were last judged, by when they were sent and message.
//!
//! A summary is there or missing, never wrong: whatever changes an email, its events or the sender's
//! views of it takes its summary out in the same transaction.

use super::kept::{KeptMessage, Summary};
use super::records::{pack, unpack};
use super::{MESSAGES, SUMMARIES, Store, commit, reading, writing};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use js_sys::{Array, Uint8Array};
use kaifu_chrome::clock::to_js;
use kaifu_core::time::Millis;
use std::collections::HashSet;
use wasm_bindgen::JsValue;

/// Under this stands what the summaries were made by; in the order of keys it is before all of them.
const STAMP: &str = "stamp";

/// The key of the summary of a message that was sent at `sent_at`.
fn key(sent_at: Millis, message: &str) -> JsValue {
    Array::of2(&to_js(sent_at).into(), &message.into()).into()
}

/// The keys of the messages that were sent since a point in time, or ever.
fn all_since(since: Option<Millis>) -> Result<Query, WorkerError> {
    let first = Array::new();
    if let Some(since) = since {
        first.push(&to_js(since).into());
    }
    Ok(Query::KeyRange(KeyRange::lower_bound(&first, None)?))
}

/// The keys, in the index of times of sending, of the messages that were sent since a point in time;
/// with none, of all.
fn sent_since(since: Option<Millis>) -> Result<Option<Query>, WorkerError> {
    let range = since.map(|since| KeyRange::lower_bound(&to_js(since).into(), None));
    Ok(range.transpose()?.map(Query::KeyRange))
}

/// Removes every summary where they were not made by what `stamp` names.
pub(crate) async fn renew(store: &Store, stamp: &str) -> Result<(), WorkerError> {
    let stamped = reading(store, &[SUMMARIES])?
        .object_store(SUMMARIES)?
        .get(JsValue::from_str(STAMP))?
        .await?;
    if stamped.and_then(|it| it.as_string()).as_deref() == Some(stamp) {
        return Ok(());
    }
    let transaction = writing(store, &[SUMMARIES])?;
    let summaries = transaction.object_store(SUMMARIES)?;
    summaries.clear()?.await?;
    let stamp = JsValue::from_str(stamp);
    summaries.put(&stamp, Some(&STAMP.into()))?.await?;
    commit(transaction).await
}

/// The messages sent since a point in time, or ever, that have no summary.
pub(crate) async fn missing(
    store: &Store,
    since: Option<Millis>,
) -> Result<Vec<String>, WorkerError> {
    let transaction = reading(store, &[MESSAGES, SUMMARIES])?;
    let messages = transaction.object_store(MESSAGES)?.index("sent_at")?;
    let summaries = transaction.object_store(SUMMARIES)?;
    let sent = || sent_since(since);
    let all = messages.count(sent()?)?.await?;
    let there = summaries.count(Some(all_since(since)?))?.await?;
    // Each belongs to a message, as they go together.
    if all == there {
        return Ok(Vec::new());
    }
    let keys = summaries.get_all_keys(Some(all_since(since)?), None)?;
    let keys = keys.await?.into_iter();
    let there: HashSet<String> = keys
        .filter_map(|key| Array::from(&key).get(1).as_string())
        .collect();
    let all = messages.get_all_keys(sent()?, None)?.await?.into_iter();
    let all = all.filter_map(|message| message.as_string());
    Ok(all.filter(|message| !there.contains(message)).collect())
}

/// The summaries of the messages sent since a point in time, or ever; `transaction` reads them.
pub(crate) async fn since(
    transaction: &Transaction,
    since: Option<Millis>,
) -> Result<Vec<Summary>, WorkerError> {
    let found = transaction
        .object_store(SUMMARIES)?
        .get_all(Some(all_since(since)?), None)?
        .await?;
    let packed = found
        .into_iter()
        .map(|value| Uint8Array::from(value).to_vec());
    Ok(packed.filter_map(|packed| unpack(&packed)).collect())
}

/// Keeps `summary`; `transaction` writes the summaries.
pub(crate) async fn keep(transaction: &Transaction, summary: &Summary) -> Result<(), WorkerError> {
    let packed = Uint8Array::from(pack(summary).as_slice());
    let key = key(summary.kept.sent_at, &summary.kept.message);
    let summaries = transaction.object_store(SUMMARIES)?;
    summaries.put(&packed, Some(&key))?.await?;
    Ok(())
}

/// Removes the summary of `kept`, of which something changes; `transaction` writes the summaries.
pub(super) async fn forget(
    transaction: &Transaction,
    kept: &KeptMessage,
) -> Result<(), WorkerError> {
    let key = key(kept.sent_at, &kept.message);
    let summaries = transaction.object_store(SUMMARIES)?;
    Ok(summaries.delete(key)?.await?)
}

/// Removes the summaries of the messages sent up to `before`; `transaction` writes them.
pub(super) async fn forget_old(
    transaction: &Transaction,
    before: Millis,
) -> Result<(), WorkerError> {
    // A list sorts behind every number and text.
    let last = Array::of2(&to_js(before).into(), &Array::new());
    let old = KeyRange::bound(&Array::new(), &last, None, None)?;
    let summaries = transaction.object_store(SUMMARIES)?;
    Ok(summaries.delete(Query::KeyRange(old))?.await?)
}
