//! The one task that stores events. Everyone who waits shares a transaction; while the database is
//! away, they share one of the spool.

use super::link::Link;
use super::row::Row;
use super::session::Address;
use super::spool::Spool;
use crate::metrics::Metrics;
use crate::store::{NewOpen, Readiness, Recorded, StoreError};
use crate::waiters::Waiters;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How many events one transaction takes.
const BATCH: usize = 1_024;

/// Between two attempts to connect, and two looks at an idle connection.
const PAUSE: Duration = Duration::from_millis(500);

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer can be asked.
pub(super) enum Command {
    Record(NewOpen, Reply<Recorded>),
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
}

impl Writer {
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut connecting: Option<JoinHandle<Result<Link, StoreError>>> = None;
        let mut closing = None;
        loop {
            if self.link.as_ref().is_some_and(Link::is_closed) {
                self.lose(&StoreError::Away);
            }
            if self.link.is_none() && connecting.is_none() {
                connecting = Some(connect(self.address.clone(), self.server));
            }
            let draining = self.link.is_some() && self.spool.len() > 0;
            tokio::select! {
                biased;
                linked = attempt(&mut connecting) => {
                    connecting = None;
                    match linked {
                        Ok(link) => self.adopt(link),
                        Err(error) => tracing::debug!("the database is still away: {error}"),
                    }
                }
                command = commands.recv() => {
                    let Some(first) = command else { break };
                    if let Some(done) = self.serve(first, &mut commands).await {
                        commands.close();
                        closing = Some(done);
                    }
                    // Whoever comes now must not keep back for ever what waits.
                    self.drain().await;
                }
                () = ready(()), if draining => self.drain().await,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        if let Some(connecting) = connecting {
            connecting.abort();
        }
        drop(self);
        if let Some(done) = closing {
            let _: Result<(), ()> = done.send(());
        }
    }

    /// Serves `first` and what waits behind it; gives whoever wants the writer to stop.
    async fn serve(
        &mut self,
        first: Command,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Option<oneshot::Sender<()>> {
        let (mut rows, mut replies) = (Vec::new(), Vec::new());
        let (mut checks, mut closing) = (Vec::new(), None);
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Record(open, reply) => {
                    rows.push(Row::from(&open));
                    replies.push(reply);
                }
                Command::Check(reply) => checks.push(reply),
                Command::Close(done) => closing = Some(done),
            }
            next = (rows.len() < BATCH)
                .then(|| commands.try_recv().ok())
                .flatten();
        }
        if !rows.is_empty() {
            let start = Instant::now();
            let stored = self.store(&rows).await;
            if stored.is_ok() {
                self.metrics.commit(rows.len(), start.elapsed());
            }
            for reply in replies {
                let _ = reply.send(stored.clone().map(|()| Recorded::Kept));
            }
        }
        if !checks.is_empty() {
            let readiness = self.check().await;
            for reply in checks {
                let _ = reply.send(readiness.clone());
            }
        }
        closing
    }

    /// Stores `rows` in the database, or else in the spool.
    async fn store(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let Some(link) = &mut self.link else {
            return self.keep(rows, None);
        };
        match link.store(rows).await {
            Ok(accounts) => {
                self.waiters.wake(accounts);
                Ok(())
            }
            Err(error) => {
                let batch = link.last_batch() + 1;
                self.lose(&error);
                self.keep(rows, Some(batch))
            }
        }
    }

    /// Stores the oldest events of the spool, if the database is there.
    async fn drain(&mut self) {
        let Some(link) = &mut self.link else { return };
        if self.spool.len() == 0 {
            return;
        }
        let batch = link.last_batch() + 1;
        let taken = tokio::task::block_in_place(|| self.spool.take(batch, BATCH));
        let outcome = match taken {
            Ok(rows) => link.store(&rows).await,
            Err(error) => Err(error),
        };
        let settled = outcome.and_then(|accounts| {
            tokio::task::block_in_place(|| self.spool.settle(batch))?;
            self.waiters.wake(accounts);
            Ok(())
        });
        self.show();
        match settled {
            Ok(()) if self.spool.len() == 0 => tracing::info!("the spool is drained"),
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
    /// cannot store anything any more.
    fn adopt(&mut self, link: Link) {
        let last = link.last_batch();
        match tokio::task::block_in_place(|| self.spool.settle(last)) {
            Ok(()) => {
                tracing::info!("the database is there; {} events wait", self.spool.len());
                self.link = Some(link);
            }
            Err(error) => tracing::error!("the spool cannot be read: {error}"),
        }
        self.show();
    }

    fn lose(&mut self, error: &StoreError) {
        tracing::error!("the database is away, events are kept in the spool: {error}");
        self.link = None;
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
