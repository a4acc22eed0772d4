//! One search of an account at a time.

use kaifu_core::id::AccountId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The accounts of which something is searched right now.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<AccountId, Arc<Semaphore>>>);

/// The turn to search, of one account; given up when dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    account: AccountId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for the turn of `account`. Whoever came first is first; other accounts do not matter.
    pub(crate) async fn take(&self, account: AccountId) -> Turn<'_> {
        // Made first, so that whoever waits in vain leaves nothing behind.
        let mut turn = Turn {
            turns: self,
            account,
            permit: None,
        };
        let place = self.places().entry(account).or_insert_with(one).clone();
        // It is never closed.
        turn.permit = place.acquire_owned().await.ok();
        turn
    }

    fn places(&self) -> MutexGuard<'_, HashMap<AccountId, Arc<Semaphore>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn one() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(1))
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut places = self.turns.places();
        self.permit = None;
        // Whoever waits holds the place as well.
        if (places.get(&self.account)).is_some_and(|place| Arc::strong_count(place) == 1) {
            places.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    const A: AccountId = AccountId([1; 8]);
    const B: AccountId = AccountId([2; 8]);

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn an_account_has_one_turn_and_others_have_theirs() {
        let turns = Turns::default();
        let first = poll(pin!(turns.take(A))).unwrap();
        let mut second = pin!(turns.take(A));
        let mut third = Box::pin(turns.take(A));
        assert!(poll(second.as_mut()).is_none() && poll(third.as_mut()).is_none());
        assert!(poll(pin!(turns.take(B))).is_some());
        drop(first);
        assert!(poll(third.as_mut()).is_none(), "they come in their order");
        let second = poll(second.as_mut()).unwrap();
        drop(third);
        drop(second);
        assert!(turns.places().is_empty());
    }
}
