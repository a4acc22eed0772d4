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

/// How many days lie between the Unix epoch and [`Day`]'s first, 2020-01-01.
const FIRST_DAY: i64 = 18_262;

/// A UTC day, counted from 2020-01-01; the last is in the year 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u16);

impl Day {
    /// The day that `at` lies in: the first or the last one where it lies before or after all.
    #[must_use]
    pub const fn of(at: Millis) -> Self {
        let day = at.day() - FIRST_DAY;
        if day < 0 {
            Self(0)
        } else if day > u16::MAX as i64 {
            Self(u16::MAX)
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "both ends are checked above"
            )]
            Self(day as u16)
        }
    }

    /// The day `days` later; the last one where there is none.
    #[must_use]
    pub const fn plus(self, days: u16) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// When the day begins.
    #[must_use]
    pub const fn begin(self) -> Millis {
        Millis((self.0 as i64 + FIRST_DAY) * DAY)
    }

    /// When the day is over: the first moment of the next.
    #[must_use]
    pub const fn end(self) -> Millis {
        self.begin().plus(DAY)
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

    #[test]
    fn days_begin_and_end_at_midnight_utc() {
        // 2020-01-01, and the first day of a leap year's March.
        for (day, begin) in [(0, 1_577_836_800_000), (60, 1_583_020_800_000)] {
            let day = Day(day);
            assert_eq!(day.begin(), Millis(begin));
            assert_eq!(Day::of(Millis(begin)), day);
            assert_eq!(Day::of(day.end().plus(-1)), day);
            assert_eq!(Day::of(day.end()), day.plus(1));
        }
        assert_eq!(Day::of(Millis(i64::MIN)), Day(0));
        assert_eq!(Day::of(Millis(i64::MAX)), Day(u16::MAX));
        assert_eq!(Day(u16::MAX).plus(1), Day(u16::MAX));
    }
}
