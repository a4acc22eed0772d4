//! Distances in time, in the unit a person would choose.

use crate::time::{DAY, HOUR, MINUTE, Millis, SECOND};

const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

/// How far `at` lies before `now`: an amount that is zero or negative, and the name of Intl's unit.
/// A point in the future, which a server's clock can bring about, counts as now.
#[must_use]
pub fn distance(at: Millis, now: Millis) -> (i32, &'static str) {
    match now.since(at) {
        ..MINUTE => (0, "second"),
        past => {
            let (amount, unit) = length(past);
            (-amount, unit)
        }
    }
}

/// A length of time in whole units, cut off: an amount and the name of Intl's unit.
#[must_use]
pub fn length(millis: i64) -> (i32, &'static str) {
    let millis = millis.max(0);
    let (unit_millis, unit) = match millis {
        ..MINUTE => (SECOND, "second"),
        MINUTE..HOUR => (MINUTE, "minute"),
        HOUR..DAY => (HOUR, "hour"),
        DAY..MONTH => (DAY, "day"),
        MONTH..YEAR => (MONTH, "month"),
        YEAR.. => (YEAR, "year"),
    };
    (
        i32::try_from(millis / unit_millis).unwrap_or(i32::MAX),
        unit,
    )
}

/// The shortest whole number of units that `millis` fits into, at least a second.
#[must_use]
pub fn within(millis: i64) -> (i32, &'static str) {
    let unit = match millis {
        ..=MINUTE => SECOND,
        _ => MINUTE,
    };
    let whole = millis.max(1).saturating_add(unit - 1) / unit * unit;
    length(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_fits_the_distance() {
        let now = Millis(1_790_000_000_000);
        for (past, expected) in [
            (-5 * MINUTE, (0, "second")),
            (0, (0, "second")),
            (59 * SECOND, (0, "second")),
            (MINUTE, (-1, "minute")),
            (HOUR - 1, (-59, "minute")),
            (HOUR, (-1, "hour")),
            (DAY - 1, (-23, "hour")),
            (DAY, (-1, "day")),
            (29 * DAY, (-29, "day")),
            (MONTH, (-1, "month")),
            (YEAR - 1, (-12, "month")),
            (2 * YEAR, (-2, "year")),
        ] {
            assert_eq!(distance(now.plus(-past), now), expected, "{past}");
        }
        assert_eq!(distance(Millis(i64::MIN), now).1, "year");
        assert_eq!(distance(Millis(i64::MAX), now), (0, "second"));
    }

    #[test]
    fn lengths_are_told_in_whole_units() {
        for (millis, expected) in [
            (-1, (0, "second")),
            (9_999, (9, "second")),
            (3 * HOUR + 59 * MINUTE, (3, "hour")),
        ] {
            assert_eq!(length(millis), expected, "{millis}");
        }
        for (millis, expected) in [
            (0, (1, "second")),
            (1_001, (2, "second")),
            (MINUTE - 1, (1, "minute")),
            (MINUTE + 1, (2, "minute")),
            (HOUR, (1, "hour")),
        ] {
            assert_eq!(within(millis), expected, "{millis}");
        }
    }
}
