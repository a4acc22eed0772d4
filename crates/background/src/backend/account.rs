//! Asking servers for accounts.

use crate::accounts::{self, Account};
use crate::backend::api;
use crate::backend::question::{self, Question};
use crate::backend::refusal::BackendError;
use crate::error::WorkerError;
use crate::request_rules;
use crate::store::{self, cursors};
use futures_util::lock::Mutex;
use kaifu_core::backend::BackendUrl;
use kaifu_core::clock::{Answer, Lead};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    /// Held for each server while an account is asked for, so that two callers do not get one each.
    static ASKING: RefCell<Vec<(String, Rc<Mutex<()>>)>> = const { RefCell::new(Vec::new()) };
}

fn asking(backend: &BackendUrl) -> Rc<Mutex<()>> {
    let backend = backend.to_string();
    ASKING.with_borrow_mut(|all| {
        if let Some((_, asking)) = all.iter().find(|(known, _)| *known == backend) {
            return Rc::clone(asking);
        }
        let asking = Rc::default();
        all.push((backend, Rc::clone(&asking)));
        asking
    })
}

/// The account on `backend`, asking for one only where there is none, and whether it is new.
pub(crate) async fn ensure(backend: &BackendUrl) -> Result<(Account, bool), AccountError> {
    let asking = asking(backend);
    let _turn = asking.lock().await;
    match accounts::on(backend).await? {
        Some(account) => Ok((account, false)),
        None => Ok((request(backend).await?, true)),
    }
}

/// Asks `backend` for another account, in the place of `refused`. The old one is kept beside it.
pub(crate) async fn replace(refused: &Account) -> Result<(), AccountError> {
    let backend = &refused.backend;
    let asking = asking(backend);
    let _turn = asking.lock().await;
    let present = accounts::on(backend)
        .await?
        .map(|account| account.given.account);
    if present.as_ref() == Some(&refused.given.account) {
        request(backend).await?;
    }
    Ok(())
}

async fn request(backend: &BackendUrl) -> Result<Account, AccountError> {
    let (given, lead) = {
        let question = Question::begin(backend, 0).await?;
        api::create_account(backend, &question).await?
    };
    accounts::keep(backend, given.clone()).await?;
    // Without it, the next answer tells.
    let _ = begin(&given.account, lead).await;
    // The alarm tries it again; the account is there whatever becomes of it.
    let _ = block_own_views().await;
    Ok(Account {
        backend: backend.clone(),
        given,
        refused: false,
    })
}

/// Keeps what the answer that made `account` told of the clocks, so that no email is sent before
/// anything is known of them.
async fn begin(account: &str, lead: Option<Lead>) -> Result<(), WorkerError> {
    let answer = Answer {
        lead,
        set: None,
        is_last: false,
    };
    cursors::begin(&store::open().await?, account, answer).await
}

/// Has every server delete each account that it has given. One that no longer knows an account has
/// deleted it.
pub(crate) async fn delete_all() -> Result<(), AccountError> {
    for account in accounts::all().await? {
        let question = Question::begin(&account.backend, 0).await?;
        let token = &account.given.api_token;
        match api::delete_account(&account.backend, token, &question).await {
            Ok(()) | Err(BackendError::Rejected) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Ends whatever is being asked of any server.
pub(crate) async fn end_questions() -> Result<(), WorkerError> {
    for account in accounts::all().await? {
        question::end(&account.backend);
    }
    Ok(())
}

/// Has the browser block the images of every account that was ever given on the sender's own pages.
pub(crate) async fn block_own_views() -> Result<(), WorkerError> {
    let all = accounts::all().await?;
    let of =
        |account: &Account| Some((account.backend.clone(), account.given.account.parse().ok()?));
    request_rules::block(all.iter().filter_map(of)).await
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
