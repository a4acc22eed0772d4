//! Days and hours in the user's zone.

use crate::time::{DAY, HOUR, Millis};

/// The user's zone: how many milliseconds its clocks are ahead of UTC at a point in time.
pub type Zone<'a> = &'a dyn Fn(Millis) -> i64;

/// The first of January 1970 was a Thursday; weeks begin on Monday, as they do in ISO 8601.
const MONDAY: i64 = 3;

/// A point in time in the user's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Days since 1970-01-01.
    pub day: i64,
    /// 0 for Monday to 6 for Sunday.
    pub weekday: usize,
    /// 0 to 23.
    pub hour: usize,
}

impl Local {
    /// What `at` is in `zone`.
    #[must_use]
    pub fn of(at: Millis, zone: Zone<'_>) -> Self {
        let local = at.plus(zone(at));
        Self {
            day: local.day(),
            weekday: weekday(local.day()),
            hour: usize::try_from(local.0.rem_euclid(DAY) / HOUR).unwrap_or(0),
        }
    }

    /// The day that its week began: a Monday, in days since 1970-01-01.
    #[must_use]
    pub const fn monday(&self) -> i64 {
        monday(self.day)
    }
}

/// The Monday of the week of `day`, in days since 1970-01-01.
pub(super) const fn monday(day: i64) -> i64 {
    day - (day + MONDAY).rem_euclid(7)
}

/// The place of `day` in its week: 0 for Monday to 6 for Sunday.
pub(super) fn weekday(day: i64) -> usize {
    usize::try_from((day + MONDAY).rem_euclid(7)).unwrap_or(0)
}
