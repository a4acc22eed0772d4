//! What the user has forgotten, for as long as it can be taken back: in memory alone.

use super::{ASKED, EVENTS, MESSAGES, SUMMARIES, Store, VIEWS, commit, messages, writing};
use crate::error::WorkerError;
use idb::{Query, Transaction};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// All that is kept of an email, but what it came to: that is made anew.
const KEPT: [&str; 4] = [MESSAGES, EVENTS, VIEWS, ASKED];

thread_local! {
    /// What was forgotten last: records, and the stores that they were in.
    static LAST: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// Removes `messages` with everything that is known of them.
pub(crate) async fn forget(store: &Store, messages: &[String]) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, EVENTS, VIEWS, ASKED, SUMMARIES])?;
    let mut forgotten = Vec::new();
    for message in messages {
        for store in KEPT {
            for record in take(&transaction, store, message).await? {
                forgotten.push((store, record));
            }
        }
        messages::remove(&transaction, message).await?;
    }
    commit(transaction).await?;
    LAST.set(forgotten);
    Ok(())
}

/// Brings back what was forgotten last.
pub(crate) async fn bring_back(store: &Store) -> Result<(), WorkerError> {
    let forgotten = LAST.take();
    let transaction = writing(store, &KEPT)?;
    for (store, record) in &forgotten {
        transaction.object_store(store)?.put(record, None)?.await?;
    }
    commit(transaction).await
}

/// Takes what belongs to `message` out of `store`. The email itself stays until it is removed with its
/// summary.
async fn take(
    transaction: &Transaction,
    store: &'static str,
    message: &str,
) -> Result<Vec<JsValue>, WorkerError> {
    let query = || Query::from(JsValue::from_str(message));
    let objects = transaction.object_store(store)?;
    if matches!(store, EVENTS | VIEWS) {
        let index = objects.index("message")?;
        let records = index.get_all(Some(query()), None)?.await?;
        for key in index.get_all_keys(Some(query()), None)?.await? {
            objects.delete(Query::from(key))?.await?;
        }
        return Ok(records);
    }
    let found = objects.get(query())?.await?;
    if store == ASKED {
        objects.delete(query())?.await?;
    }
    Ok(found.into_iter().collect())
}
