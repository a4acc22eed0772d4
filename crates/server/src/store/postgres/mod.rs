//! PostgreSQL, which any number of servers can share.
//!
//! One connection stores events in batches, a few are for reading, one is for chores, and one
//! listens to the other servers. While the database is away, events wait in the spool.

mod batch;
mod chores;
mod flight;
mod keys;
mod link;
mod listener;
mod reader;
mod row;
mod schema;
mod session;
mod spool;
mod writer;

pub(crate) use keys::claim_keys;

use crate::Failure;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::{
    AccountRow, CredentialHash, Health, MessageRecord, NewEvent, Pending, Readiness, Recorded,
    Store, ask,
};
use crate::waiters::Waiters;
use chores::Chores;
use flight::Flights;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use kaifu_protocol::api::EventsPage;
use link::Link;
use reader::Readers;
use session::{Address, Session};
use spool::Spool;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use writer::{Command, Standing, Writer};

/// How many commands may wait for the writer; more make their senders wait.
const QUEUE: usize = 4_096;

struct Postgres {
    writer: mpsc::Sender<Command>,
    readers: Readers,
    chores: Chores,
    waiters: Arc<Waiters>,
    standing: Arc<Standing>,
    listener: JoinHandle<()>,
}

/// Opens the spool in `data_dir` and the database, which may be away.
pub(crate) async fn open(
    config: &Config,
    data_dir: &Path,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
) -> Result<Arc<dyn Store>, Failure> {
    let address = Address::new(config.clone()).map_err(|source| Failure::Postgres { source })?;
    let path = data_dir.join("spool.db");
    let (mut spool, server) = Spool::open(&path)
        .and_then(|spool| {
            let server = spool.server()?;
            Ok((spool, server))
        })
        .map_err(|source| Failure::Database { path, source })?;
    let link = match Link::connect(&address, server).await {
        Ok(link) => {
            spool
                .settle(link.last_batch())
                .map_err(|source| Failure::Postgres { source })?;
            Some(link)
        }
        Err(source) if source.is_lasting() => return Err(Failure::Postgres { source }),
        Err(error) => {
            log!(
                Error,
                "the database is away, events are kept in the spool: {error}"
            );
            None
        }
    };
    let standing = Arc::<Standing>::default();
    let writer = Writer {
        address: address.clone(),
        server,
        spool,
        waiters: Arc::clone(&waiters),
        metrics,
        standing: Arc::clone(&standing),
        link,
        flights: Flights::default(),
    };
    writer.show();
    let (sender, commands) = mpsc::channel(QUEUE);
    tokio::spawn(writer.run(commands));
    Ok(Arc::new(Postgres {
        writer: sender,
        readers: Readers::new(address.clone()),
        chores: Chores::new(address.clone()),
        listener: tokio::spawn(listener::run(address, Arc::clone(&waiters))),
        waiters,
        standing,
    }))
}

/// Gives the space of deleted rows back to the file system, as far as PostgreSQL does so while
/// others work.
pub(crate) async fn vacuum(config: &Config) -> Result<(), Failure> {
    let work = async {
        let session = Session::connect(&Address::new(config.clone())?).await?;
        session.batch_execute("SET statement_timeout = 0").await?;
        for table in ["opens", "floods", "refusals", "accounts", "servers"] {
            session
                .batch_execute(&format!("VACUUM (ANALYZE) {table}"))
                .await?;
        }
        Ok(())
    };
    work.await.map_err(|source| Failure::Postgres { source })
}

impl Store for Postgres {
    fn record(&self, open: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(ask(&self.writer, move |reply| Command::Record(open, reply)))
    }

    fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Pending<'_, bool> {
        Box::pin(self.chores.create_account(id, credential, at))
    }

    fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Pending<'_, Option<AccountRow>> {
        Box::pin(self.readers.account_with(account, credential))
    }

    fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Pending<'_, Option<EventsPage>> {
        Box::pin(self.readers.events_after(account, after, limit))
    }

    fn settle(&self, minute: i64) -> Pending<'_, bool> {
        Box::pin(async move {
            loop {
                let accounts = self.chores.settle(minute).await?;
                if accounts.is_empty() {
                    return self.chores.has_floods().await;
                }
                self.waiters.wake(accounts);
            }
        })
    }

    fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Pending<'_, Option<MessageRecord>> {
        Box::pin(self.readers.message(account, message))
    }

    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()> {
        Box::pin(self.chores.erase(account, message))
    }

    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()> {
        Box::pin(async move {
            self.chores.delete_account(account).await?;
            self.waiters.wake([account.id]);
            Ok(())
        })
    }

    fn purge(&self, before: Millis) -> Pending<'_, u64> {
        Box::pin(async move {
            let mut removed = 0;
            loop {
                match self.chores.purge(before).await? {
                    0 => return Ok(removed),
                    more => removed += more,
                }
            }
        })
    }

    fn health(&self) -> Health {
        Health {
            database_up: self.standing.up.load(Ordering::Relaxed),
            spooled: self.standing.spooled.load(Ordering::Relaxed),
        }
    }

    fn check(&self) -> Pending<'_, Readiness> {
        Box::pin(ask(&self.writer, Command::Check))
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            let (done, closed) = oneshot::channel();
            if self.writer.send(Command::Close(done)).await.is_ok() {
                // An error means that the writer is gone already.
                let _ = closed.await;
            }
            self.listener.abort();
        })
    }
}
