//! The one thread that writes. Everyone who waits shares a transaction and so a sync of the disk:
//! under load this stores events far faster than the disk can sync.

use super::command::{Applied, Command};
use super::schema;
use super::segments::Current;
use super::transaction::{Batch, State};
use crate::clock::Clock;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::StoreError;
use crate::store::clock::{self, Allowance};
use crate::store::journal::Journal;
use crate::waiters::Waiters;
use kaifu_core::id::AccountId;
use kaifu_core::time::Millis;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How many commands one transaction takes.
const BATCH: usize = 1_024;

/// How long to wait for readers before the log is left as it is.
const BRIEFLY: Duration = Duration::from_millis(50);

/// Between two times that the log is emptied, however much is removed.
const CLEAR_EVERY: Duration = Duration::from_secs(1);

/// What the writer shares with others.
pub(super) struct Shared {
    pub(super) waiters: Arc<Waiters>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
    /// What a restored copy is to be told.
    pub(super) journal: Journal,
    /// Whether the last transaction failed.
    pub(super) failing: Arc<AtomicBool>,
    /// Whether the log holds what was removed, and is to be emptied.
    pub(super) clearing: Arc<Clearing>,
}

/// Whether the log is to be emptied of what was removed: how often that was wanted, and up to which
/// time it was done.
#[derive(Default)]
pub(super) struct Clearing {
    wanted: AtomicU64,
    done: AtomicU64,
}

impl Clearing {
    fn want(&self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was wanted so far.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted.load(Ordering::Relaxed)
    }

    /// It was done after it was wanted so often.
    pub(super) fn done(&self, wanted: u64) {
        self.done.fetch_max(wanted, Ordering::Relaxed);
    }

    /// Whether nothing is left to do.
    pub(super) fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.wanted()
    }
}

/// Starts the thread.
pub(super) fn start(
    connection: Connection,
    commands: mpsc::Receiver<Command>,
    shared: Shared,
) -> Result<(), StoreError> {
    // Copying the log into the database is another thread's work, so that no image waits for it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    let hour = connection.query_row("SELECT hour FROM state", [], |row| row.get(0))?;
    shared.clock.believe(clock::begins(hour));
    let writer = Writer {
        state: State {
            segment: Current::find(&connection)?,
            earliest: None,
            allowance: Allowance::new(Instant::now()),
        },
        connection,
        shared,
        cleared: None,
    };
    std::thread::Builder::new()
        .name("store-writer".into())
        .spawn(|| writer.run(commands))?;
    Ok(())
}

struct Writer {
    connection: Connection,
    state: State,
    shared: Shared,
    /// When the log was last emptied.
    cleared: Option<Instant>,
}

impl Writer {
    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut closing = Vec::new();
        while let Some(first) = commands.blocking_recv() {
            // Whoever is about to send a command may do so first, which makes larger batches; with
            // nobody about, this returns at once.
            std::thread::yield_now();
            let mut batch = Vec::with_capacity(64);
            let mut next = Some(first);
            while let Some(command) = next {
                if matches!(command, Command::Close(_)) {
                    commands.close();
                    closing.push(command);
                } else {
                    batch.push(command);
                }
                next = (batch.len() < BATCH)
                    .then(|| commands.try_recv().ok())
                    .flatten();
            }
            self.write(batch);
        }
        // A close leaves one plain file behind; what fails here is mended at the next start.
        let _ = truncate_log(&self.connection);
        drop(self.connection);
        for command in closing {
            command.answer(Ok(Applied::default()));
        }
    }

    /// Writes `batch` in one transaction and answers everyone.
    fn write(&mut self, batch: Vec<Command>) {
        let (batch, checkpoints): (Vec<_>, Vec<_>) =
            (batch.into_iter()).partition(|command| !matches!(command, Command::Checkpoint(_)));
        if !batch.is_empty() {
            self.transact(batch);
        }
        for command in checkpoints {
            let rest = schema::checkpoint(&self.connection).map(|_| Applied::default());
            command.answer(rest.map_err(StoreError::from));
        }
    }

    fn transact(&mut self, batch: Vec<Command>) {
        let start = Instant::now();
        // A transaction that fails must leave no trace in memory either.
        let before = self.state.clone();
        let written = self.commit(&batch);
        self.shared
            .failing
            .store(written.is_err(), Ordering::Relaxed);
        let took = start.elapsed();
        match written {
            Ok((applied, news)) => {
                let has_removed = (batch.iter().zip(&applied))
                    .any(|(command, applied)| command.removes() && applied.rows > 0);
                if has_removed {
                    self.clear_log(&batch);
                }
                if applied.iter().any(|applied| applied.rows > 0) {
                    self.shared.metrics.commit(batch.len(), took);
                }
                self.shared.waiters.wake(news);
                for (command, applied) in batch.into_iter().zip(applied) {
                    command.answer(Ok(applied));
                }
            }
            Err(error) => {
                self.state = before;
                let error = StoreError::from(error);
                for command in batch {
                    command.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Writes `batch`; returns what came of each command, and the accounts that have news.
    fn commit(&mut self, batch: &[Command]) -> rusqlite::Result<(Vec<Applied>, Vec<AccountId>)> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = self.shared.clock.now();
        let entries: Vec<_> = (batch.iter())
            .filter_map(|command| command.entry(now))
            .collect();
        // First: to refuse twice does no harm, and to forget does. What is wished is done all the
        // same where the disk is full.
        if let Err(error) = self.shared.journal.append(&entries) {
            log!(
                Error,
                "a refusal, erasure or deletion is not in the journal: {error}"
            );
        }
        let mut work = Batch::begin(&transaction, &mut self.state, now)?;
        let applied = (batch.iter())
            .map(|command| work.apply(command))
            .collect::<rusqlite::Result<_>>()?;
        let news = work.finish()?;
        transaction.commit()?;
        for command in batch {
            if let Command::Compact(before, _) = command
                && let Err(error) = self.compact_journal(*before)
            {
                log!(Warn, "the journal could not be made shorter: {error}");
            }
        }
        Ok((applied, news))
    }

    /// Makes the journal shorter, by what ended with its account as well.
    fn compact_journal(&mut self, before: Millis) -> Result<(), StoreError> {
        let mut find = (self.connection).prepare_cached("SELECT 1 FROM accounts WHERE id = ?1")?;
        let mut ended = Vec::new();
        for account in self.shared.journal.named()? {
            if !find.exists([account.0])? {
                ended.push(account);
            }
        }
        Ok(self.shared.journal.compact(before, &ended)?)
    }

    /// Empties the log, which still holds what `batch` removed. A reader may be in the way, it is not
    /// done all the time, and after a whole account it may be long: then it is left to the thread that
    /// copies the log.
    fn clear_log(&mut self, batch: &[Command]) {
        let now = Instant::now();
        let is_long = (batch.iter()).any(|command| matches!(command, Command::CloseGrave(..)));
        let is_due = (self.cleared)
            .is_none_or(|cleared| now.saturating_duration_since(cleared) >= CLEAR_EVERY)
            && !is_long;
        let is_clear = is_due && truncate_log(&self.connection).is_ok_and(|is_clear| is_clear);
        if is_due {
            self.cleared = Some(now);
        }
        if !is_clear {
            self.shared.clearing.want();
        }
    }
}

/// Empties the write-ahead log, unless a reader is in the way; returns whether it is empty.
pub(super) fn truncate_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(BRIEFLY)?;
    let truncated = connection.query_row("PRAGMA wal_checkpoint(truncate)", [], |row| {
        Ok(row.get::<_, i64>(0)? == 0)
    });
    connection.busy_timeout(schema::BUSY)?;
    truncated
}
