//! A database that could not be opened when the server started, and is opened as soon as it can be:
//! on a full disk images are served all the same, and nobody has to start the server again.

use crate::logging::log;
use crate::store::{
    AccountRow, CredentialHash, Health, MessageRecord, NewEvent, Pending, Purged, Readiness,
    Recorded, Store, StoreError,
};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use kaifu_protocol::api::EventsPage;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// Opens the database.
pub(super) type Open = Arc<dyn Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync>;

/// Stands in for the database until it can be opened.
pub(super) struct Unopened {
    opened: Arc<OnceLock<Arc<dyn Store>>>,
    /// Why it could not be opened at the start.
    reason: StoreError,
    attempts: JoinHandle<()>,
}

impl Unopened {
    /// Calls `open`, which has failed for `reason`, again and again until it succeeds.
    pub(super) fn start(reason: StoreError, open: Open) -> Self {
        let opened = Arc::<OnceLock<_>>::default();
        Self {
            attempts: tokio::spawn(attempt(Arc::clone(&opened), open)),
            opened,
            reason,
        }
    }

    /// Has the database answer, once it is open.
    fn pass<'a, T: Send + 'a>(
        &'a self,
        ask: impl FnOnce(&'a dyn Store) -> Pending<'a, T>,
    ) -> Pending<'a, T> {
        match self.opened.get() {
            Some(store) => ask(store.as_ref()),
            None => Box::pin(ready(Err(self.reason.clone()))),
        }
    }
}

async fn attempt(opened: Arc<OnceLock<Arc<dyn Store>>>, open: Open) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let open = Arc::clone(&open);
        match tokio::task::spawn_blocking(move || open()).await {
            Ok(Ok(store)) => {
                log!(Info, "the database is open now");
                let _ = opened.set(store);
                return;
            }
            Ok(Err(error)) => log!(Error hourly, "the database cannot be opened: {error}"),
            Err(_) => return,
        }
    }
}

impl Drop for Unopened {
    fn drop(&mut self) {
        self.attempts.abort();
    }
}

impl Store for Unopened {
    fn record(&self, event: NewEvent) -> Pending<'_, Recorded> {
        self.pass(move |store| store.record(event))
    }

    fn allow(&self, undo: NewEvent) -> Pending<'_, Recorded> {
        self.pass(move |store| store.allow(undo))
    }

    fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Pending<'_, bool> {
        self.pass(move |store| store.create_account(id, credential, at))
    }

    fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Pending<'_, Option<AccountRow>> {
        self.pass(move |store| store.account_with(account, credential))
    }

    fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Pending<'_, Option<EventsPage>> {
        self.pass(move |store| store.events_after(account, after, limit))
    }

    fn settle(&self, minute: i64) -> Pending<'_, bool> {
        self.pass(move |store| store.settle(minute))
    }

    fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Pending<'_, Option<MessageRecord>> {
        self.pass(move |store| store.message(account, message))
    }

    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()> {
        self.pass(move |store| store.erase(account, message))
    }

    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()> {
        self.pass(move |store| store.delete_account(account))
    }

    fn purge(&self, retention: Duration) -> Pending<'_, Purged> {
        self.pass(move |store| store.purge(retention))
    }

    fn asked(&self, accounts: Vec<AccountId>) -> Pending<'_, ()> {
        self.pass(move |store| store.asked(accounts))
    }

    fn is_in_use(&self, account: AccountId) -> Pending<'_, bool> {
        self.pass(move |store| store.is_in_use(account))
    }

    fn health(&self) -> Health {
        self.opened.get().map_or(
            Health {
                database_up: false,
                readers_up: false,
                spooled: 0,
            },
            |store| store.health(),
        )
    }

    fn check(&self) -> Pending<'_, Readiness> {
        self.pass(|store| store.check())
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            self.attempts.abort();
            if let Some(store) = self.opened.get() {
                store.close().await;
            }
        })
    }
}
