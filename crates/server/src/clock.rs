//! The server's clock.

use kaifu_core::time::{Day, Millis};
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// No server ran before the first day of 2026: a clock that stands earlier was never set.
const FIRST_DAY: Day = Day(2_192);

/// Where the server gets the time of events from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// A clock that shows what `now` says, which may jump as it likes.
    #[must_use]
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub(crate) fn now(&self) -> Millis {
        (self.0)()
    }

    /// The day, for what expires; `None` while the clock is not trusted, when nothing does.
    pub(crate) fn trusted_day(&self) -> Option<Day> {
        let today = Day::of(self.now());
        (today >= FIRST_DAY).then_some(today)
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
