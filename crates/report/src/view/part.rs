//! What several parts of the page are made of.

use crate::model::Model;
use kaifu_core::relative;
use kaifu_core::report::Which;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use maud::{Markup, html};

/// How wide a whole bar is, in units of its drawing.
const WHOLE: u64 = 100;

/// A number or words that lead to the emails that they stand for.
pub(super) fn leads(which: &Which, model: &Model, content: &Markup) -> Markup {
    html! {
        button.leads type="button" data-which=(which.code())
            aria-pressed=(model.asked.which == *which) { (content) }
    }
}

/// A number that leads to its emails; 0 leads nowhere.
pub(super) fn count(which: &Which, count: u32, model: &Model) -> Markup {
    html! {
        @if count == 0 { "0" } @else { (leads(which, model, &html! { (count) })) }
    }
}

/// A bar that stands for `count` of `most`. The number beside it says the same.
pub(super) fn bar(count: u32, most: u32) -> Markup {
    let width = u64::from(count) * WHOLE / u64::from(most.max(1));
    html! {
        svg.bar viewBox={ "0 0 " (WHOLE) " 8" } preserveAspectRatio="none" aria-hidden="true" {
            rect class="all" width=(WHOLE) height="8" {}
            rect class="part" width=(width) height="8" {}
        }
    }
}

/// A length of time in whole units, such as "2 hours".
pub(super) fn length(millis: i64, words: &impl Words) -> String {
    let (amount, unit) = relative::length(millis);
    words.amount(amount, unit)
}

/// Beyond so many days a time is told by its month; its tooltip has the rest.
const MOST_DAYS: i64 = 300;

/// A point in time, which is given in milliseconds since the Unix epoch, in few characters.
pub(super) fn time(at: Option<i64>, now: Millis, words: &impl Words) -> Markup {
    html! {
        @if let Some(at) = at.map(Millis) {
            time datetime=(words.iso(at)) title=(words.exact(at)) { (short(at, now, words)) }
        } @else {
            "–"
        }
    }
}

fn short(at: Millis, now: Millis, words: &impl Words) -> String {
    let clock = words.clock(at, at);
    match words.local_day(now) - words.local_day(at) {
        0 => clock,
        ..=MOST_DAYS => format!("{} {clock}", words.date(at)),
        _ => words.month(at),
    }
}

/// The heading of a part, and what is to be known of it.
pub(super) fn heading(title: &str, note: &str, words: &impl Words) -> Markup {
    html! {
        h2 { (words.text(title)) }
        p.quiet { (words.text(note)) }
    }
}
