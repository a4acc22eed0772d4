//! Which accounts ask for their events: those that never do, or not for a year, come to an end.

use kaifu_core::id::AccountId;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many accounts are known at once; about 6 MB. Beyond, the store is told of them again.
const KNOWN: usize = 200_000;

/// How long it is enough to have told the store.
const TOLD: Duration = Duration::from_hours(20);

/// The accounts that asked lately.
pub(crate) struct Askers(Mutex<State>);

struct State {
    /// Those of which the store knows, or is about to.
    known: HashSet<AccountId>,
    /// Those of which it is still to be told.
    new: Vec<AccountId>,
    since: Instant,
}

impl Askers {
    /// Nobody so far.
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            known: HashSet::new(),
            new: Vec::new(),
            since: now,
        }))
    }

    /// `account` asked for its events.
    pub(crate) fn note(&self, account: AccountId) {
        let mut state = self.state();
        if state.known.insert(account) && state.new.len() < KNOWN {
            state.new.push(account);
        }
        if state.known.len() >= KNOWN {
            state.known.clear();
        }
    }

    /// Whether it lately did.
    pub(crate) fn knows(&self, account: AccountId) -> bool {
        self.state().known.contains(&account)
    }

    /// Those of which the store is to be told now.
    pub(crate) fn take(&self, now: Instant) -> Vec<AccountId> {
        let mut state = self.state();
        if now.saturating_duration_since(state.since) >= TOLD {
            state.since = now;
            state.known.clear();
        }
        std::mem::take(&mut state.new)
    }

    /// The store could not be told of these.
    pub(crate) fn give_back(&self, accounts: Vec<AccountId>) {
        self.state().new.extend(accounts);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_told_of_an_account_once_a_day() {
        let start = Instant::now();
        let askers = Askers::new(start);
        let [a, b] = [1, 2].map(|number| AccountId([number; 8]));
        for account in [a, a, b, a] {
            askers.note(account);
        }
        assert_eq!(askers.take(start), [a, b]);
        askers.note(a);
        assert_eq!(askers.take(start + TOLD / 2), []);
        assert!(askers.knows(a));
        askers.give_back(vec![b]);
        assert_eq!(askers.take(start + TOLD), [b]);
        askers.note(a);
        assert_eq!(askers.take(start + TOLD), [a]);
    }

    #[test]
    fn memory_is_bounded() {
        let askers = Askers::new(Instant::now());
        for number in 0..3 * KNOWN as u64 {
            askers.note(AccountId(number.to_be_bytes()));
        }
        assert!(askers.state().known.len() <= KNOWN);
    }
}
