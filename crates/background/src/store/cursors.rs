//! How far each account's server was heard.

use super::kept::Heard;
use super::records::CursorRecord;
use super::{CURSORS, Store, all, commit, get, put, reading, writing};
use crate::clocks;
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_chrome::clock::now;
use kaifu_core::clock::{Answer, Clocks};

/// How far the events of `account` are known: the sequence number of the last one.
pub(crate) async fn cursor(store: &Store, account: &str) -> Result<u64, WorkerError> {
    Ok(find(&reading(store, &[CURSORS])?, account).await?.cursor)
}

/// What was heard from the server of each account; `transaction` reads the cursors.
pub(crate) async fn heard(transaction: &Transaction) -> Result<Vec<(String, Heard)>, WorkerError> {
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

/// What is known of the clocks now, of the browser's and of that of the server of `account`;
/// `transaction` reads the cursors.
pub(super) async fn clocks(
    transaction: &Transaction,
    account: Option<&str>,
) -> Result<Option<Clocks>, WorkerError> {
    let Some(account) = account else {
        return Ok(None);
    };
    let known = find(transaction, account).await?.clocks;
    Ok(Some(known.now(clocks::set_since_heard(account))))
}

/// Keeps what the answer that made `account` told of the clocks.
pub(crate) async fn begin(store: &Store, account: &str, answer: Answer) -> Result<(), WorkerError> {
    change(store, account, &|heard| {
        heard.at = now();
        heard.clocks = Clocks::default().heard(answer);
    })
    .await?;
    clocks::heard(account);
    Ok(())
}

/// Keeps that the server of `account` was asked and did not answer.
pub(crate) async fn unanswered(store: &Store, account: &str) -> Result<(), WorkerError> {
    change(store, account, &|heard| {
        heard.absences.unanswered(heard.at, now());
    })
    .await
}

async fn change(
    store: &Store,
    account: &str,
    change: &dyn Fn(&mut Heard),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[CURSORS])?;
    let mut heard = find(&transaction, account).await?;
    change(&mut heard);
    keep(&transaction, account, heard).await?;
    commit(transaction).await
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
