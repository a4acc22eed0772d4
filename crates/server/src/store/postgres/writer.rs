//! The one task that stores events. Everyone who waits shares a transaction; while the database is
//! away, they share one of the spool.

use super::flight::{Flight, Flights, Stored};
use super::link::Link;
use super::row::Row;
use super::session::Address;
use super::spool::Spool;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::{NewEvent, Readiness, Recorded, Reply, StoreError};
use crate::waiters::Waiters;
use std::future::ready;
use std::mem::take;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How many events one transaction takes.
const BATCH: usize = 1_024;

/// Between two attempts to connect, and two looks at an idle connection.
const PAUSE: Duration = Duration::from_millis(500);

/// What the writer can be asked.
pub(super) enum Command {
    Record(NewEvent, Reply<Recorded>),
    Check(Reply<Readiness>),
    /// Takes no more commands, finishes those that wait, and stops.
    Close(oneshot::Sender<()>),
}

/// How the writer is, for others to see.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) up: AtomicBool,
    pub(super) spooled: AtomicU64,
}

pub(super) struct Writer {
    pub(super) address: Address,
    pub(super) server: [u8; 16],
    pub(super) spool: Spool,
    pub(super) waiters: Arc<Waiters>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) standing: Arc<Standing>,
    /// The connection; `None` while the database is away.
    pub(super) link: Option<Link>,
    pub(super) flights: Flights,
}

/// What has come and is not on its way yet.
#[derive(Default)]
struct Waiting {
    rows: Vec<Row>,
    replies: Vec<Reply<Recorded>>,
    checks: Vec<Reply<Readiness>>,
    closing: Option<oneshot::Sender<()>>,
}

impl Waiting {
    fn add(&mut self, command: Command) {
        match command {
            Command::Record(open, reply) => {
                self.rows.push(Row::from(&open));
                self.replies.push(reply);
            }
            Command::Check(reply) => self.checks.push(reply),
            Command::Close(done) => self.closing = Some(done),
        }
    }
}

impl Writer {
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut connecting: Option<JoinHandle<Result<Link, StoreError>>> = None;
        let (mut waiting, mut inbox) = (Waiting::default(), Vec::new());
        let mut ended = false;
        while !(ended && waiting.rows.is_empty() && self.flights.is_empty()) {
            if self.link.as_ref().is_some_and(Link::is_closed) {
                self.lose(&StoreError::Away);
            }
            if self.link.is_none() && connecting.is_none() && !ended {
                connecting = Some(connect(self.address.clone(), self.server));
            }
            self.send(&mut waiting);
            let idle = self.flights.is_empty() && waiting.rows.is_empty();
            let draining = idle && self.link.is_some() && self.spool.len() > 0;
            let room = BATCH.saturating_sub(waiting.rows.len());
            tokio::select! {
                biased;
                linked = attempt(&mut connecting) => {
                    connecting = None;
                    match linked {
                        Ok(link) => self.adopt(link),
                        Err(error) => log!(Debug, "the database is still away: {error}"),
                    }
                }
                (flight, stored) = self.flights.land() => {
                    self.land(flight, stored);
                    // Whoever comes now must not keep back for ever what waits.
                    self.drain().await;
                }
                received = commands.recv_many(&mut inbox, room), if room > 0 && !ended => {
                    ended = received == 0;
                    // Whoever is about to send a command may do so first.
                    tokio::task::yield_now().await;
                    while inbox.len() < room && let Ok(command) = commands.try_recv() {
                        inbox.push(command);
                    }
                    inbox.drain(..).for_each(|command| waiting.add(command));
                    if waiting.closing.is_some() {
                        commands.close();
                    }
                    if !waiting.checks.is_empty() {
                        let readiness = self.check().await;
                        for reply in waiting.checks.drain(..) {
                            let _ = reply.send(readiness.clone());
                        }
                    }
                }
                () = ready(()), if draining => self.drain().await,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        if let Some(connecting) = connecting {
            connecting.abort();
        }
        drop(self);
        if let Some(done) = waiting.closing {
            let _: Result<(), ()> = done.send(());
        }
    }

    /// Sends what waits on its way, or keeps it in the spool. While the spool has something, only one
    /// batch is on its way, so that the spool gets its turn.
    fn send(&mut self, waiting: &mut Waiting) {
        if waiting.rows.is_empty() {
            return;
        }
        let Some(link) = &mut self.link else {
            let start = Instant::now();
            let (rows, replies) = (take(&mut waiting.rows), take(&mut waiting.replies));
            let kept = self.keep(&rows, None);
            self.answer(replies, start, &kept);
            return;
        };
        let in_turn = self.spool.len() == 0 || self.flights.is_empty();
        if in_turn && self.flights.may_follow(&waiting.rows) {
            let (rows, replies) = (take(&mut waiting.rows), take(&mut waiting.replies));
            self.flights.push(Flight::new(link, rows, replies));
        }
    }

    fn land(&mut self, flight: Flight, stored: Stored) {
        match stored {
            Ok(accounts) => {
                self.waiters.wake(accounts);
                self.answer(flight.replies, flight.start, &Ok(()));
            }
            Err(error) => {
                self.flights.put_back(flight);
                self.lose(&error);
            }
        }
    }

    fn answer(
        &self,
        replies: Vec<Reply<Recorded>>,
        start: Instant,
        stored: &Result<(), StoreError>,
    ) {
        if stored.is_ok() {
            self.metrics.commit(replies.len(), start.elapsed());
        }
        for reply in replies {
            // They may have gone away.
            let _ = reply.send(stored.clone().map(|()| Recorded::Kept));
        }
    }

    /// Stores the oldest events of the spool, if the database is there.
    async fn drain(&mut self) {
        let Some(link) = &mut self.link else { return };
        if self.spool.len() == 0 || !self.flights.is_empty() {
            return;
        }
        let batch = link.last_batch() + 1;
        let taken = tokio::task::block_in_place(|| self.spool.take(batch, BATCH));
        let outcome = match taken {
            Ok(rows) => link.store(Arc::new(rows)).await,
            Err(error) => Err(error),
        };
        let settled = outcome.and_then(|accounts| {
            tokio::task::block_in_place(|| self.spool.settle(batch))?;
            self.waiters.wake(accounts);
            Ok(())
        });
        self.show();
        match settled {
            Ok(()) if self.spool.len() == 0 => log!(Info, "the spool is drained"),
            Ok(()) => {}
            Err(error) => self.lose(&error),
        }
    }

    async fn check(&mut self) -> Result<Readiness, StoreError> {
        if let Some(link) = &self.link {
            match link.check().await {
                Ok(()) => return Ok(Readiness::Ready),
                Err(error) => self.lose(&error),
            }
        }
        tokio::task::block_in_place(|| self.spool.check())?;
        Ok(Readiness::Spooling)
    }

    fn keep(&mut self, rows: &[Row], batch: Option<i64>) -> Result<(), StoreError> {
        let kept = tokio::task::block_in_place(|| self.spool.append(rows, batch));
        self.show();
        kept
    }

    /// Takes a new connection. What it says about the last batch is final: the former connection
    /// cannot store anything any more. Without one, other servers need not tell of news.
    fn adopt(&mut self, link: Link) {
        let last = link.last_batch();
        match tokio::task::block_in_place(|| self.spool.settle(last)) {
            Ok(()) => {
                log!(
                    Info,
                    "the database is there; {} events wait",
                    self.spool.len()
                );
                self.link = Some(link);
                self.waiters.wake_all();
            }
            Err(error) => log!(Error, "the spool cannot be read: {error}"),
        }
        self.show();
    }

    /// Gives the connection up. What was on its way may be stored or not, which the next connection
    /// will know; until then it is in the spool.
    fn lose(&mut self, error: &StoreError) {
        log!(
            Error,
            "the database is away, events are kept in the spool: {error}"
        );
        self.link = None;
        for flight in self.flights.take() {
            let kept = self.keep(&flight.rows, Some(flight.number));
            self.answer(flight.replies, flight.start, &kept);
        }
        self.show();
    }

    pub(super) fn show(&self) {
        self.standing
            .up
            .store(self.link.is_some(), Ordering::Relaxed);
        self.standing
            .spooled
            .store(self.spool.len(), Ordering::Relaxed);
    }
}

fn connect(address: Address, server: [u8; 16]) -> JoinHandle<Result<Link, StoreError>> {
    tokio::spawn(async move {
        let link = Link::connect(&address, server).await;
        if link.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
        link
    })
}

/// Waits for the attempt to connect, for ever where there is none.
async fn attempt(
    connecting: &mut Option<JoinHandle<Result<Link, StoreError>>>,
) -> Result<Link, StoreError> {
    match connecting {
        Some(attempt) => attempt.await.unwrap_or(Err(StoreError::Away)),
        None => std::future::pending().await,
    }
}
