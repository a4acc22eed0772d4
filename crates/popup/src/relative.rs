//! Distances in time, in the unit a person would choose.

use kaifu_core::time::Millis;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

/// How far `at` lies before `now`: an amount that is zero or negative, and the name of Intl's unit.
/// A point in the future, which a server's clock can bring about, counts as now.
#[must_use]
pub(crate) fn distance(at: Millis, now: Millis) -> (i32, &'static str) {
    let past = now.since(at).max(0);
    let (unit_millis, unit) = match past {
        ..MINUTE => return (0, "second"),
        MINUTE..HOUR => (MINUTE, "minute"),
        HOUR..DAY => (HOUR, "hour"),
        DAY..MONTH => (DAY, "day"),
        MONTH..YEAR => (MONTH, "month"),
        YEAR.. => (YEAR, "year"),
    };
    let amount = i32::try_from(past / unit_millis).unwrap_or(i32::MAX);
    (-amount, unit)
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
}
