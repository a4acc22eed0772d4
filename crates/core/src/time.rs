//! Points in time.

/// Milliseconds in a second.
pub const SECOND: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// A point in time: milliseconds since the Unix epoch, as `Date.now()` returns them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// Milliseconds from `earlier` to `self`; negative when `self` is the earlier one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This point moved by `millis`.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The number of the minute that this point lies in, counted from the Unix epoch.
    #[must_use]
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// The number of the UTC day that this point lies in, counted from the Unix epoch.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_days_begin_on_the_clock() {
        for (at, minute, day) in [
            (-1, -1, -1),
            (0, 0, 0),
            (MINUTE - 1, 0, 0),
            (MINUTE, 1, 0),
            (DAY - 1, 1_439, 0),
            (DAY, 1_440, 1),
        ] {
            let at = Millis(at);
            assert_eq!((at.minute(), at.day()), (minute, day), "{at:?}");
        }
    }
}
