//! The accounts that servers have given this installation: one in use for each server, and those that
//! were in use before. None is ever lost, since emails of it may still be opened.

use crate::backend::api;
use crate::backend::question::Question;
use crate::backend::refusal::BackendError;
use crate::error::WorkerError;
use crate::store::records::{AccountRecord, FormerRecord};
use crate::{request_rules, settings};
use futures_util::lock::Mutex;
use kaifu_chrome::storage;
use kaifu_core::backend::BackendUrl;
use kaifu_protocol::api::NewAccount;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const KEY: &str = "accounts";
const FORMER: &str = "former_accounts";
const REFUSED: &str = "refused_accounts";

/// An account, and the server it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The server.
    pub(crate) backend: BackendUrl,
    /// What the server gave.
    pub(crate) given: NewAccount,
    /// Whether the server has said that it does not know it.
    pub(crate) refused: bool,
}

/// Every account that was ever given; those in use on their servers first.
pub(crate) async fn all() -> Result<Vec<Account>, WorkerError> {
    let refused = refused().await?;
    let in_use = records().await?.into_iter();
    let former = former().await?.into_iter();
    let mut known = BTreeSet::new();
    let all = in_use.chain(former.map(|it| (it.backend, it.given)));
    Ok(all
        .filter_map(|(backend, record)| Some(account(backend.parse().ok()?, record, &refused)))
        .filter(|account| known.insert(account.given.account.clone()))
        .collect())
}

fn account(backend: BackendUrl, record: AccountRecord, refused: &BTreeSet<String>) -> Account {
    let given = NewAccount::from(record);
    Account {
        backend,
        refused: refused.contains(&given.account),
        given,
    }
}

async fn records() -> Result<BTreeMap<String, AccountRecord>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

async fn former() -> Result<Vec<FormerRecord>, WorkerError> {
    Ok(storage::local::get(FORMER).await?.unwrap_or_default())
}

async fn refused() -> Result<BTreeSet<String>, WorkerError> {
    Ok(storage::local::get(REFUSED).await?.unwrap_or_default())
}

/// The account in use on `backend`; `None` until that has given one.
pub(crate) async fn on(backend: &BackendUrl) -> Result<Option<Account>, WorkerError> {
    let refused = refused().await?;
    let record = records().await?.remove(&backend.to_string());
    Ok(record.map(|record| account(backend.clone(), record, &refused)))
}

/// The account on the server in use; `None` until that has given one.
pub(crate) async fn current() -> Result<Option<Account>, WorkerError> {
    on(&settings::load().await?.backend).await
}

/// The accounts whose emails are followed: all but those that their servers no longer know.
pub(crate) async fn followed() -> Result<BTreeSet<String>, WorkerError> {
    let known = all().await?.into_iter().filter(|account| !account.refused);
    Ok(known.map(|account| account.given.account).collect())
}

thread_local! {
    /// Held for each server while an account is asked for, so that two callers do not get one each.
    static ASKING: RefCell<BTreeMap<String, Rc<Mutex<()>>>> = const { RefCell::new(BTreeMap::new()) };
    /// Held while what is stored is changed.
    static CHANGING: Rc<Mutex<()>> = Rc::default();
}

fn asking(backend: &BackendUrl) -> Rc<Mutex<()>> {
    ASKING.with_borrow_mut(|all| Rc::clone(all.entry(backend.to_string()).or_default()))
}

/// The account on `backend`, asking for one only where there is none, and whether it is new.
pub(crate) async fn ensure(backend: &BackendUrl) -> Result<(Account, bool), AccountError> {
    let asking = asking(backend);
    let _turn = asking.lock().await;
    match on(backend).await? {
        Some(account) => Ok((account, false)),
        None => Ok((request(backend).await?, true)),
    }
}

/// Asks `backend` for another account, in the place of `refused`. The old one is kept beside it.
pub(crate) async fn replace(refused: &Account) -> Result<(), AccountError> {
    let backend = &refused.backend;
    let asking = asking(backend);
    let _turn = asking.lock().await;
    let present = on(backend).await?.map(|account| account.given.account);
    if present.as_ref() == Some(&refused.given.account) {
        request(backend).await?;
    }
    Ok(())
}

async fn request(backend: &BackendUrl) -> Result<Account, AccountError> {
    let given = {
        let question = Question::begin(backend, 0).await?;
        api::create_account(backend, &question).await?
    };
    keep(backend, given.clone()).await?;
    // The alarm tries it again; the account is there whatever becomes of it.
    let _ = block_own_views().await;
    Ok(Account {
        backend: backend.clone(),
        given,
        refused: false,
    })
}

async fn keep(backend: &BackendUrl, given: NewAccount) -> Result<(), WorkerError> {
    let changing = CHANGING.with(Rc::clone);
    let _turn = changing.lock().await;
    let mut accounts = records().await?;
    if let Some(before) = accounts.insert(backend.to_string(), given.into()) {
        let mut former = former().await?;
        former.push(FormerRecord {
            backend: backend.to_string(),
            given: before,
        });
        storage::local::set(FORMER, &former).await?;
    }
    Ok(storage::local::set(KEY, &accounts).await?)
}

/// Notes whether its server knows `account`, where that is news. True when it was.
pub(crate) async fn note_refused(account: &Account, refuses: bool) -> Result<bool, WorkerError> {
    if account.refused == refuses {
        return Ok(false);
    }
    let changing = CHANGING.with(Rc::clone);
    let _turn = changing.lock().await;
    let mut all = refused().await?;
    let id = &account.given.account;
    let news = if refuses {
        all.insert(id.clone())
    } else {
        all.remove(id)
    };
    storage::local::set(REFUSED, &all).await?;
    Ok(news)
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
