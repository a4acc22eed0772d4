//! The end of what is kept: emails that were sent long ago go with everything that is known of them.

use super::{
    ASKED, CURSORS, DRAFTS, EVENTS, MESSAGES, SUMMARIES, Store, VIEWS, commit, summaries, writing,
};
use crate::error::WorkerError;
use idb::{KeyRange, Query, Transaction};
use js_sys::Array;
use kaifu_chrome::clock::to_js;
use kaifu_chrome::convert::from_js;
use kaifu_core::time::Millis;
use serde::Deserialize;
use wasm_bindgen::JsValue;

/// How many emails, drafts, or events of an account go at once, so that nobody waits long for the
/// transaction's end.
const AT_ONCE: u32 = 200;

/// What an event's record is asked for here.
#[derive(Deserialize)]
struct Dated {
    seq: u64,
    at: i64,
}

/// Removes some of what is from `before` that time. True where an email went: there may be more.
pub(crate) async fn remove(store: &Store, before: Millis) -> Result<bool, WorkerError> {
    let transaction = writing(
        store,
        &[MESSAGES, DRAFTS, EVENTS, VIEWS, CURSORS, SUMMARIES, ASKED],
    )?;
    summaries::forget_old(&transaction, before).await?;
    let messages = older(&transaction, MESSAGES, "sent_at", before).await?;
    for message in &messages {
        for store in [EVENTS, VIEWS] {
            remove_of(&transaction, store, message).await?;
        }
        for store in [MESSAGES, ASKED] {
            remove_one(&transaction, store, message).await?;
        }
    }
    for draft in older(&transaction, DRAFTS, "used_at", before).await? {
        remove_one(&transaction, DRAFTS, &draft).await?;
    }
    let accounts = transaction.object_store(CURSORS)?;
    for account in accounts.get_all_keys(None, None)?.await? {
        remove_events(&transaction, &account, before).await?;
    }
    commit(transaction).await?;
    Ok(!messages.is_empty())
}

/// The keys of those in `store` whose `index` is a time up to `before`.
async fn older(
    transaction: &Transaction,
    store: &str,
    index: &str,
    before: Millis,
) -> Result<Vec<JsValue>, WorkerError> {
    let old = KeyRange::upper_bound(&to_js(before).into(), None)?;
    let index = transaction.object_store(store)?.index(index)?;
    let keys = index.get_all_keys(Some(Query::KeyRange(old)), Some(AT_ONCE))?;
    Ok(keys.await?)
}

async fn remove_of(
    transaction: &Transaction,
    store: &str,
    message: &JsValue,
) -> Result<(), WorkerError> {
    let index = transaction.object_store(store)?.index("message")?;
    let keys = index.get_all_keys(Some(Query::from(message.clone())), None)?;
    for key in keys.await? {
        remove_one(transaction, store, &key).await?;
    }
    Ok(())
}

async fn remove_one(
    transaction: &Transaction,
    store: &str,
    key: &JsValue,
) -> Result<(), WorkerError> {
    let store = transaction.object_store(store)?;
    Ok(store.delete(Query::from(key.clone()))?.await?)
}

/// Removes events of `account` that belong to no email that is kept: the oldest come first.
async fn remove_events(
    transaction: &Transaction,
    account: &JsValue,
    before: Millis,
) -> Result<(), WorkerError> {
    let key = |seq: f64| Array::of2(account, &seq.into()).into();
    let all = KeyRange::bound(&key(0.0), &key(f64::INFINITY), None, None)?;
    let events = transaction.object_store(EVENTS)?;
    let first = events.get_all(Some(Query::KeyRange(all)), Some(AT_ONCE))?;
    for event in first.await? {
        // What cannot be read is no older for that.
        let Ok(Dated { seq, at }) = from_js(event) else {
            continue;
        };
        if at > before.0 {
            break;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers of events are below 2^53"
        )]
        let key = key(seq as f64);
        remove_one(transaction, EVENTS, &key).await?;
    }
    Ok(())
}
