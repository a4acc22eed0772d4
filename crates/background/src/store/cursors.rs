//! How far each account's server was heard.

use super::kept::Heard;
use super::records::CursorRecord;
use super::{CURSORS, Store, all, get, put, reading};
use crate::error::WorkerError;
use idb::Transaction;
use std::collections::BTreeMap;

/// How far the events of `account` are known: the sequence number of the last one.
pub(crate) async fn cursor(store: &Store, account: &str) -> Result<u64, WorkerError> {
    Ok(find(&reading(store, &[CURSORS])?, account).await?.cursor)
}

/// What was heard from the server of each account; `transaction` reads the cursors.
pub(crate) async fn heard(
    transaction: &Transaction,
) -> Result<BTreeMap<String, Heard>, WorkerError> {
    let records: Vec<CursorRecord> = all(transaction, CURSORS).await?;
    Ok(records
        .into_iter()
        .map(|record| (record.account.clone(), record.into()))
        .collect())
}

/// What was heard from the server of `account`, where anything was; `transaction` reads the cursors.
pub(super) async fn find(transaction: &Transaction, account: &str) -> Result<Heard, WorkerError> {
    let found: Option<CursorRecord> = get(transaction, CURSORS, account).await?;
    Ok(found.map(Heard::from).unwrap_or_default())
}

/// Keeps what was heard from the server of `account`; `transaction` writes the cursors.
pub(super) async fn keep(
    transaction: &Transaction,
    account: &str,
    heard: Heard,
) -> Result<(), WorkerError> {
    let record = CursorRecord::new(account, heard);
    put(transaction, CURSORS, &record).await
}
