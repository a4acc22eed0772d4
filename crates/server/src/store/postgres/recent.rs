//! What this server acknowledged lately. A database that went back, as a standby does that was
//! behind when it was promoted, gets it again.

use super::batch::Age;
use super::change::{Change, Done};
use super::session::within;
use crate::store::row::Row;
use crate::store::{CredentialHash, StoreError};
use kaifu_core::id::AccountId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// How long it is kept. A thousand events a second come to some 10 MB.
const KEPT: Duration = Duration::from_mins(1);

/// How many events are kept at most, whatever their age.
const EVENTS: usize = 200_000;

/// How many changes are kept at most.
const CHANGES: usize = 10_000;

/// How long doing one of them again may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The batches of the last minute, oldest first.
#[derive(Default)]
pub(super) struct RecentBatches {
    batches: VecDeque<(i64, Instant, Arc<Vec<Row>>)>,
    events: usize,
}

impl RecentBatches {
    /// Keeps a batch that is stored, or may be.
    pub(super) fn remember(&mut self, number: i64, rows: Arc<Vec<Row>>, now: Instant) {
        self.events += rows.len();
        self.batches.push_back((number, now, rows));
        let is_over = |at: Instant| now.saturating_duration_since(at) > KEPT;
        while let Some((_, at, rows)) = self.batches.front()
            && (is_over(*at) || self.events > EVENTS)
        {
            self.events -= rows.len();
            self.batches.pop_front();
        }
    }

    /// Takes out the batches behind `last`, which the database lacks.
    pub(super) fn take_after(&mut self, last: i64) -> Vec<Arc<Vec<Row>>> {
        let place = self.batches.partition_point(|(number, ..)| *number <= last);
        let lacking = self.batches.split_off(place);
        self.events -= lacking.iter().map(|(_, _, rows)| rows.len()).sum::<usize>();
        lacking.into_iter().map(|(_, _, rows)| rows).collect()
    }
}

/// A change that was acknowledged.
struct Kept {
    /// Which one it is, in their order.
    number: u64,
    at: Instant,
    change: Change,
    /// Whether the database went back since, and it has to be done again.
    is_due: bool,
}

/// The changes of the last minute, oldest first.
#[derive(Default)]
pub(super) struct RecentChanges {
    changes: Mutex<VecDeque<Kept>>,
    /// The database that has them.
    place: Mutex<Option<String>>,
}

impl RecentChanges {
    /// Keeps a change that was acknowledged.
    pub(super) fn remember(&self, change: Change) {
        let now = Instant::now();
        let mut changes = self.changes();
        let number = changes.back().map_or(0, |last| last.number + 1);
        changes.push_back(Kept {
            number,
            at: now,
            change,
            is_due: false,
        });
        let is_over = |kept: &Kept| now.saturating_duration_since(kept.at) > KEPT && !kept.is_due;
        while changes.len() > CHANGES || changes.front().is_some_and(is_over) {
            changes.pop_front();
        }
    }

    /// The database may lack all of them.
    pub(super) fn went_back(&self) {
        for kept in self.changes().iter_mut() {
            kept.is_due = true;
        }
    }

    /// Does again what has to be, in its order. What is about an account that is not there yet has to
    /// be done still.
    pub(super) async fn apply(&self, client: &Client) -> Result<(), StoreError> {
        let mut next = 0;
        while let Some((number, change)) = self.due_from(next) {
            let done = within(PATIENCE, change.apply(client, Age::Again)).await?;
            if done != Done::NoAccount {
                self.settle(number);
            }
            next = number + 1;
        }
        Ok(())
    }

    fn due_from(&self, next: u64) -> Option<(u64, Change)> {
        let changes = self.changes();
        let due = (changes.iter()).find(|kept| kept.is_due && kept.number >= next);
        due.map(|kept| (kept.number, kept.change.clone()))
    }

    fn settle(&self, number: u64) {
        let mut changes = self.changes();
        if let Some(kept) = changes.iter_mut().find(|kept| kept.number == number) {
            kept.is_due = false;
        }
    }

    /// Whether something has to be done again.
    pub(super) fn are_due(&self) -> bool {
        self.changes().iter().any(|kept| kept.is_due)
    }

    /// Waits no more for accounts that are not there.
    pub(super) fn give_up(&self) {
        for kept in self.changes().iter_mut() {
            kept.is_due = false;
        }
    }

    /// Whether `place` is another database, or another timeline, than at the last connection.
    pub(super) fn is_elsewhere(&self, place: String) -> bool {
        let mut known = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = known.as_ref().is_some_and(|known| *known != place);
        *known = Some(place);
        is_other
    }

    /// Whether the account was made here lately, with that credential: where it is not found, the
    /// database went back and has not got it again yet, or another server deleted it.
    pub(super) fn has_made(&self, account: AccountId, credential: CredentialHash) -> bool {
        let now = Instant::now();
        let mut is_made = false;
        for Kept { at, change, .. } in self.changes().iter() {
            match change {
                Change::Account {
                    id, credential: of, ..
                } if *id == account => {
                    let is_late = now.saturating_duration_since(*at) > KEPT;
                    is_made = *of == credential && !is_late;
                }
                Change::Deletion { id, .. } if *id == account => is_made = false,
                _ => {}
            }
        }
        is_made
    }

    fn changes(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::sample;

    #[test]
    fn what_a_database_lacks_is_known_for_a_minute() {
        let mut recent = RecentBatches::default();
        let start = Instant::now();
        for number in 1..=4 {
            let at = start + Duration::from_secs(20 * number);
            let rows = Arc::new(vec![sample(u8::try_from(number).unwrap())]);
            recent.remember(i64::try_from(number).unwrap(), rows, at);
        }
        let messages = |recent: &mut RecentBatches, last| -> Vec<u8> {
            let lacking = recent.take_after(last);
            lacking.iter().map(|rows| rows[0].message.0[0]).collect()
        };
        assert_eq!(messages(&mut recent, 2), [3, 4]);
        assert_eq!(messages(&mut recent, 0), [1, 2]);
        assert_eq!(recent.events, 0);
        recent.remember(5, Arc::new(vec![sample(5)]), start);
        recent.remember(6, Arc::new(vec![sample(6)]), start + 2 * KEPT);
        assert_eq!(messages(&mut recent, 0), [6]);
    }
}
