//! Keeping a flood of fetches of one message small.
//!
//! The first few fetches of a message in each minute are stored one by one, more are only counted.
//! The count is stored before the answer like any event, and becomes an event of its own once its
//! minute is over.

use kaifu_core::fetch::Class;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many fetches of one message, kind and class are stored one by one in each minute.
const SINGLE: u8 = 30;

/// How many messages are counted at once; beyond, counting begins anew.
const MESSAGES: usize = 1 << 16;

/// How often each message was fetched in this minute.
pub(crate) struct Floods {
    hasher: RandomState,
    state: Mutex<State>,
    /// Whether there may be counts that are no events yet; those of an earlier run included.
    pending: AtomicBool,
}

#[derive(Default)]
struct State {
    minute: i64,
    counts: HashMap<u64, u8>,
}

impl Default for Floods {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            state: Mutex::default(),
            pending: AtomicBool::new(true),
        }
    }
}

impl Floods {
    /// Counts a fetch, and says whether it is one too many to be stored by itself.
    pub(crate) fn is_too_many(
        &self,
        account: AccountId,
        message: MessageId,
        kind: EventKind,
        class: Class,
        at: Millis,
    ) -> bool {
        let key = self
            .hasher
            .hash_one((account.0, message.0, kind as u8, class));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.minute != at.minute() || state.counts.len() >= MESSAGES {
            state.minute = at.minute();
            state.counts.clear();
        }
        let count = state.counts.entry(key).or_default();
        if *count < SINGLE {
            *count += 1;
            return false;
        }
        drop(state);
        self.set_pending();
        true
    }

    /// There may be counts that are no events yet.
    pub(crate) fn set_pending(&self) {
        self.pending.store(true, Ordering::Relaxed);
    }

    /// Whether there may be counts that are no events yet. The next question is answered by what
    /// comes in between.
    pub(crate) fn take_pending(&self) -> bool {
        self.pending.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_of_each_minute_are_let_through() {
        let floods = Floods::default();
        let fetch = |message, class, at| {
            floods.is_too_many(
                AccountId([1; 8]),
                MessageId([message; 8]),
                EventKind::Pixel,
                class,
                Millis(at),
            )
        };
        for _ in 0..SINGLE {
            assert!(!fetch(1, Class::Human, 60_000));
        }
        assert!(fetch(1, Class::Human, 119_999));
        assert!(!fetch(1, Class::Bot, 119_999), "a bot hides no person");
        assert!(!fetch(2, Class::Human, 119_999));
        assert!(!fetch(1, Class::Human, 120_000));
        // A clock that is set back begins anew as well.
        assert!(!fetch(1, Class::Human, 1));
    }

    #[test]
    fn memory_is_bounded() {
        let floods = Floods::default();
        for message in 0..3 * MESSAGES as u64 {
            let message = MessageId(message.to_be_bytes());
            let kind = EventKind::Pixel;
            floods.is_too_many(AccountId([1; 8]), message, kind, Class::Human, Millis(0));
        }
        assert!(floods.state.lock().unwrap().counts.len() <= MESSAGES);
    }
}
