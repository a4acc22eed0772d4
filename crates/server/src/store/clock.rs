//! The hours of a store, by which it forgets.
//!
//! Events are forgotten by the hour in which they were stored, not by the time that they show: that
//! is the clock's of some server. And no clock is believed at once when it is far ahead: a store's
//! hour goes on by a day for each hour in which its server runs, at most. So a clock that is wrong
//! for a while erases nothing, and after a long pause retention catches up within a day or two.

use kaifu_core::time::Millis;
use std::time::{Duration, Instant};

/// 2020-01-01, in hours since the Unix epoch.
const ORIGIN: i64 = 438_288;

/// How many hours of catching up an hour of running is good for.
const SPEED: u32 = 24;

/// The hour in which `at` lies, counted from 2020-01-01.
pub(crate) const fn hour(at: Millis) -> i64 {
    at.0.div_euclid(3_600_000) - ORIGIN
}

/// When an hour begins.
pub(crate) const fn begins(hour: i64) -> Millis {
    Millis((hour.saturating_add(ORIGIN)).saturating_mul(3_600_000))
}

/// How far the store's hour may go on.
#[derive(Clone)]
pub(crate) struct Allowance {
    since: Instant,
}

impl Allowance {
    /// Nothing yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now }
    }

    /// The store's hour after `hour` when the clock shows `clock`. What is not used is not lost.
    pub(crate) fn advance(&mut self, hour: i64, clock: i64, now: Instant) -> i64 {
        // A new store begins with what the clock says.
        if hour == 0 {
            return clock;
        }
        let running = now.saturating_duration_since(self.since) * SPEED;
        let hours = running.as_secs() / 3_600;
        let rest = running.saturating_sub(Duration::from_hours(hours));
        self.since = now.checked_sub(rest / SPEED).unwrap_or(now);
        clock.min(hour.saturating_add_unsigned(hours)).max(hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_count_from_2020() {
        assert_eq!(hour(Millis(1_577_836_800_000)), 0);
        assert_eq!(hour(Millis(1_577_836_799_999)), -1);
    }

    #[test]
    fn a_clock_far_ahead_is_followed_slowly_and_one_behind_not_at_all() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let after = |minutes| start + Duration::from_mins(minutes);
        assert_eq!(allowance.advance(0, 1_000, start), 1_000);
        assert_eq!(allowance.advance(1_000, 6_000, start), 1_000);
        assert_eq!(allowance.advance(1_000, 6_000, after(60)), 1_024);
        // Little by little comes to as much.
        let mut hour = 1_024;
        for minute in 61..=120 {
            hour = allowance.advance(hour, 6_000, after(minute));
        }
        assert_eq!(hour, 1_048);
        assert_eq!(allowance.advance(hour, 500, after(180)), 1_048);
        assert_eq!(allowance.advance(hour, 1_050, after(240)), 1_050);
    }
}
