//! A point in time as markup.

use kaifu_core::relative;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use maud::{Markup, html};

/// Over how many days a distance says more than the date does.
const DAYS: i64 = 30;

/// `at`, which is in milliseconds since the Unix epoch, to the minute; its tooltip says how long ago
/// that was, and the second.
pub(crate) fn time(at: i64, now: Millis, words: &impl Words) -> Markup {
    let at = Millis(at);
    let mut title = words.exact(at);
    if let Some((amount, unit)) = distance(at, now, words) {
        title = [words.distance(amount, unit), title].join(" · ");
    }
    html! { time datetime=(words.iso(at)) title=(title) { (words.clock(at, now)) } }
}

/// How far `at` lies before `now`: within a day by the clock, and then in days of the calendar, as
/// "yesterday" is one. `None` where that is too long ago.
fn distance(at: Millis, now: Millis, words: &impl Words) -> Option<(i32, &'static str)> {
    let near = relative::distance(at, now);
    if matches!(near.1, "second" | "minute" | "hour") {
        return Some(near);
    }
    let days = words.local_day(now) - words.local_day(at);
    let amount = i32::try_from(-days).ok().filter(|_| days < DAYS);
    Some((amount?, "day"))
}
