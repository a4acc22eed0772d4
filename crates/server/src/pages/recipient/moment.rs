//! Times, as the page writes them for readers without a script.

use crate::pages::words::Words;
use kaifu_core::time::Millis;
use time::UtcDateTime;

/// `at` in UTC; the Unix epoch for what lies outside of the years that have a name.
fn utc(at: Millis) -> UtcDateTime {
    let at = UtcDateTime::from_unix_timestamp(at.0.div_euclid(1_000));
    at.unwrap_or(UtcDateTime::UNIX_EPOCH)
}

/// `at` as a browser reads it.
pub(super) fn iso(at: Millis) -> String {
    let (at, month) = (utc(at), u8::from(utc(at).month()));
    let (year, day) = (at.year(), at.day());
    let (hour, minute, second) = at.as_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `at` to the minute, with its zone.
pub(super) fn said(at: Millis, now: Millis, words: &Words) -> String {
    let (at, now) = (utc(at), utc(now));
    let text = if at.date() == now.date() {
        &words.today
    } else if at.year() == now.year() {
        &words.date
    } else {
        &words.date_of_year
    };
    let month = &words.months[usize::from(u8::from(at.month())) - 1];
    text.fill(&[
        ("year", &at.year().to_string()),
        ("month", month),
        ("day", &at.day().to_string()),
        ("time", &format!("{:02}:{:02}", at.hour(), at.minute())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::language::Language;

    #[test]
    fn times_are_written_in_utc() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_999, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_000, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso(Millis(at)), expected);
        }
    }

    #[test]
    fn a_time_is_said_as_shortly_as_it_can_be_told() {
        let words = Language::english().words();
        let at = Millis(951_782_399_999);
        for (after, expected) in [
            (0, "Today, 23:59 UTC"),
            (1, "28 Feb, 23:59 UTC"),
            (366 * 86_400_000, "28 Feb 2000, 23:59 UTC"),
        ] {
            assert_eq!(said(at, at.plus(after), words), expected);
        }
    }
}
