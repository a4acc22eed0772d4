//! The long polls that wait for an account's news.

use kaifu_core::id::AccountId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Every long poll that waits, by account.
pub(crate) struct Waiters {
    per_account: usize,
    state: Mutex<State>,
    /// How many were told of news so far.
    woken: AtomicU64,
}

#[derive(Default)]
struct State {
    closed: bool,
    last_id: u64,
    /// A poll is ended by dropping its sender.
    waiting: HashMap<AccountId, Vec<(u64, oneshot::Sender<()>)>>,
}

/// Why a long poll is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// There may be news.
    News,
    /// It is to answer without any.
    End,
}

/// One long poll's place; given up when dropped.
pub(crate) struct Waiter {
    waiters: Arc<Waiters>,
    account: AccountId,
    id: u64,
    woken: oneshot::Receiver<()>,
}

impl Waiters {
    /// At most `per_account` polls wait for one account.
    pub(crate) fn new(per_account: usize) -> Self {
        Self {
            per_account,
            state: Mutex::default(),
            woken: AtomicU64::new(0),
        }
    }

    /// Takes a place among those who wait for `account`; `None` when all are taken.
    ///
    /// Take the place before looking for news: whatever is committed later then wakes it.
    pub(crate) fn enter(self: &Arc<Self>, account: AccountId) -> Option<Waiter> {
        self.take_place(account, self.per_account)
    }

    /// Takes a place for a poll that has waited before: what was let in stays in.
    pub(crate) fn enter_again(self: &Arc<Self>, account: AccountId) -> Option<Waiter> {
        self.take_place(account, usize::MAX)
    }

    fn take_place(self: &Arc<Self>, account: AccountId, places: usize) -> Option<Waiter> {
        let (sender, woken) = oneshot::channel();
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        if !state.closed {
            let waiting = state.waiting.entry(account).or_default();
            if waiting.len() >= places {
                return None;
            }
            waiting.push((id, sender));
        }
        Some(Waiter {
            waiters: Arc::clone(self),
            account,
            id,
            woken,
        })
    }

    /// How many polls wait.
    pub(crate) fn count(&self) -> usize {
        self.state().waiting.values().map(Vec::len).sum()
    }

    /// How many were told of news so far.
    pub(crate) fn woken(&self) -> u64 {
        self.woken.load(Ordering::Relaxed)
    }

    /// Wakes everyone who waits for one of `accounts`.
    pub(crate) fn wake(&self, accounts: impl IntoIterator<Item = AccountId>) {
        let mut state = self.state();
        if !state.waiting.is_empty() {
            let woken: Vec<_> = accounts
                .into_iter()
                .filter_map(|account| state.waiting.remove(&account))
                .collect();
            drop(state);
            self.tell(woken);
        }
    }

    /// Wakes everyone, who may come again.
    pub(crate) fn wake_all(&self) {
        let woken = std::mem::take(&mut self.state().waiting);
        self.tell(woken.into_values());
    }

    /// Ends everyone's wait, now and from now on.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let woken = std::mem::take(&mut state.waiting);
        drop(state);
        drop(woken);
    }

    /// Tells long polls of news; those that have gone away need none.
    fn tell(&self, polls: impl IntoIterator<Item = Vec<(u64, oneshot::Sender<()>)>>) {
        for (_, sender) in polls.into_iter().flatten() {
            if sender.send(()).is_ok() {
                self.woken.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Completes when there may be news, or when this poll is to answer without any.
    pub(crate) async fn woken(&mut self) -> Woken {
        (&mut self.woken).await.map_or(Woken::End, |()| Woken::News)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.waiters.state();
        if let Some(waiting) = state.waiting.get_mut(&self.account) {
            waiting.retain(|(id, _)| *id != self.id);
            if waiting.is_empty() {
                state.waiting.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: AccountId = AccountId([1; 8]);
    const B: AccountId = AccountId([2; 8]);

    fn woken(waiter: &mut Waiter) -> Option<Woken> {
        match waiter.woken.try_recv() {
            Ok(()) => Some(Woken::News),
            Err(oneshot::error::TryRecvError::Closed) => Some(Woken::End),
            Err(oneshot::error::TryRecvError::Empty) => None,
        }
    }

    #[test]
    fn only_the_accounts_own_polls_are_woken() {
        let waiters = Arc::new(Waiters::new(8));
        let (mut a, mut b) = (waiters.enter(A).unwrap(), waiters.enter(B).unwrap());
        waiters.wake([A]);
        assert_eq!((woken(&mut a), woken(&mut b)), (Some(Woken::News), None));
        waiters.wake_all();
        assert_eq!(woken(&mut b), Some(Woken::News));
    }

    #[test]
    fn one_too_many_is_refused_and_who_was_let_in_stays() {
        let waiters = Arc::new(Waiters::new(2));
        let mut polls: Vec<_> = (0..2).map(|_| waiters.enter(A).unwrap()).collect();
        assert!(waiters.enter(A).is_none());
        waiters.wake([A]);
        assert!(polls.iter_mut().all(|poll| woken(poll).is_some()));
        // While one is asked again, another takes its place.
        let mut others: Vec<_> = (0..2).map(|_| waiters.enter(A).unwrap()).collect();
        let mut again = waiters.enter_again(A).unwrap();
        assert_eq!(woken(&mut again), None);
        assert!(others.iter_mut().all(|poll| woken(poll).is_none()));
    }

    #[test]
    fn a_dropped_poll_leaves_nothing_behind() {
        let waiters = Arc::new(Waiters::new(2));
        let (first, mut second) = (waiters.enter(A).unwrap(), waiters.enter(A).unwrap());
        drop(first);
        let mut third = waiters.enter(A).unwrap();
        assert_eq!((woken(&mut second), woken(&mut third)), (None, None));
        drop((second, third));
        assert!(waiters.state().waiting.is_empty());
    }

    #[test]
    fn closing_ends_present_and_future_polls() {
        let waiters = Arc::new(Waiters::new(2));
        let mut present = waiters.enter(A).unwrap();
        waiters.close();
        assert_eq!(woken(&mut present), Some(Woken::End));
        assert_eq!(woken(&mut waiters.enter(B).unwrap()), Some(Woken::End));
    }
}
