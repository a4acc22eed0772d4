//! What is known of the accounts that servers have given this installation: one in use for each server,
//! and those that were in use before. None is ever lost, since emails of it may still be opened.

use crate::error::WorkerError;
use crate::settings;
use crate::store::records::{AccountRecord, AccountsRecord, FormerRecord};
use futures_util::lock::Mutex;
use kaifu_chrome::storage;
use kaifu_core::backend::BackendUrl;
use kaifu_core::mail::pixel::own_prefix;
use kaifu_protocol::api::NewAccount;
use std::rc::Rc;

pub(crate) const KEY: &str = "accounts";
pub(crate) const FORMER: &str = "former_accounts";
pub(crate) const REFUSED: &str = "refused_accounts";

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
    let in_use = records().await?.0.into_iter();
    let former = former().await?.into_iter();
    let mut known = Vec::new();
    let all = in_use.chain(former.map(|it| (it.backend, it.given)));
    Ok(all
        .filter_map(|(backend, record)| Some(account(backend.parse().ok()?, record, &refused)))
        .filter(|account| insert(&mut known, &account.given.account))
        .collect())
}

fn account(backend: BackendUrl, record: AccountRecord, refused: &[String]) -> Account {
    let given = NewAccount::from(record);
    Account {
        backend,
        refused: refused.contains(&given.account),
        given,
    }
}

async fn records() -> Result<AccountsRecord, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

async fn former() -> Result<Vec<FormerRecord>, WorkerError> {
    Ok(storage::local::get(FORMER).await?.unwrap_or_default())
}

async fn refused() -> Result<Vec<String>, WorkerError> {
    Ok(storage::local::get(REFUSED).await?.unwrap_or_default())
}

/// Adds `id` where it is not among `all` yet. True when it was not.
fn insert(all: &mut Vec<String>, id: &str) -> bool {
    let is_new = !all.iter().any(|known| known == id);
    if is_new {
        all.push(id.to_owned());
    }
    is_new
}

/// The account in use on `backend`; `None` until that has given one.
pub(crate) async fn on(backend: &BackendUrl) -> Result<Option<Account>, WorkerError> {
    let refused = refused().await?;
    let (address, mut all) = (backend.to_string(), records().await?.0.into_iter());
    let record = all.find(|(other, _)| *other == address);
    Ok(record.map(|(_, record)| account(backend.clone(), record, &refused)))
}

/// The account on the server in use; `None` until that has given one.
pub(crate) async fn current() -> Result<Option<Account>, WorkerError> {
    on(&settings::load().await?.backend).await
}

/// The accounts whose emails are followed: all but those that their servers no longer know.
pub(crate) async fn followed() -> Result<Vec<String>, WorkerError> {
    let known = all().await?.into_iter().filter(|account| !account.refused);
    Ok(known.map(|account| account.given.account).collect())
}

/// What the addresses of the images of every account begin with that was ever given.
pub(crate) async fn own_images() -> Result<Vec<String>, WorkerError> {
    let of = |account: Account| {
        let id = account.given.account.parse().ok()?;
        Some(own_prefix(&account.backend, id))
    };
    Ok(all().await?.into_iter().filter_map(of).collect())
}

thread_local! {
    /// Held while what is stored is changed.
    static CHANGING: Rc<Mutex<()>> = Rc::default();
}

/// Keeps what `backend` gave, and what was in use there before beside it.
pub(crate) async fn keep(backend: &BackendUrl, given: NewAccount) -> Result<(), WorkerError> {
    let changing = CHANGING.with(Rc::clone);
    let _turn = changing.lock().await;
    let (address, mut accounts) = (backend.to_string(), records().await?);
    let in_use = accounts.0.iter_mut().find(|(other, _)| *other == address);
    if let Some((backend, in_use)) = in_use {
        let before = FormerRecord {
            backend: backend.clone(),
            given: std::mem::replace(in_use, given.into()),
        };
        let mut former = former().await?;
        former.push(before);
        storage::local::set(FORMER, &former).await?;
    } else {
        accounts.0.push((address, given.into()));
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
    let before = all.len();
    if refuses {
        insert(&mut all, id);
    } else {
        all.retain(|other| other != id);
    }
    storage::local::set(REFUSED, &all).await?;
    Ok(all.len() != before)
}
