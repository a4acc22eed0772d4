//! What comes late: what the database had and lacks now, and what waited in the spool.

use super::batch::Age;
use super::batch_writer::Outcome;
use super::in_flight::Stored;
use super::status::Status;
use super::writer::{BATCH, Writer};
use crate::logging::log;
use crate::store::StoreError;
use crate::store::row::Row;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;

/// How long a spool is left alone that cannot be used.
const BLOCKED: Duration = Duration::from_secs(5);

/// How long what comes again waits for its account, which another server may have to bring back.
const ORPHANS: Duration = Duration::from_mins(2);

/// How much of it waits at most.
const MOST_ORPHANS: usize = 200_000;

/// Between two times that what waits for its account is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Between two times that the last batch is noted on the disk.
const NOTE_EVERY: Duration = Duration::from_secs(10);

impl Writer {
    pub(super) fn has_late(&self) -> bool {
        !self.again.is_empty() || self.has_spooled()
    }

    fn has_spooled(&self) -> bool {
        let is_blocked = self.blocked.is_some_and(|at| at.elapsed() < BLOCKED);
        self.spool.len() > 0 && !is_blocked
    }

    /// The spool cannot be used.
    pub(super) fn block(&mut self, error: &StoreError) {
        log!(Error, "the events in the spool have to wait: {error}");
        self.blocked = Some(Instant::now());
    }

    /// Whether accounts that are not there may be about to come again.
    fn is_hopeful(&self) -> bool {
        self.went_back.is_some_and(|at| at.elapsed() < ORPHANS)
    }

    /// Keeps those of `rows` whose account is not there for as long as another server may bring it
    /// back; returns whether it does.
    pub(super) fn adopt_orphans(&mut self, rows: &[Row], unknown: &[usize]) -> bool {
        let has_room = self.orphans.len() + unknown.len() <= MOST_ORPHANS;
        let is_adopting = self.is_hopeful() && has_room;
        if is_adopting {
            let unknown = unknown.iter().filter_map(|place| rows.get(*place));
            self.orphans.extend(unknown.cloned());
        }
        is_adopting
    }

    /// Whether it is time again to look at what waits for accounts.
    pub(super) fn is_rest_due(&self) -> bool {
        self.rested.elapsed() >= PAUSE
    }

    /// What there is to do from time to time while nothing is on its way.
    pub(super) async fn rest(&mut self) {
        self.rested = Instant::now();
        if !self.orphans.is_empty() {
            let orphans = std::mem::take(&mut self.orphans);
            let parts = orphans.chunks(BATCH).map(|part| Arc::new(part.to_vec()));
            self.again.extend(parts);
        }
        if self.noted.elapsed() >= NOTE_EVERY {
            self.note();
        }
        if !self.changes.are_due() {
            return;
        }
        let Some(connection) = &self.connection else {
            return;
        };
        if !self.is_hopeful() {
            self.changes.give_up();
        } else if let Err(error) = connection.change(&self.changes).await {
            self.disconnect(&error);
        }
    }

    /// Notes the last batch on the disk, so that a database that went back is noticed after a
    /// restart as well.
    pub(super) fn note(&mut self) {
        self.noted = Instant::now();
        let acknowledged = self.acknowledged;
        if let Err(error) = block_in_place(|| self.spool.acknowledge(acknowledged)) {
            log!(Debug, "could not note the last batch: {error}");
        }
    }

    /// Stores the oldest of what is late, if the database is there: first what it had already.
    pub(super) async fn drain(&mut self) {
        let has_spooled = self.has_spooled();
        let Some(connection) = &mut self.connection else {
            return;
        };
        if !self.in_flight.is_empty() {
            return;
        }
        let batch = connection.last_batch() + 1;
        if let Some(rows) = self.again.pop_front() {
            let stored = connection.store(Arc::clone(&rows), Age::Again).await;
            self.finish_again(batch, rows, stored);
        } else if has_spooled {
            let limit = self.late_limit;
            match block_in_place(|| self.spool.take(batch, limit)) {
                Ok(rows) => {
                    let rows = Arc::new(rows);
                    let stored = connection.store(Arc::clone(&rows), Age::Late).await;
                    self.finish_spooled(batch, rows, stored);
                }
                Err(error) => self.block(&error),
            }
        }
        self.show();
    }

    fn finish_again(&mut self, batch: i64, rows: Arc<Vec<Row>>, stored: Stored) {
        match stored {
            Ok(outcome) => self.stored_late(batch, rows, outcome),
            Err(error) if error.is_about_content() => {
                Status::refused(&error);
                if let Some(connection) = &mut self.connection {
                    connection.set_back(batch - 1);
                }
                let (first, second) = rows.split_at(rows.len() / 2);
                if first.is_empty() {
                    self.metrics.set_aside.add(1);
                } else {
                    for half in [second, first] {
                        self.again.push_front(Arc::new(half.to_vec()));
                    }
                }
            }
            Err(error) => {
                // The next connection knows whether it is stored.
                self.recent.remember(batch, rows, Instant::now());
                self.disconnect(&error);
            }
        }
    }

    fn finish_spooled(&mut self, batch: i64, rows: Arc<Vec<Row>>, stored: Stored) {
        let settled = match stored {
            Ok(outcome) => {
                self.late_limit = (self.late_limit * 2).min(BATCH);
                self.stored_late(batch, rows, outcome);
                block_in_place(|| self.spool.settle(batch))
            }
            Err(error) if error.is_about_content() => self.halve(batch, rows.len(), &error),
            Err(error) => return self.disconnect(&error),
        };
        match settled {
            Ok(()) if self.spool.len() == 0 => log!(Info, "the spool is drained"),
            Ok(()) => {}
            Err(error) => self.block(&error),
        }
    }

    /// Takes less of the spool next time, until the one row is found that the database refuses.
    fn halve(&mut self, batch: i64, rows: usize, error: &StoreError) -> Result<(), StoreError> {
        if let Some(connection) = &mut self.connection {
            connection.set_back(batch - 1);
        }
        self.late_limit = (rows / 2).max(1);
        if rows > 1 {
            return block_in_place(|| self.spool.release());
        }
        self.metrics.set_aside.add(1);
        Status::refused(error);
        block_in_place(|| self.spool.set_aside(&error.to_string()))
    }

    fn stored_late(&mut self, batch: i64, rows: Arc<Vec<Row>>, outcome: Outcome) {
        self.acknowledged = batch;
        self.metrics.late_dropped.add(outcome.dropped.len() as u64);
        self.adopt_orphans(&rows, &outcome.unknown);
        let rows = outcome.kept(rows);
        self.journal.note_refusals(&rows);
        self.recent.remember(batch, rows, Instant::now());
        self.waiters.wake(outcome.news);
    }
}
