//! A point in time as markup.

use kaifu_core::relative;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use maud::{Markup, html};

/// `at`, which is in milliseconds since the Unix epoch, to the minute; its tooltip says how long ago
/// that was, and the second.
pub(crate) fn time(at: i64, now: Millis, words: &impl Words) -> Markup {
    let at = Millis(at);
    let (amount, unit) = relative::distance(at, now);
    let title = [words.distance(amount, unit), words.exact(at)].join(" · ");
    html! { time datetime=(words.iso(at)) title=(title) { (words.clock(at, now)) } }
}
