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
    /// A poll is ended by dropping its sender.
    waiting: HashMap<AccountId, VecDeque<(u64, oneshot::Sender<()>)>>,
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
        }
    }

    /// Takes a place among those who wait for `account`. When all are taken, the oldest one's wait ends.
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
            tell(woken);
        }
    }

    /// Wakes everyone, who may come again.
    pub(crate) fn wake_all(&self) {
        let woken = std::mem::take(&mut self.state().waiting);
        tell(woken.into_values());
    }

    /// Ends everyone's wait, now and from now on.
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

/// Tells long polls of news; those that have gone away need none.
fn tell(polls: impl IntoIterator<Item = VecDeque<(u64, oneshot::Sender<()>)>>) {
    for (_, sender) in polls.into_iter().flatten() {
        let _ = sender.send(());
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
        let (mut a, mut b) = (waiters.register(A), waiters.register(B));
        waiters.wake([A]);
        assert_eq!((woken(&mut a), woken(&mut b)), (Some(Woken::News), None));
        waiters.wake_all();
        assert_eq!(woken(&mut b), Some(Woken::News));
    }

    #[test]
    fn one_too_many_ends_the_oldest() {
        let waiters = Arc::new(Waiters::new(2));
        let mut polls: Vec<_> = (0..3).map(|_| waiters.register(A)).collect();
        assert_eq!(
            polls.iter_mut().map(woken).collect::<Vec<_>>(),
            [Some(Woken::End), None, None]
        );
    }

    #[test]
    fn a_dropped_poll_leaves_nothing_behind() {
        let waiters = Arc::new(Waiters::new(2));
        let (first, mut second) = (waiters.register(A), waiters.register(A));
        drop(first);
        let mut third = waiters.register(A);
        assert_eq!((woken(&mut second), woken(&mut third)), (None, None));
        drop((second, third));
        assert!(waiters.state().waiting.is_empty());
    }

    #[test]
    fn closing_ends_present_and_future_polls() {
        let waiters = Arc::new(Waiters::new(2));
        let mut present = waiters.register(A);
        waiters.close();
        assert_eq!(woken(&mut present), Some(Woken::End));
        assert_eq!(woken(&mut waiters.register(B)), Some(Woken::End));
    }
}
