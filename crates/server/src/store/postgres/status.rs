//! How the writer is, for others to see and for the operator to read.

use crate::logging::log;
use crate::store::StoreError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How the writer is.
#[derive(Default)]
pub(super) struct Status {
    up: AtomicBool,
    spooled: AtomicU64,
    /// Why the database is away, as it was told last.
    told: Mutex<Option<String>>,
}

impl Status {
    /// Whether the database is there.
    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// How many events wait in the spool.
    pub(super) fn spooled(&self) -> u64 {
        self.spooled.load(Ordering::Relaxed)
    }

    pub(super) fn show(&self, is_up: bool, spooled: u64) {
        self.up.store(is_up, Ordering::Relaxed);
        self.spooled.store(spooled, Ordering::Relaxed);
    }

    /// The database is away. Each reason is told once: the first that there is, and whatever will
    /// not pass by itself, such as another password.
    pub(super) fn away(&self, error: &StoreError) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = error.to_string();
        let is_news = told.is_none() || error.is_lasting();
        if !is_news || told.as_ref() == Some(&reason) {
            log!(Debug, "the database is still away: {reason}");
            return;
        }
        if error.is_lasting() {
            log!(
                Error,
                "the database refuses this server, which waiting will not change: {reason}; \
                 events are kept in the spool"
            );
        } else {
            log!(
                Error,
                "the database is away, events are kept in the spool: {reason}"
            );
        }
        *told = Some(reason);
    }

    /// The database is there again.
    pub(super) fn back(&self, waiting: u64) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = None;
        log!(Info, "the database is there; {waiting} events wait");
    }

    /// The database refuses an event for what is in it.
    pub(super) fn refused(error: &StoreError) {
        log!(
            Error,
            "the database refuses what is in a batch; its rows are tried one by one: {error}"
        );
    }
}
