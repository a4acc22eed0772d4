//! Logging what happens again and again only now and then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two lines from the same place in the code.
const QUIET: Duration = Duration::from_secs(1);

/// How often one place in the code logs.
pub(crate) struct LogThrottle {
    state: Mutex<State>,
}

struct State {
    unlogged: u64,
    logged_at: Option<Instant>,
}

impl LogThrottle {
    /// A throttle of a place that has not logged yet.
    pub(crate) const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                unlogged: 0,
                logged_at: None,
            }),
        }
    }

    /// Counts a line. Returns how many there were since the last one that was logged, this one
    /// included, when this one is to be logged.
    pub(crate) fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.unlogged += 1;
        if state
            .logged_at
            .is_some_and(|at| now.saturating_duration_since(at) < QUIET)
        {
            return None;
        }
        state.logged_at = Some(now);
        Some(std::mem::take(&mut state.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_logged_once_a_second_and_counted_whole() {
        let throttle = LogThrottle::new();
        let start = Instant::now();
        let at = |millis| throttle.count(start + Duration::from_millis(millis));
        assert_eq!(
            [at(0), at(10), at(999), at(1_000), at(1_001)],
            [Some(1), None, None, Some(3), None]
        );
    }
}
