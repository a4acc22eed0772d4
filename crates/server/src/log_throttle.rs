//! Logging what happens again and again only now and then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often one place in the code logs.
pub(crate) struct LogThrottle {
    /// The shortest time between two lines.
    quiet: Duration,
    state: Mutex<State>,
}

struct State {
    unlogged: u64,
    logged_at: Option<Instant>,
}

impl LogThrottle {
    /// A throttle of a place that has not logged yet, and does at most once a second.
    pub(crate) const fn new() -> Self {
        Self::every(Duration::from_secs(1))
    }

    /// A throttle of a place that tells of what lasts: it logs at most once an hour.
    pub(crate) const fn hourly() -> Self {
        Self::every(Duration::from_hours(1))
    }

    const fn every(quiet: Duration) -> Self {
        Self {
            quiet,
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
            .is_some_and(|at| now.saturating_duration_since(at) < self.quiet)
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
        let throttle = LogThrottle::hourly();
        let at = |secs| throttle.count(start + Duration::from_secs(secs));
        assert_eq!([at(0), at(3_599), at(3_600)], [Some(1), None, Some(2)]);
    }
}
