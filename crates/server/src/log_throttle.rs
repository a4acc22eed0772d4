//! Logging what goes wrong again and again only now and then.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The shortest time between two log lines about the same trouble.
const QUIET: Duration = Duration::from_secs(1);

/// How often one kind of failure is logged.
#[derive(Default)]
pub(crate) struct LogThrottle {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unlogged: u64,
    logged_at: Option<Instant>,
}

impl LogThrottle {
    /// Counts a failure. Returns how many there were since the last one that was logged, this one
    /// included, when this one is to be logged.
    pub(crate) fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
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
        let throttle = LogThrottle::default();
        let start = Instant::now();
        let at = |millis| throttle.count(start + Duration::from_millis(millis));
        assert_eq!(
            [at(0), at(10), at(999), at(1_000), at(1_001)],
            [Some(1), None, None, Some(3), None]
        );
    }
}
