//! The embedded database: one thread writes, a few connections read.

mod checkpointer;
mod command;
mod ends;
mod graves;
mod keys;
mod operator;
mod reader;
mod readers;
mod replay;
mod restore;
mod schema;
mod segments;
mod sequences;
mod sweeper;
mod transaction;
mod unopened;
mod writer;

pub(crate) use keys::claim_keys;
pub(crate) use operator::{backup, vacuum};
pub(crate) use restore::{Since, restore};

use crate::clock::Clock;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::journal::Journal;
use crate::store::{
    AccountRow, CredentialHash, Health, MessageRecord, NewEvent, Pending, Purged, Readiness,
    Recorded, Store, StoreError, ask, clock,
};
use crate::waiters::Waiters;
use checkpointer::Checkpointer;
use command::Command;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use kaifu_protocol::api::EventsPage;
use readers::Readers;
use segments::PURGE_SLICE;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sweeper::Sweeper;
use tokio::sync::{mpsc, oneshot};
use unopened::{Open, Unopened};
use writer::{Clearing, Shared};

/// How many commands may wait for the writer; more make their senders wait.
const QUEUE: usize = 4_096;

/// How many polls and credentials are looked up at once, and how long one may take.
const READERS: (usize, Duration) = (4, Duration::from_secs(5));

/// How many recipients' pages are looked up at once, and how long one may take: thousands of times
/// what it does take.
const SEARCHES: (usize, Duration) = (2, Duration::from_secs(1));

/// How many look for what is to be removed. However long it takes, nobody waits for it.
const SWEEPS: (usize, Duration) = (1, Duration::MAX);

/// How long whoever erases or deletes waits for what is hidden at once to be removed as well.
const REMOVAL: Duration = Duration::from_secs(2);

/// Between two looks whether the log is emptied.
const LOOK: Duration = Duration::from_millis(50);

struct Sqlite {
    writer: mpsc::Sender<Command>,
    readers: Readers,
    searches: Readers,
    sweeper: Arc<Sweeper>,
    checkpointer: Checkpointer,
    /// Whether the last transaction failed.
    failing: Arc<AtomicBool>,
    clock: Clock,
    /// Whether the log still holds what was removed.
    clearing: Arc<Clearing>,
}

/// Opens the database at `path`, creates or upgrades it where needed, and starts its writer, which
/// wakes `waiters` after each commit. Where the disk has no room for that now, the store says so to
/// whoever asks, and opens it when it has.
pub(crate) fn open(
    path: &Path,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
    clock: Clock,
) -> Result<Arc<dyn Store>, StoreError> {
    let path = path.to_owned();
    let open: Open = Arc::new(move || {
        open_now(
            &path,
            Arc::clone(&waiters),
            Arc::clone(&metrics),
            clock.clone(),
        )
    });
    match open() {
        Err(error) if error.is_about_disk() => {
            log!(
                Error,
                "the database cannot be opened: {error}; it is tried again each second; images \
                 are served and no event is kept meanwhile"
            );
            Ok(Arc::new(Unopened::start(error, open)))
        }
        outcome => outcome,
    }
}

fn open_now(
    path: &Path,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
    clock: Clock,
) -> Result<Arc<dyn Store>, StoreError> {
    let connection = schema::open_or_create(path, clock.now())?;
    let (sender, commands) = mpsc::channel(QUEUE);
    let (failing, clearing) = (Arc::<AtomicBool>::default(), Arc::<Clearing>::default());
    let shared = Shared {
        waiters,
        metrics,
        clock: clock.clone(),
        failing: Arc::clone(&failing),
        clearing: Arc::clone(&clearing),
        journal: Journal::beside(path),
    };
    writer::start(connection, commands, shared)?;
    let readers = |(connections, budget)| Readers::new(path, connections, budget);
    let sweeper = Arc::new(Sweeper::new(sender.clone(), readers(SWEEPS)));
    Ok(Arc::new(Sqlite {
        checkpointer: Checkpointer::start(path, sender.clone(), Arc::clone(&clearing))?,
        clearing,
        writer: sender,
        readers: readers(READERS),
        searches: readers(SEARCHES),
        sweeper,
        failing,
        clock,
    }))
}

impl Sqlite {
    /// Removes what is hidden, and waits for that, though not long.
    async fn sweep(&self) {
        let sweeping = tokio::spawn(Arc::clone(&self.sweeper).sweep());
        let gone = async {
            let _ = sweeping.await;
            // The log is not emptied all the time.
            while !self.clearing.is_done() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _ = tokio::time::timeout(REMOVAL, gone).await;
    }
}

impl Store for Sqlite {
    fn record(&self, event: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(ask(&self.writer, move |reply| {
            Command::Record(event, reply)
        }))
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
            // Without any count whose time is over there is nothing to write.
            let is_due = move |connection: &_| reader::has_floods_before(connection, minute);
            while self.readers.read(is_due).await?
                && ask(&self.writer, |reply| Command::Settle(minute, reply)).await? == slice
            {
            }
            self.readers.read(reader::has_floods).await
        })
    }

    fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Pending<'_, Option<MessageRecord>> {
        Box::pin(
            self.searches
                .read(move |connection| reader::message(connection, account, message)),
        )
    }

    fn allow(&self, undo: NewEvent) -> Pending<'_, Recorded> {
        Box::pin(ask(&self.writer, move |reply| Command::Allow(undo, reply)))
    }

    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()> {
        Box::pin(async move {
            // Whoever erases what never was has nobody write, sync or look through anything.
            let has = move |connection: &_| reader::has_message(connection, account, message);
            if !self.searches.read(has).await? {
                return Ok(());
            }
            ask(&self.writer, |reply| {
                Command::Erase(account, message, reply)
            })
            .await?;
            self.sweep().await;
            Ok(())
        })
    }

    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()> {
        Box::pin(async move {
            ask(&self.writer, |reply| Command::DeleteAccount(account, reply)).await?;
            self.sweep().await;
            Ok(())
        })
    }

    fn purge(&self, retention: Duration) -> Pending<'_, Purged> {
        Box::pin(async move {
            // What a former run left behind comes first.
            Arc::clone(&self.sweeper).sweep().await;
            let hour = ask(&self.writer, Command::Advance).await?;
            self.clock.believe(clock::begins(hour));
            let hours = i64::try_from(retention.as_secs() / 3_600).unwrap_or(i64::MAX);
            let before = clock::begins(hour.saturating_sub(hours));
            let (accounts, refusals) = self.sweeper.end(hour).await?;
            ask(&self.writer, |reply| Command::Compact(before, reply)).await?;
            if accounts > 0 {
                Arc::clone(&self.sweeper).sweep().await;
            }
            Ok(Purged {
                events: self.sweeper.purge(hour.saturating_sub(hours)).await?,
                accounts,
                refusals,
            })
        })
    }

    fn asked(&self, accounts: Vec<AccountId>) -> Pending<'_, ()> {
        Box::pin(ask(&self.writer, |reply| Command::Asked(accounts, reply)))
    }

    fn is_in_use(&self, account: AccountId) -> Pending<'_, bool> {
        Box::pin(
            self.readers
                .read(move |connection| ends::is_in_use(connection, account)),
        )
    }

    fn health(&self) -> Health {
        let database_up = !self.writer.is_closed() && !self.failing.load(Ordering::Relaxed);
        Health {
            database_up,
            readers_up: self.readers.are_up(),
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
            self.checkpointer.stop();
            let (done, closed) = oneshot::channel();
            if self.writer.send(Command::Close(done)).await.is_ok() {
                // An error means that the writer is gone already.
                let _ = closed.await;
            }
        })
    }
}
