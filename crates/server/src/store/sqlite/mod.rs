//! The embedded database: one thread writes, a few connections read.

mod bundles;
mod keys;
mod maintenance;
mod reader;
mod schema;
mod writer;

pub(crate) use keys::claim_keys;
pub(crate) use maintenance::{backup, vacuum};

use crate::Failure;
use crate::metrics::Metrics;
use crate::store::{
    AccountRow, CredentialHash, Health, MessageRecord, NewEvent, Pending, Readiness, Recorded,
    Store, ask,
};
use crate::waiters::Waiters;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use kaifu_protocol::api::EventsPage;
use reader::Readers;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, oneshot};
use writer::Command;

/// How many commands may wait for the writer; more make their senders wait.
const QUEUE: usize = 4_096;

/// How many events one transaction of a purge removes, so that it delays nobody.
const PURGE_SLICE: u16 = 1_000;

struct Sqlite {
    writer: mpsc::Sender<Command>,
    readers: Readers,
    /// Whether the last transaction failed.
    failing: Arc<AtomicBool>,
}

/// Opens the database at `path`, creates or upgrades it where needed, and starts its writer, which
/// wakes `waiters` after each commit.
pub(crate) fn open(
    path: &Path,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
) -> Result<Arc<dyn Store>, Failure> {
    let connect = || {
        let connection = schema::open_or_create(path)?;
        let (sender, commands) = mpsc::channel(QUEUE);
        let failing = Arc::new(AtomicBool::new(false));
        writer::start(connection, commands, waiters, metrics, Arc::clone(&failing))?;
        Ok(Sqlite {
            writer: sender,
            readers: Readers::new(path),
            failing,
        })
    };
    match connect() {
        Ok(store) => Ok(Arc::new(store)),
        Err(source) => Err(Failure::Database {
            path: path.to_owned(),
            source,
        }),
    }
}

impl Store for Sqlite {
    fn record(&self, open: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(ask(&self.writer, move |reply| Command::Record(open, reply)))
    }

    fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Pending<'_, bool> {
        Box::pin(ask(&self.writer, move |reply| Command::CreateAccount {
            id,
            credential,
            at,
            reply,
        }))
    }

    fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Pending<'_, Option<AccountRow>> {
        Box::pin(
            self.readers
                .read(move |connection| reader::account_with(connection, account, credential)),
        )
    }

    fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Pending<'_, Option<EventsPage>> {
        Box::pin(
            self.readers
                .read(move |connection| reader::events_after(connection, account, after, limit)),
        )
    }

    fn settle(&self, minute: i64) -> Pending<'_, bool> {
        Box::pin(async move {
            let slice = u64::from(PURGE_SLICE);
            while ask(&self.writer, |reply| Command::Settle(minute, reply)).await? == slice {}
            self.readers.read(reader::has_floods).await
        })
    }

    fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Pending<'_, Option<MessageRecord>> {
        Box::pin(
            self.readers
                .read(move |connection| reader::message(connection, account, message)),
        )
    }

    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()> {
        Box::pin(async move {
            // The search goes through all of the account's events, so the readers do it.
            let keys = self
                .readers
                .read(move |connection| reader::keys_of(connection, account, message))
                .await?;
            for slice in keys.chunks(PURGE_SLICE.into()) {
                ask(&self.writer, |reply| Command::Remove(slice.to_vec(), reply)).await?;
            }
            ask(&self.writer, |reply| {
                Command::FinishErasing(account, message, reply)
            })
            .await
        })
    }

    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()> {
        Box::pin(ask(&self.writer, move |reply| {
            Command::DeleteAccount(account, reply)
        }))
    }

    fn purge(&self, before: Millis) -> Pending<'_, u64> {
        Box::pin(async move {
            let mut removed = 0;
            for bundle in self.readers.read(bundles::all).await? {
                let mut from = (0, 0);
                loop {
                    // Looking for old events can take long in a large database, so the readers do it.
                    let old = self.readers.read(move |connection| {
                        reader::opens_before(connection, bundle, before, from, PURGE_SLICE)
                    });
                    let old = old.await?;
                    let Some(last) = old.last() else { break };
                    from = (last.account, last.seq);
                    removed += ask(&self.writer, |reply| Command::Remove(old, reply)).await?;
                }
            }
            Ok(removed)
        })
    }

    fn health(&self) -> Health {
        Health {
            database_up: !self.writer.is_closed() && !self.failing.load(Ordering::Relaxed),
            spooled: 0,
        }
    }

    fn check(&self) -> Pending<'_, Readiness> {
        Box::pin(async {
            self.readers.read(reader::check).await?;
            ask(&self.writer, Command::Check).await?;
            Ok(Readiness::Ready)
        })
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            let (done, closed) = oneshot::channel();
            if self.writer.send(Command::Close(done)).await.is_ok() {
                // An error means that the writer is gone already.
                let _ = closed.await;
            }
        })
    }
}
