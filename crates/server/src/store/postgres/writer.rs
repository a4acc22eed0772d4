//! The one task that stores events. Everyone who waits shares a transaction; while the database is
//! away, they share one of the spool.

use super::batch_writer::{BatchWriter, Identity};
use super::in_flight::{InFlightBatch, InFlightBatches, Stored};
use super::journal::ServerJournal;
use super::recent::{RecentBatches, RecentChanges};
use super::session::Address;
use super::spool::Spool;
use super::status::Status;
use super::waiting::{Command, Waiting};
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::row::Row;
use crate::store::{Readiness, Recorded, Reply, StoreError};
use crate::waiters::Waiters;
use std::collections::{HashSet, VecDeque};
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, block_in_place};

/// How many events one transaction takes.
pub(super) const BATCH: usize = 1_024;

/// Between two attempts to connect, and two looks at an idle connection.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Writer {
    pub(super) address: Address,
    pub(super) identity: Identity,
    pub(super) spool: Spool,
    pub(super) waiters: Arc<Waiters>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) status: Arc<Status>,
    /// The connection; `None` while the database is away.
    pub(super) connection: Option<BatchWriter>,
    pub(super) in_flight: InFlightBatches,
    /// What the database has, unless it goes back.
    pub(super) recent: RecentBatches,
    pub(super) changes: Arc<RecentChanges>,
    pub(super) journal: Arc<ServerJournal>,
    /// What the database had, and lacks now.
    pub(super) again: VecDeque<Arc<Vec<Row>>>,
    /// Of those, what has no account yet.
    pub(super) orphans: Vec<Row>,
    /// When the database was found to have gone back.
    pub(super) went_back: Option<Instant>,
    /// When the spool could not be used; what is in it then waits, and what comes need not.
    pub(super) blocked: Option<Instant>,
    /// How many events the next batch of late ones takes; less after the database refused one.
    pub(super) late_limit: usize,
    /// The last batch that is known to be stored.
    pub(super) acknowledged: i64,
    pub(super) noted: Instant,
    /// When it was last looked at what waits for accounts.
    pub(super) rested: Instant,
}

/// A task that connects.
type Connecting = JoinHandle<Result<BatchWriter, StoreError>>;

impl Writer {
    /// Runs until it is told to close and everything that came before is answered.
    ///
    /// Each round looks at the connection, sends what waits, and then waits for the first of: a new
    /// connection, an end of the oldest batch, more commands, something to drain, or a pause. The
    /// order of the branches matters, as the first that is ready is taken: a new connection before
    /// more events, which would else go to the spool, and answers before questions, so that whoever
    /// waits longest is answered first.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut connecting: Option<Connecting> = None;
        let (mut waiting, mut inbox) = (Waiting::default(), Vec::new());
        let mut ended = false;
        while !(ended && waiting.is_empty() && self.in_flight.is_empty()) {
            if self.connection.as_ref().is_some_and(BatchWriter::is_closed) {
                self.disconnect(&StoreError::Away);
            }
            if self.connection.is_none() && connecting.is_none() && !ended {
                connecting = Some(self.connect());
            }
            if self.is_rest_due() && self.in_flight.is_empty() {
                self.rest().await;
            }
            self.send(&mut waiting);
            let idle = self.in_flight.is_empty() && waiting.is_empty();
            let draining = idle && self.connection.is_some() && self.has_late();
            let room = BATCH.saturating_sub(waiting.len());
            tokio::select! {
                biased;
                connected = attempt(&mut connecting) => {
                    connecting = None;
                    self.connected(connected);
                }
                (batch, stored) = self.in_flight.next_stored() => {
                    self.finish(batch, stored);
                    // While events keep coming, the spool and what comes again would else never get
                    // their turn: so one batch of them goes in between.
                    self.drain().await;
                }
                received = commands.recv_many(&mut inbox, room), if room > 0 && !ended => {
                    ended = received == 0;
                    self.receive(&mut commands, &mut inbox, room, &mut waiting).await;
                }
                () = ready(()), if draining => self.drain().await,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        if let Some(connecting) = connecting {
            connecting.abort();
        }
        self.note();
        drop(self);
        waiting.close();
    }

    /// Takes the commands that came, and those of whoever was about to send one.
    async fn receive(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        inbox: &mut Vec<Command>,
        room: usize,
        waiting: &mut Waiting,
    ) {
        // A batch costs about the same whatever its size, so it pays to let them come first.
        tokio::task::yield_now().await;
        while inbox.len() < room
            && let Ok(command) = commands.try_recv()
        {
            inbox.push(command);
        }
        inbox.drain(..).for_each(|command| waiting.add(command));
        if waiting.is_closing() {
            commands.close();
        }
        if waiting.has_checks() {
            let readiness = self.check().await;
            waiting.answer_checks(&readiness);
        }
    }

    /// Sends what waits on its way, or keeps it in the spool. While there is something else to do, only
    /// one batch is on its way, so that it gets its turn.
    fn send(&mut self, waiting: &mut Waiting) {
        if waiting.is_empty() {
            return;
        }
        if self.connection.is_none() {
            let start = Instant::now();
            let (rows, replies) = waiting.take();
            self.spool(&rows, replies, None, start);
            return;
        }
        let has_more = self.has_late() || self.is_rest_due();
        let in_turn = !has_more || self.in_flight.is_empty();
        if in_turn
            && self.in_flight.may_follow(waiting.rows())
            && let Some(connection) = &mut self.connection
        {
            let (rows, replies) = waiting.take();
            (self.in_flight).push(InFlightBatch::new(connection, rows, replies));
        }
    }

    fn finish(&mut self, batch: InFlightBatch, stored: Stored) {
        match stored {
            Ok(outcome) => {
                self.acknowledged = batch.number;
                (self.metrics).commit(batch.replies.len(), batch.start.elapsed());
                let rows = outcome.kept(Arc::clone(&batch.rows));
                self.journal.note_refusals(&rows);
                (self.recent).remember(batch.number, rows, Instant::now());
                let mut left_out: HashSet<usize> = outcome.dropped.iter().copied().collect();
                if !self.adopt_orphans(&batch.rows, &outcome.unknown) {
                    left_out.extend(&outcome.unknown);
                }
                self.waiters.wake(outcome.news);
                for (place, reply) in batch.replies.into_iter().enumerate() {
                    let recorded = if left_out.contains(&place) {
                        Recorded::Dropped
                    } else {
                        Recorded::Kept
                    };
                    // They may have gone away.
                    let _ = reply.send(Ok(recorded));
                }
            }
            Err(error) if error.is_about_content() => self.part(batch, &error),
            Err(error) => {
                self.in_flight.retry(batch);
                self.disconnect(&error);
            }
        }
    }

    /// The database refuses a batch for what is in it. Neither it nor those behind it are stored, so
    /// all of them go where they can be looked at in smaller parts.
    fn part(&mut self, batch: InFlightBatch, error: &StoreError) {
        Status::refused(error);
        if let Some(connection) = &mut self.connection {
            connection.set_back(batch.number - 1);
        }
        self.in_flight.retry(batch);
        for batch in self.in_flight.take() {
            self.spool(&batch.rows, batch.replies, None, batch.start);
        }
    }

    /// Keeps rows in the spool, as the part of batch `number` that they may be. A refusal is no event
    /// that can wait: until the database knows of it, nobody honours it.
    fn spool(
        &mut self,
        rows: &[Row],
        replies: Vec<Reply<Recorded>>,
        number: Option<i64>,
        start: Instant,
    ) {
        // What may be stored already has to stay whole.
        let kept = rows
            .iter()
            .filter(|row| number.is_some() || !row.is_refusal());
        let kept = block_in_place(|| self.spool.append(kept, number));
        if kept.is_ok() {
            self.metrics.commit(replies.len(), start.elapsed());
        }
        self.show();
        for (row, reply) in rows.iter().zip(replies) {
            let outcome = if row.is_refusal() {
                Err(StoreError::Away)
            } else {
                kept.clone().map(|()| Recorded::Kept)
            };
            let _ = reply.send(outcome);
        }
    }

    async fn check(&mut self) -> Result<Readiness, StoreError> {
        if let Some(connection) = &self.connection {
            match connection.check().await {
                Ok(()) => return Ok(Readiness::Ready),
                Err(error) => self.disconnect(&error),
            }
        }
        block_in_place(|| self.spool.check())?;
        Ok(Readiness::Spooling)
    }

    fn connect(&self) -> Connecting {
        let (address, identity) = (self.address.clone(), self.identity.clone());
        let (acknowledged, changes) = (self.acknowledged, Arc::clone(&self.changes));
        tokio::spawn(async move {
            let connected = BatchWriter::connect(&address, &identity, acknowledged, &changes).await;
            if connected.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
            connected
        })
    }

    fn connected(&mut self, connected: Result<BatchWriter, StoreError>) {
        match connected {
            Ok(connection) => self.adopt(connection),
            Err(error) => self.status.away(&error),
        }
    }

    /// Takes a new connection. What it says about the last batch is final: the former connection
    /// cannot store anything any more. Without one, other servers need not tell of news.
    pub(super) fn adopt(&mut self, connection: BatchWriter) {
        let last = connection.last_batch();
        if let Err(error) = block_in_place(|| self.spool.settle(last)) {
            self.block(&error);
        }
        let lacking = self.recent.take_after(last);
        if connection.is_elsewhere() {
            self.went_back = Some(Instant::now());
        }
        if last < self.acknowledged {
            let (batches, kept) = (self.acknowledged - last, lacking.len());
            let events: usize = lacking.iter().map(|rows| rows.len()).sum();
            log!(
                Error,
                "the database lacks {batches} batches that it had; the {kept} of the last minute, \
                 with {events} events, are stored again"
            );
            self.metrics.stored_again.add(events as u64);
            self.went_back = Some(Instant::now());
        }
        self.again.extend(lacking);
        self.acknowledged = last;
        self.connection = Some(connection);
        self.status.back(self.spool.len());
        self.waiters.wake_all();
        self.show();
    }

    /// There is no connection at the start.
    pub(super) fn missing(&self, error: &StoreError) {
        self.status.away(error);
        self.show();
    }

    /// Gives the connection up. What was on its way may be stored or not, which the next connection
    /// will know; until then it is in the spool.
    pub(super) fn disconnect(&mut self, error: &StoreError) {
        self.status.away(error);
        self.connection = None;
        for batch in self.in_flight.take() {
            self.spool(&batch.rows, batch.replies, Some(batch.number), batch.start);
        }
        self.show();
    }

    pub(super) fn show(&self) {
        self.status
            .show(self.connection.is_some(), self.spool.len());
    }
}

/// Waits for the attempt to connect, for ever where there is none.
async fn attempt(connecting: &mut Option<Connecting>) -> Result<BatchWriter, StoreError> {
    match connecting {
        Some(attempt) => attempt.await.unwrap_or(Err(StoreError::Away)),
        None => std::future::pending().await,
    }
}
