//! What emails came to when they were last judged, those of a day in one value: to read thousands of values
//! takes the browser many times as long.
//!
//! A summary is there or missing, never wrong: whatever changes an email, its events or the sender's
//! views of it takes its summary out in the same transaction.

use super::kept::{KeptMessage, Summary};
use super::records::{Head, head, message_of, pack, pack_into, packs, unpack};
use super::{MESSAGES, SUMMARIES, Store, commit, reading, writing};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use js_sys::{Array, Uint8Array};
use kaifu_chrome::clock::to_js;
use kaifu_core::time::{DAY, Millis};
use std::collections::HashSet;
use wasm_bindgen::JsValue;

/// Under this stands what the summaries were made by; in the order of keys it is before all of them.
const STAMP: &str = "stamp";

/// The key of the summaries of the messages that were sent on a day.
fn key(day: i64) -> Array {
    Array::of1(&to_js(Millis(day)).into())
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

/// Summaries as they are kept, and what they lack.
pub(crate) struct Found {
    days: Vec<Vec<u8>>,
    /// The messages that have none.
    pub(crate) missing: Vec<String>,
}

impl Found {
    /// What is looked for.
    pub(crate) fn heads(&self) -> impl Iterator<Item = Head<'_>> {
        self.days.iter().flat_map(|day| packs(day)).filter_map(head)
    }

    /// Takes in what was missing.
    pub(crate) fn add(&mut self, summaries: &[Summary]) {
        let mut packed = Vec::new();
        for summary in summaries {
            pack_into(&mut packed, &pack(summary));
        }
        self.days.push(packed);
        self.missing.clear();
    }

    /// The summaries that can be read.
    pub(crate) fn unpacked(&self) -> impl Iterator<Item = Summary> {
        self.days
            .iter()
            .flat_map(|day| packs(day))
            .filter_map(unpack)
    }
}

/// The summaries of the messages sent since the beginning of the day of a point in time, or ever.
pub(crate) async fn since(store: &Store, since: Option<Millis>) -> Result<Found, WorkerError> {
    let transaction = reading(store, &[MESSAGES, SUMMARIES])?;
    let day = since.map(Millis::day);
    let first = day.map_or_else(Array::new, key);
    let range = Query::KeyRange(KeyRange::lower_bound(&first, None)?);
    let found = transaction.object_store(SUMMARIES)?;
    let found = found.get_all(Some(range), None)?.await?.into_iter();
    let days: Vec<Vec<u8>> = found.map(|day| Uint8Array::from(day).to_vec()).collect();
    let there = || days.iter().flat_map(|day| packs(day));
    let all = transaction.object_store(MESSAGES)?;
    let messages = all.index("sent_at")?;
    let sent = || match day {
        Some(day) => {
            let range = KeyRange::lower_bound(&to_js(Millis(day * DAY)).into(), None)?;
            Ok::<_, WorkerError>(Some(Query::KeyRange(range)))
        }
        None => Ok(None),
    };
    let mut missing = Vec::new();
    // Each summary belongs to a message, as they go together.
    let count = match sent()? {
        // Counting everything takes no index.
        None => all.count(None)?,
        range => messages.count(range)?,
    };
    if count.await? as usize != there().count() {
        let known: HashSet<&str> = there().filter_map(message_of).collect();
        let all = messages.get_all_keys(sent()?, None)?.await?.into_iter();
        let all = all.filter_map(|message| message.as_string());
        missing.extend(all.filter(|message| !known.contains(message.as_str())));
    }
    Ok(Found { days, missing })
}

/// Keeps `summaries`, in the place of any earlier ones of the same messages; `transaction` writes the
/// summaries.
pub(crate) async fn keep(
    transaction: &Transaction,
    summaries: &[Summary],
) -> Result<(), WorkerError> {
    let mut days: Vec<i64> = summaries.iter().map(|it| it.kept.sent_at.day()).collect();
    days.dedup();
    for day in days {
        let of_day = || (summaries.iter()).filter(|it| it.kept.sent_at.day() == day);
        let is_other = |pack: &&[u8]| {
            let message = message_of(pack);
            !of_day().any(|it| message == Some(&it.kept.message))
        };
        let mut packed = Vec::new();
        for other in packs(&of(transaction, day).await?).filter(is_other) {
            pack_into(&mut packed, other);
        }
        for summary in of_day() {
            pack_into(&mut packed, &pack(summary));
        }
        put(transaction, day, &packed).await?;
    }
    Ok(())
}

/// Removes the summary of `kept`, of which something changes; `transaction` writes the summaries.
pub(super) async fn forget(
    transaction: &Transaction,
    kept: &KeptMessage,
) -> Result<(), WorkerError> {
    let day = kept.sent_at.day();
    let before = of(transaction, day).await?;
    let mut packed = Vec::with_capacity(before.len());
    for pack in packs(&before) {
        if message_of(pack) != Some(&kept.message) {
            pack_into(&mut packed, pack);
        }
    }
    if packed.len() != before.len() {
        put(transaction, day, &packed).await?;
    }
    Ok(())
}

/// The summaries of a day.
async fn of(transaction: &Transaction, day: i64) -> Result<Vec<u8>, WorkerError> {
    let summaries = transaction.object_store(SUMMARIES)?;
    let found = summaries.get(JsValue::from(key(day)))?.await?;
    Ok(found.map_or_else(Vec::new, |day| Uint8Array::from(day).to_vec()))
}

async fn put(transaction: &Transaction, day: i64, packed: &[u8]) -> Result<(), WorkerError> {
    let summaries = transaction.object_store(SUMMARIES)?;
    summaries
        .put(&Uint8Array::from(packed), Some(&key(day)))?
        .await?;
    Ok(())
}

/// Removes the summaries of the days up to that of `before`; `transaction` writes them. What was sent later
/// on that day is judged again.
pub(super) async fn forget_old(
    transaction: &Transaction,
    before: Millis,
) -> Result<(), WorkerError> {
    let old = KeyRange::bound(&Array::new(), &key(before.day()), None, None)?;
    let summaries = transaction.object_store(SUMMARIES)?;
    Ok(summaries.delete(Query::KeyRange(old))?.await?)
}
