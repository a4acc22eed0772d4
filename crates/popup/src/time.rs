//! A point in time as markup.

use kaifu_core::relative;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use maud::{Markup, html};

/// Which form of a time is read; the other one is its tooltip.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The date and the time.
    Exact,
    /// How long ago it was.
    Relative,
}

/// `at`, which is in milliseconds since the Unix epoch.
pub(crate) fn time(at: i64, shown: Shown, now: Millis, words: &impl Words) -> Markup {
    let at = Millis(at);
    let (amount, unit) = relative::distance(at, now);
    let (exact, distance) = (words.exact(at), words.distance(amount, unit));
    let (text, title) = match shown {
        Shown::Exact => (exact, distance),
        Shown::Relative => (distance, exact),
    };
    html! { time datetime=(words.iso(at)) title=(title) { (text) } }
}
