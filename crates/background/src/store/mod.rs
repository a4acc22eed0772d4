//! What is kept in IndexedDB, a module for each of its stores: they read and write records and
//! speak of them in our own types. The form of the records, and of what is in `chrome.storage`,
//! stands in `records`.

pub(crate) mod archive;
pub(crate) mod asked;
pub(crate) mod cursors;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod forgotten;
pub(crate) mod kept;
pub(crate) mod messages;
pub(crate) mod records;
pub(crate) mod retention;
pub(crate) mod summaries;
pub(crate) mod untracked;
pub(crate) mod views;

use crate::error::WorkerError;
use idb::event::VersionChangeEvent;
use idb::{
    Database, DatabaseEvent as _, Event as _, Factory, IndexParams, KeyPath, ObjectStore,
    ObjectStoreParams, Query, Request as _, Transaction, TransactionMode,
};
use js_sys::Reflect;
use kaifu_chrome::convert::{from_js, to_js};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

const NAME: &str = "kaifu";
const VERSION: u32 = 7;

pub(crate) const MESSAGES: &str = "messages";
pub(crate) const UNTRACKED: &str = "untracked";
/// Events; the store was named when opens were all there was.
const EVENTS: &str = "opens";
const CURSORS: &str = "cursors";
const DRAFTS: &str = "drafts";
const VIEWS: &str = "views";
const SUMMARIES: &str = "summaries";
const ASKED: &str = "asked";

/// The index of what the user asked by when they are to be reminded.
const REMIND_AT: &str = "remind_at";

/// The index of messages by mailbox and time of sending.
const BY_MAILBOX: &str = "mailbox";

/// The open database.
pub(crate) type Store = Rc<Database>;

thread_local! {
    static OPEN: RefCell<Option<Store>> = const { RefCell::new(None) };
}

/// The database. The browser may close it at any time, for trouble with the disk, for want of room, or
/// because site data is cleared, so that each use opens it again where that has happened.
pub(crate) async fn open() -> Result<Store, WorkerError> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        // A connection that is closed or closing takes no transaction; the browser may not have said so.
        if open
            .transaction(&[CURSORS], TransactionMode::ReadOnly)
            .is_ok()
        {
            return Ok(open);
        }
        forget();
    }
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        // An upgrade that throws leaves the open request to fail, which is reported there.
        let _ = upgrade(&event);
    });
    let mut database = request.await?;
    database.on_version_change(|_| forget());
    database.on_close(|_| forget());
    let open = Rc::new(database);
    OPEN.set(Some(open.clone()));
    Ok(open)
}

/// Closes the connection that is open, so that the next use opens another.
fn forget() {
    if let Some(open) = OPEN.take() {
        open.close();
    }
}

/// Brings the database of any earlier version to this one. These steps only grow.
fn upgrade(event: &VersionChangeEvent) -> Result<(), idb::Error> {
    let before = event.old_version()?;
    if before < 1 {
        create(&event.database()?)?;
    }
    let Some(transaction) = event.target()?.transaction() else {
        return Ok(());
    };
    let messages = transaction.object_store(MESSAGES)?;
    if before < 2 {
        let fields = KeyPath::new_array(["mailbox", "sent_at"]);
        messages.create_index(BY_MAILBOX, fields, Some(IndexParams::new()))?;
    }
    if before < 3 {
        index(&messages, "outcome")?;
        create_messages(&event.database()?, UNTRACKED)?;
        for store in [messages, transaction.object_store(UNTRACKED)?] {
            index(&store, "legacy_thread")?;
        }
    }
    if before < 4 {
        index(&transaction.object_store(DRAFTS)?, "chosen_at")?;
    }
    if before < 5 {
        // Its keys stand beside its values.
        let params = ObjectStoreParams::new();
        event.database()?.create_object_store(SUMMARIES, params)?;
    }
    if before < 6 {
        table(&event.database()?, ASKED, KeyPath::new_single("message"))?;
    }
    if before < 7 {
        index(&transaction.object_store(ASKED)?, REMIND_AT)?;
    }
    Ok(())
}

fn table(database: &Database, name: &str, key: KeyPath) -> Result<ObjectStore, idb::Error> {
    let mut params = ObjectStoreParams::new();
    params.key_path(Some(key));
    database.create_object_store(name, params)
}

fn index(store: &ObjectStore, field: &str) -> Result<(), idb::Error> {
    store
        .create_index(field, KeyPath::new_single(field), Some(IndexParams::new()))
        .map(drop)
}

fn create_messages(database: &Database, name: &str) -> Result<(), idb::Error> {
    let messages = table(database, name, KeyPath::new_single("message"))?;
    for field in ["sent_at", "thread"] {
        index(&messages, field)?;
    }
    Ok(())
}

fn create(database: &Database) -> Result<(), idb::Error> {
    let table = |name, key| table(database, name, key);
    create_messages(database, MESSAGES)?;
    let opens = table(EVENTS, KeyPath::new_array(["account", "seq"]))?;
    for field in ["message", "unannounced", "fresh"] {
        index(&opens, field)?;
    }
    table(CURSORS, KeyPath::new_single("account"))?;
    index(
        &table(VIEWS, KeyPath::new_array(["message", "at"]))?,
        "message",
    )?;
    index(&table(DRAFTS, KeyPath::new_single("draft"))?, "used_at")
}

/// Removes everything from every store.
pub(crate) async fn clear(database: &Database) -> Result<(), WorkerError> {
    let names = database.store_names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let transaction = writing(database, &names)?;
    for name in names {
        transaction.object_store(name)?.clear()?.await?;
    }
    commit(transaction).await
}

/// A transaction that may write to `stores`.
fn writing(database: &Database, stores: &[&str]) -> Result<Transaction, WorkerError> {
    Ok(database.transaction(stores, TransactionMode::ReadWrite)?)
}

/// A transaction that reads `stores`.
fn reading(database: &Database, stores: &[&str]) -> Result<Transaction, WorkerError> {
    Ok(database.transaction(stores, TransactionMode::ReadOnly)?)
}

/// What messages are judged from, what they came to, and what the user asked about them.
const JUDGED: [&str; 7] = [
    MESSAGES, UNTRACKED, EVENTS, VIEWS, CURSORS, SUMMARIES, ASKED,
];

/// A transaction that reads everything that messages are judged from.
pub(crate) fn reading_all(database: &Database) -> Result<Transaction, WorkerError> {
    reading(database, &JUDGED)
}

/// The same for one that keeps what they come to. Nothing else changes them meanwhile.
pub(crate) fn writing_all(database: &Database) -> Result<Transaction, WorkerError> {
    writing(database, &JUDGED)
}

async fn get<T: DeserializeOwned>(
    transaction: &Transaction,
    store: &str,
    key: &str,
) -> Result<Option<T>, WorkerError> {
    let found = transaction
        .object_store(store)?
        .get(JsValue::from_str(key))?
        .await?;
    // What cannot be read is as good as none, and is written anew.
    Ok(found.and_then(|value| from_js(value).ok()))
}

async fn put<T: Serialize>(
    transaction: &Transaction,
    store: &str,
    value: &T,
) -> Result<(), WorkerError> {
    transaction
        .object_store(store)?
        .put(&to_js(value)?, None)?
        .await?;
    Ok(())
}

async fn delete(transaction: &Transaction, store: &str, key: &str) -> Result<(), WorkerError> {
    transaction
        .object_store(store)?
        .delete(JsValue::from_str(key))?
        .await?;
    Ok(())
}

/// The values that have the shape of `T`: one that cannot be read costs itself alone.
fn readable<T: DeserializeOwned>(values: Vec<JsValue>) -> Vec<T> {
    let values = values.into_iter();
    values.filter_map(|value| from_js(value).ok()).collect()
}

async fn all<T: DeserializeOwned>(
    transaction: &Transaction,
    store: &str,
) -> Result<Vec<T>, WorkerError> {
    let found = transaction
        .object_store(store)?
        .get_all(None, None)?
        .await?;
    Ok(readable(found))
}

/// Everything in `store` whose `index` is `key`; with no key, everything that has the index.
async fn indexed<T: DeserializeOwned>(
    transaction: &Transaction,
    store: &str,
    index: &str,
    key: Option<&str>,
) -> Result<Vec<T>, WorkerError> {
    let query = key.map(|key| Query::from(JsValue::from_str(key)));
    let found = transaction
        .object_store(store)?
        .index(index)?
        .get_all(query, None)?
        .await?;
    Ok(readable(found))
}

/// The first `limit` records of `store` whose `index` is `key`.
async fn first_indexed<T: DeserializeOwned>(
    transaction: &Transaction,
    store: &str,
    index: &str,
    key: &str,
    limit: u32,
) -> Result<Vec<T>, WorkerError> {
    let query = Query::from(JsValue::from_str(key));
    let found = transaction
        .object_store(store)?
        .index(index)?
        .get_all(Some(query), Some(limit))?
        .await?;
    Ok(readable(found))
}

/// The `limit` records of `store` with the highest `index` in `range`, highest first.
async fn latest<T: DeserializeOwned>(
    transaction: &Transaction,
    store: &str,
    index: &str,
    range: Option<Query>,
    limit: u32,
) -> Result<Vec<T>, WorkerError> {
    let index = transaction.object_store(store)?.index(index)?;
    let mut found = Vec::new();
    let request = index.open_cursor(range, Some(idb::CursorDirection::Prev))?;
    let Some(cursor) = request.await? else {
        return Ok(found);
    };
    let mut cursor = cursor.into_managed();
    while let Some(value) = cursor.value()? {
        found.extend(from_js(value));
        if found.len() >= limit as usize {
            break;
        }
        cursor.next(None).await?;
    }
    Ok(found)
}

/// Waits until what `transaction` wrote is kept.
pub(crate) async fn commit(transaction: Transaction) -> Result<(), WorkerError> {
    // What is left of it when it is over says why it failed.
    let handle = JsValue::from(transaction);
    let ended = Transaction::try_from(handle.clone())?.await;
    if matches!(&ended, Ok(result) if result.is_committed()) {
        return Ok(());
    }
    let error = Reflect::get(&handle, &"error".into()).unwrap_or_default();
    Err(idb::Error::TransactionAbortError(error).into())
}
