//! All that is kept of emails as one text, and back.

use super::kept::{Asked, KeptEvent, KeptMessage, KeptView, Telling};
use super::records::{AskedRecord, EventRecord, MessageRecord, ViewRecord};
use super::{ASKED, EVENTS, MESSAGES, Store, VIEWS, commit, messages, readable, reading, writing};
use crate::error::WorkerError;
use idb::Transaction;
use js_sys::{Array, JSON, Object, Reflect};
use kaifu_chrome::convert::to_js;
use kaifu_protocol::call::Failure;
use serde::Serialize;
use std::collections::HashSet;
use wasm_bindgen::{JsCast as _, JsValue};

/// Says what the text is, under this name.
pub(crate) const FORMAT: &str = "format";
/// What it is: the number grows when an earlier version could no longer read it.
const KAIFU_EMAILS: &str = "kaifu-emails-1";

/// What is in it. What emails came to is made anew, and the rest is this browser's own affair.
const KEPT: [&str; 4] = [MESSAGES, EVENTS, VIEWS, ASKED];

/// How many emails and events are kept.
pub(crate) async fn count(store: &Store) -> Result<(u32, u32), WorkerError> {
    let transaction = reading(store, &[MESSAGES, EVENTS])?;
    let emails = transaction.object_store(MESSAGES)?.count(None)?.await?;
    let events = transaction.object_store(EVENTS)?.count(None)?.await?;
    Ok((emails, events))
}

/// All that is kept, as JSON.
pub(crate) async fn write(store: &Store) -> Result<String, WorkerError> {
    let transaction = reading(store, &KEPT)?;
    let all = Object::new();
    set(&all, FORMAT, &KAIFU_EMAILS.into())?;
    for store in KEPT {
        let found = transaction.object_store(store)?.get_all(None, None)?;
        let records: Array = found.await?.into_iter().collect();
        set(&all, store, &records)?;
    }
    Ok(JSON::stringify(&all).map_err(malformed)?.into())
}

/// Keeps the emails in `text` that are not known yet, with all that belongs to them. Returns how many
/// these are.
pub(crate) async fn read(store: &Store, text: &str) -> Result<u32, WorkerError> {
    let all = JSON::parse(text).map_err(malformed)?;
    let format = Reflect::get(&all, &FORMAT.into()).map_err(malformed)?;
    if format.as_string().as_deref() != Some(KAIFU_EMAILS) {
        return Err(Failure::Malformed.into());
    }
    let records = |store: &str| {
        let found = Reflect::get(&all, &store.into()).unwrap_or_default();
        // What is no list is as good as an empty one.
        found.dyn_into::<Array>().unwrap_or_default().to_vec()
    };
    let transaction = writing(store, &KEPT)?;
    let mut new: HashSet<String> = HashSet::new();
    for record in readable::<MessageRecord>(records(MESSAGES)) {
        let kept = KeptMessage::from(record);
        if messages::find_in(&transaction, &kept.message)
            .await?
            .is_none()
        {
            new.insert(kept.message.clone());
            put(&transaction, MESSAGES, &MessageRecord::from(kept))?;
        }
    }
    let is_new = |message: &String| new.contains(message);
    for record in readable::<EventRecord>(records(EVENTS)) {
        let kept = KeptEvent::from(record);
        if is_new(&kept.event.message) {
            // The user was told elsewhere.
            let telling = Telling::Done;
            put(
                &transaction,
                EVENTS,
                &EventRecord::from(KeptEvent { telling, ..kept }),
            )?;
        }
    }
    for record in readable::<ViewRecord>(records(VIEWS)) {
        if is_new(&record.message) {
            let message = record.message.clone();
            put(
                &transaction,
                VIEWS,
                &ViewRecord::new(message, KeptView::from(record)),
            )?;
        }
    }
    for record in readable::<AskedRecord>(records(ASKED)) {
        if is_new(&record.message) {
            let asked = Asked::from(&record);
            put(
                &transaction,
                ASKED,
                &AskedRecord::new(record.message, asked),
            )?;
        }
    }
    commit(transaction).await?;
    Ok(u32::try_from(new.len()).unwrap_or(u32::MAX))
}

/// Puts a record into its store. What went wrong is said at the end of the transaction.
fn put(transaction: &Transaction, store: &str, record: &impl Serialize) -> Result<(), WorkerError> {
    transaction
        .object_store(store)?
        .put(&to_js(record)?, None)?;
    Ok(())
}

/// Puts a value under a name.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), WorkerError> {
    Reflect::set(object, &name.into(), value).map_err(malformed)?;
    Ok(())
}

/// What is said of a text that the browser cannot take apart.
pub(crate) fn malformed(_: JsValue) -> WorkerError {
    Failure::Malformed.into()
}
