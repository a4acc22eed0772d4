//! The accounts that backends have given this installation, one each.

use crate::backend::api::{self, BackendError};
use crate::error::WorkerError;
use crate::{request_rules, settings};
use futures_util::lock::Mutex;
use kaifu_chrome::storage;
use kaifu_protocol::api::NewAccount;
use std::collections::BTreeMap;
use std::rc::Rc;

const KEY: &str = "accounts";

/// An account, and the backend it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The backend's address.
    pub(crate) backend: String,
    /// What the backend gave.
    pub(crate) given: NewAccount,
}

/// Every account that was ever given, by the backend's address.
pub(crate) async fn all() -> Result<BTreeMap<String, NewAccount>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

/// The account on the backend in use; `None` until that has given one.
pub(crate) async fn current() -> Result<Option<Account>, WorkerError> {
    let backend = settings::load().await?.backend;
    Ok(all()
        .await?
        .remove(&backend)
        .map(|given| Account { backend, given }))
}

thread_local! {
    /// Held while an account is asked for, so that two callers do not get one each.
    static ASKING: Rc<Mutex<()>> = Rc::default();
}

/// The account on the backend in use, asking for one where there is none.
pub(crate) async fn ensure() -> Result<Account, AccountError> {
    let asking = ASKING.with(Rc::clone);
    let _turn = asking.lock().await;
    match current().await? {
        Some(account) => Ok(account),
        None => request_new().await,
    }
}

/// Asks the backend in use for a new account, in the place of one that it no longer knows.
pub(crate) async fn request_new() -> Result<Account, AccountError> {
    let backend = settings::load().await?.backend;
    let given = api::create_account(&backend).await?;
    let mut accounts = all().await?;
    accounts.insert(backend.clone(), given.clone());
    storage::local::set(KEY, &accounts)
        .await
        .map_err(WorkerError::from)?;
    request_rules::block(&accounts).await?;
    Ok(Account { backend, given })
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// The backend gave none.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The browser could not read or keep it.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}
