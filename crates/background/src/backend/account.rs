//! The accounts that servers have given this installation, one each.

use crate::backend::api::{self, BackendError};
use crate::error::WorkerError;
use crate::store::records::AccountRecord;
use crate::{request_rules, settings};
use futures_util::lock::Mutex;
use kaifu_chrome::storage;
use kaifu_core::backend::BackendUrl;
use kaifu_protocol::api::NewAccount;
use std::collections::BTreeMap;
use std::rc::Rc;

const KEY: &str = "accounts";

/// An account, and the server it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The server.
    pub(crate) backend: BackendUrl,
    /// What the server gave.
    pub(crate) given: NewAccount,
}

/// Every account that was ever given.
pub(crate) async fn all() -> Result<Vec<Account>, WorkerError> {
    let records = records().await?.into_iter();
    Ok(records
        .filter_map(|(backend, record)| {
            Some(Account {
                backend: backend.parse().ok()?,
                given: record.into(),
            })
        })
        .collect())
}

async fn records() -> Result<BTreeMap<String, AccountRecord>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

/// The account on `backend`; `None` until that has given one.
pub(crate) async fn on(backend: &BackendUrl) -> Result<Option<Account>, WorkerError> {
    let record = records().await?.remove(&backend.to_string());
    Ok(record.map(|record| Account {
        backend: backend.clone(),
        given: record.into(),
    }))
}

/// The account on the server in use; `None` until that has given one.
pub(crate) async fn current() -> Result<Option<Account>, WorkerError> {
    on(&settings::load().await?.backend).await
}

thread_local! {
    /// Held while an account is asked for, so that two callers do not get one each.
    static ASKING: Rc<Mutex<()>> = Rc::default();
}

/// The account on the server in use, asking for one where there is none.
pub(crate) async fn ensure() -> Result<Account, AccountError> {
    let asking = ASKING.with(Rc::clone);
    let _turn = asking.lock().await;
    match current().await? {
        Some(account) => Ok(account),
        None => request_new().await,
    }
}

/// Asks the server in use for a new account, in the place of one that it no longer knows.
pub(crate) async fn request_new() -> Result<Account, AccountError> {
    let backend = settings::load().await?.backend;
    let given = api::create_account(&backend).await?;
    let mut accounts = records().await?;
    accounts.insert(backend.to_string(), given.clone().into());
    storage::local::set(KEY, &accounts)
        .await
        .map_err(WorkerError::from)?;
    block_own_views().await?;
    Ok(Account { backend, given })
}

/// Has the browser block the images of every account that was ever given on the sender's own pages.
pub(crate) async fn block_own_views() -> Result<(), WorkerError> {
    let accounts = all().await?;
    let of =
        |account: &Account| Some((account.backend.clone(), account.given.account.parse().ok()?));
    request_rules::block(accounts.iter().filter_map(of)).await
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// The server gave none.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The browser could not read or keep it.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}
