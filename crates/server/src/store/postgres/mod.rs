//! PostgreSQL, which any number of servers can share.
//!
//! One connection stores events in batches, a few are for reading, one is for maintenance, and one
//! listens to the other servers. While the database is away, events wait in the spool.

mod batch;
mod batch_writer;
mod change;
mod ends;
mod graves;
mod in_flight;
mod indexes;
mod journal;
mod keys;
mod late;
mod listener;
mod maintenance;
mod position;
mod reader;
mod recent;
mod replay;
mod retention;
mod schema;
mod session;
mod slices;
mod spool;
mod status;
mod waiting;
mod writer;

pub(crate) use journal::restore;
pub(crate) use keys::claim_keys;

use crate::clock::Clock;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::{
    AccountRow, CredentialHash, Health, MessageRecord, NewEvent, Pending, Purged, Readiness,
    Recorded, Store, StoreError, ask,
};
use crate::waiters::Waiters;
use batch_writer::{BatchWriter, Identity};
use in_flight::InFlightBatches;
use journal::ServerJournal;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_protocol::api::EventsPage;
use maintenance::Maintenance;
use reader::{Purpose, Readers};
use recent::{RecentBatches, RecentChanges};
use session::{Address, Session};
use spool::Spool;
use status::Status;
use std::collections::VecDeque;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use waiting::Command;
use writer::Writer;

/// How many commands may wait for the writer; more make their senders wait.
const QUEUE: usize = 4_096;

/// How long whoever erases or deletes waits for what is hidden at once to be removed as well.
const REMOVAL: Duration = Duration::from_secs(2);

struct Postgres {
    writer: mpsc::Sender<Command>,
    readers: Arc<Readers>,
    searches: Readers,
    maintenance: Arc<Maintenance>,
    waiters: Arc<Waiters>,
    status: Arc<Status>,
    listener: JoinHandle<()>,
}

/// What a server counts and whom it wakes.
pub(crate) struct Surroundings {
    pub(crate) waiters: Arc<Waiters>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Clock,
}

/// Opens the spool in `data_dir` and the database, which may be away. With `needs_standby` nothing is
/// stored in it unless it names a synchronous standby.
pub(crate) async fn open(
    config: &Config,
    data_dir: &Path,
    needs_standby: bool,
    surroundings: Surroundings,
) -> Result<Arc<dyn Store>, StoreError> {
    let address = Address::new(config.clone())?;
    let path = data_dir.join("spool.db");
    let spool = Spool::open(&path).map_err(|reason| StoreError::Spool {
        path,
        reason: Arc::new(reason),
    })?;
    let identity = Identity {
        server: spool.server(),
        needs_standby,
    };
    let Surroundings {
        waiters,
        metrics,
        clock,
    } = surroundings;
    let (status, changes) = (Arc::<Status>::default(), Arc::<RecentChanges>::default());
    let journal = Arc::new(ServerJournal::within(data_dir));
    let acknowledged = spool.acknowledged();
    let connected = BatchWriter::connect(&address, &identity, acknowledged, &changes).await;
    let mut writer = Writer {
        address: address.clone(),
        identity,
        spool,
        waiters: Arc::clone(&waiters),
        metrics,
        status: Arc::clone(&status),
        connection: None,
        in_flight: InFlightBatches::default(),
        recent: RecentBatches::default(),
        changes: Arc::clone(&changes),
        journal: Arc::clone(&journal),
        again: VecDeque::new(),
        orphans: Vec::new(),
        went_back: None,
        blocked: None,
        late_limit: writer::BATCH,
        acknowledged,
        noted: Instant::now(),
        rested: Instant::now(),
    };
    match connected {
        Ok(connection) => writer.adopt(connection),
        Err(error) if error.is_lasting() => return Err(error),
        Err(error) => writer.missing(&error),
    }
    let (sender, commands) = mpsc::channel(QUEUE);
    tokio::spawn(writer.run(commands));
    Ok(Arc::new(Postgres {
        writer: sender,
        readers: Arc::new(Readers::new(address.clone(), Purpose::Polls)),
        searches: Readers::new(address.clone(), Purpose::Searches),
        maintenance: Arc::new(Maintenance::new(address.clone(), clock, changes, journal)),
        listener: tokio::spawn(listener::run(address, Arc::clone(&waiters))),
        waiters,
        status,
    }))
}

/// Gives the space of deleted rows back to the file system, as far as PostgreSQL does so while
/// others work.
pub(crate) async fn vacuum(config: &Config) -> Result<(), StoreError> {
    let session = Session::connect(&Address::new(config.clone())?).await?;
    session.batch_execute("SET statement_timeout = 0").await?;
    for table in [
        "events", "opens", "floods", "refusals", "lifted", "accounts", "servers",
    ] {
        session
            .batch_execute(&format!("VACUUM (ANALYZE) {table}"))
            .await?;
    }
    Ok(())
}

impl Postgres {
    /// Removes what is hidden, and waits for that, though not long.
    async fn sweep(&self) {
        let maintenance = Arc::clone(&self.maintenance);
        let sweeping = tokio::spawn(async move { maintenance.try_sweep().await });
        let _ = tokio::time::timeout(REMOVAL, sweeping).await;
    }
}

impl Store for Postgres {
    fn record(&self, event: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(async move {
            let refusal = (event.kind == EventKind::Refuse).then_some((
                event.account,
                event.message,
                event.until,
            ));
            let recorded = ask(&self.writer, move |reply| Command::Record(event, reply)).await?;
            if let Some((account, message, until)) = refusal
                && let Err(error) = self.maintenance.note_until(account, message, until).await
            {
                log!(Debug, "a refusal has no end yet: {error}");
            }
            Ok(recorded)
        })
    }

    fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Pending<'_, bool> {
        Box::pin(self.maintenance.create_account(id, credential, at))
    }

    fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Pending<'_, Option<AccountRow>> {
        Box::pin(async move {
            let found = self.readers.account_with(account, credential).await?;
            // An account that a failover took away comes again in a moment.
            if found.is_none()
                && self.maintenance.changes.has_made(account, credential)
                && !self.readers.is_gone(account).await?
            {
                return Err(StoreError::Away);
            }
            Ok(found)
        })
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
            let mut but = Vec::new();
            loop {
                let before = but.len();
                let accounts = self.maintenance.settle(minute, &mut but).await?;
                if accounts.is_empty() && but.len() == before {
                    return self.maintenance.has_floods().await;
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
        Box::pin(self.searches.message(account, message))
    }

    fn allow(&self, undo: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(async move {
            let account = undo.account;
            let is_lifted = self.maintenance.allow(&undo).await?;
            if !is_lifted {
                return Ok(Recorded::Dropped);
            }
            self.waiters.wake([account]);
            Ok(Recorded::Kept)
        })
    }

    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()> {
        Box::pin(async move {
            if self.searches.has_message(account, message).await? {
                self.maintenance.erase(account, message).await?;
                self.sweep().await;
            } else {
                self.maintenance.erase_nothing(account, message).await?;
            }
            Ok(())
        })
    }

    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()> {
        Box::pin(async move {
            self.maintenance.delete_account(account).await?;
            self.waiters.wake([account.id]);
            self.sweep().await;
            Ok(())
        })
    }

    fn purge(&self, retention: Duration) -> Pending<'_, Purged> {
        Box::pin(async move {
            self.maintenance.add_indexes().await;
            // What a former run left behind comes first.
            self.maintenance.try_sweep().await;
            let (hour, events) = self.maintenance.purge(retention).await?;
            let (accounts, refusals) = self.maintenance.end(hour).await?;
            self.maintenance.forget_journal(retention).await;
            if accounts > 0 {
                self.maintenance.try_sweep().await;
            }
            Ok(Purged {
                events,
                accounts,
                refusals,
            })
        })
    }

    fn asked(&self, accounts: Vec<AccountId>) -> Pending<'_, ()> {
        Box::pin(async move { self.maintenance.note_asked(&accounts).await })
    }

    fn is_in_use(&self, account: AccountId) -> Pending<'_, bool> {
        Box::pin(self.readers.is_in_use(account))
    }

    fn health(&self) -> Health {
        Health {
            database_up: self.status.is_up(),
            readers_up: self.readers.are_up(),
            spooled: self.status.spooled(),
        }
    }

    fn check(&self) -> Pending<'_, Readiness> {
        Box::pin(async {
            match ask(&self.writer, Command::Check).await? {
                Readiness::Ready if self.readers.check().await.is_err() => {
                    Ok(Readiness::Unreadable)
                }
                Readiness::Spooling => {
                    // Nobody waits for a database that is away, but its gauge tells the truth.
                    let readers = Arc::clone(&self.readers);
                    tokio::spawn(async move { readers.check().await });
                    Ok(Readiness::Spooling)
                }
                readiness => Ok(readiness),
            }
        })
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
