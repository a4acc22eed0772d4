//! The long polls that wait for an account's news.

use kaifu_core::id::AccountId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Every long poll that waits, by account.
pub(crate) struct Waiters {
    per_account: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    last_id: u64,
    /// A poll is woken by dropping its sender.
    waiting: HashMap<AccountId, VecDeque<(u64, oneshot::Sender<()>)>>,
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
        }
    }

    /// Takes a place among those who wait for `account`. When all are taken, the oldest is woken.
    ///
    /// Take the place before looking for news: whatever is committed later then wakes it.
    pub(crate) fn register(self: &Arc<Self>, account: AccountId) -> Waiter {
        let (sender, woken) = oneshot::channel();
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        if !state.closed {
            let waiting = state.waiting.entry(account).or_default();
            while waiting.len() >= self.per_account && waiting.pop_front().is_some() {}
            waiting.push_back((id, sender));
        }
        Waiter {
            waiters: Arc::clone(self),
            account,
            id,
            woken,
        }
    }

    /// How many polls wait.
    pub(crate) fn count(&self) -> usize {
        self.state().waiting.values().map(VecDeque::len).sum()
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
            drop(woken);
        }
    }

    /// Wakes everyone, now and from now on.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let woken = std::mem::take(&mut state.waiting);
        drop(state);
        drop(woken);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Completes when there may be news, or when this poll is to answer without any.
    pub(crate) async fn woken(&mut self) {
        // The sender is only ever dropped, so this is always the error.
        let _ = (&mut self.woken).await;
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

    fn is_woken(waiter: &mut Waiter) -> bool {
        waiter.woken.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    #[test]
    fn only_the_accounts_own_polls_are_woken() {
        let waiters = Arc::new(Waiters::new(8));
        let (mut a, mut b) = (waiters.register(A), waiters.register(B));
        waiters.wake([A]);
        assert!(is_woken(&mut a) && !is_woken(&mut b));
    }

    #[test]
    fn one_too_many_wakes_the_oldest() {
        let waiters = Arc::new(Waiters::new(2));
        let mut polls: Vec<_> = (0..3).map(|_| waiters.register(A)).collect();
        assert_eq!(
            polls.iter_mut().map(is_woken).collect::<Vec<_>>(),
            [true, false, false]
        );
    }

    #[test]
    fn a_dropped_poll_leaves_nothing_behind() {
        let waiters = Arc::new(Waiters::new(2));
        let (first, mut second) = (waiters.register(A), waiters.register(A));
        drop(first);
        let mut third = waiters.register(A);
        assert!(!is_woken(&mut second) && !is_woken(&mut third));
        drop((second, third));
        assert!(waiters.state().waiting.is_empty());
    }

    #[test]
    fn closing_wakes_present_and_future_polls() {
        let waiters = Arc::new(Waiters::new(2));
        let mut present = waiters.register(A);
        waiters.close();
        assert!(is_woken(&mut present) && is_woken(&mut waiters.register(B)));
    }
}
