//! The server's clock.

use kaifu_core::time::{Day, Millis};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// No server ran before the first day of 2026: a clock that stands earlier was never set.
const FIRST_DAY: Day = Day(2_192);

/// How many days a clock may be ahead of the store before it is not trusted.
const AHEAD: u16 = 2;

/// Where the server gets the time of events from.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Millis + Send + Sync>,
    /// The latest day that the store believes in, which no wrong clock moves far; 0 until it says so.
    believed: Arc<AtomicU16>,
}

impl Clock {
    /// A clock that shows what `now` says, which may jump as it likes.
    #[must_use]
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self {
            now: Arc::new(now),
            believed: Arc::default(),
        }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Millis {
        (self.now)()
    }

    /// Takes in the time that the store believes in.
    pub(crate) fn believe(&self, at: Millis) {
        self.believed.fetch_max(Day::of(at).0, Ordering::Relaxed);
    }

    /// The day, for what expires; `None` while the clock is not trusted, when nothing does: it was
    /// never set, or it is far ahead of the store.
    pub(crate) fn trusted_day(&self) -> Option<Day> {
        let today = Day::of(self.now());
        let believed = Day(self.believed.load(Ordering::Relaxed));
        let is_ahead = believed >= FIRST_DAY && today > believed.plus(AHEAD);
        (today >= FIRST_DAY && !is_ahead).then_some(today)
    }
}

impl Default for Clock {
    /// The system's clock; 0 when that stands before 1970.
    fn default() -> Self {
        Self::new(|| {
            let since_epoch = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            Millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicI64;

    #[test]
    fn a_clock_that_was_never_set_or_is_far_ahead_of_the_store_is_not_trusted() {
        let today = FIRST_DAY.plus(300);
        let now = Arc::new(AtomicI64::new(0));
        let clock = Clock::new({
            let now = Arc::clone(&now);
            move || Millis(now.load(Ordering::Relaxed))
        });
        let shows = |day: Day| {
            now.store(day.begin().0, Ordering::Relaxed);
            clock.trusted_day()
        };
        assert_eq!(shows(Day(2_191)), None);
        // A store that has not said anything yet belies no clock.
        assert_eq!(shows(today.plus(200)), Some(today.plus(200)));
        clock.believe(today.begin());
        assert_eq!(shows(today), Some(today));
        assert_eq!(shows(today.plus(2)), Some(today.plus(2)));
        assert_eq!(shows(today.plus(3)), None);
        // What expires by a clock that is behind expires later.
        assert_eq!(shows(FIRST_DAY), Some(FIRST_DAY));
        clock.believe(today.plus(1).begin());
        assert_eq!(shows(today.plus(3)), Some(today.plus(3)));
    }
}
