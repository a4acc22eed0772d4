//! The names of what emails are listed.

use super::part::length;
use kaifu_core::report::{WITHIN, Which};
use kaifu_core::time::{DAY, HOUR, Millis};
use kaifu_l10n::{Words, states};
use kaifu_protocol::state::State;

/// The name of the emails of `which`.
pub(super) fn which(which: &Which, words: &impl Words) -> String {
    match which {
        Which::All => words.text("report_all"),
        Which::Tracked => words.text("report_tracked"),
        Which::Opened => words.text("report_opened"),
        Which::Standing(standing) => states::name(State::from(*standing), words),
        Which::LeftOut => words.text("report_left_out"),
        Which::NotCounted => words.text("report_not_counted"),
        Which::Quiet => words.text("report_quiet"),
        Which::Within(place) => within(*place, words),
        Which::Hour(weekday, hour) => hour_of_week(*weekday, *hour, words),
        Which::Week(monday) => words.with("report_week_of", &[&day(*monday, words)]),
        Which::Person(name) | Which::Domain(name) => name.clone(),
    }
}

/// A length of time until a first open, by its place in [`WITHIN`].
pub(super) fn within(place: usize, words: &impl Words) -> String {
    let end = |place: usize| Some(length(*WITHIN.get(place)?, words));
    match (place.checked_sub(1).and_then(end), end(place)) {
        (None, most) => words.with("report_up_to", &[&most.unwrap_or_default()]),
        (Some(least), Some(most)) => words.with("report_between", &[&least, &most]),
        (Some(least), None) => words.with("report_beyond", &[&least]),
    }
}

/// An hour of the week, such as "Mon 09:00".
pub(super) fn hour_of_week(weekday: usize, hour: usize, words: &impl Words) -> String {
    format!("{} {hour:02}:00", words.weekday(weekday))
}

/// A day in the user's zone, which is given in days since 1970-01-01, in few characters.
pub(super) fn day(day: i64, words: &impl Words) -> String {
    let begin = day.saturating_mul(DAY);
    // Far from Greenwich, noon there is another day.
    let moments = [12, 1, 23].map(|hours| Millis(begin.saturating_add(hours * HOUR)));
    let of_that_day = moments.iter().find(|at| words.local_day(**at) == day);
    words.date(*of_that_day.unwrap_or(&moments[0]))
}
