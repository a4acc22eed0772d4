//! What is recorded about the email, and what its sender was told of each.

use super::moment;
use crate::pages::words::{Text, Words};
use crate::store::RECORD_MAX;
use kaifu_core::fetch::Reason;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Class, Event, Kind, Source};
use maud::{Markup, html};

/// How many events the page shows: with more it would not be small any more.
const SHOWN: usize = 20;

/// The list of `events`, which are the newest first.
pub(super) fn log(events: &[Event], now: Millis, words: &Words) -> Markup {
    if events.is_empty() {
        return html! { p.lead { (&*words.nothing) } };
    }
    html! {
        ul.log {
            @for event in events.iter().take(SHOWN) {
                @let is_person = event.claim == Claim::Likely && event.kind != Kind::Undo;
                li class=[is_person.then_some("person")] {
                    i {}
                    div {
                        b { (what(event, words)) }
                        time datetime=(moment::iso(Millis(event.at))) {
                            (moment::said(Millis(event.at), now, words))
                        }
                    }
                    span { (details(event, words)) }
                }
            }
        }
        @if events.len() > SHOWN { p.lead { (earlier(events.len(), words)) } }
    }
}

/// That there are more events than are shown; the store itself shows only so many.
fn earlier(events: usize, words: &Words) -> String {
    let plus = if events >= usize::from(RECORD_MAX) {
        "+"
    } else {
        ""
    };
    let count = format!("{}{plus}", events - SHOWN);
    words.earlier.fill(&[("count", &count)])
}

/// What happened.
fn what(event: &Event, words: &Words) -> String {
    let fetched = |plain: &str, by: &Text| match event.source.class {
        Class::Scanner => words.scanner.to_string(),
        Class::Bot | Class::GmailPrefetch => words.bot.to_string(),
        _ => (event.source.client.as_deref())
            .map_or_else(|| plain.to_owned(), |client| by.fill(&[("app", client)])),
    };
    match event.kind {
        Kind::Pixel => fetched(&words.image, &words.image_by),
        Kind::Link => fetched(&words.link, &words.link_by),
        Kind::Read => words.has_read.to_string(),
        Kind::Agree => words.has_agreed.to_string(),
        Kind::Refuse => words.has_refused.to_string(),
        Kind::Undo => words.has_undone.to_string(),
        Kind::Other => words.other.to_string(),
    }
}

/// What is known of who did it, and what the sender was told.
fn details(event: &Event, words: &Words) -> Markup {
    let is_fetch = matches!(event.kind, Kind::Pixel | Kind::Link);
    let source = &event.source;
    let told = match event.claim {
        _ if event.reason == Reason::QuickPress.code() => &words.told_quick,
        _ if !is_fetch => &words.told_press,
        Claim::Likely => &words.told_likely,
        Claim::Unknown => &words.told_unknown,
        Claim::No => &words.told_no,
    };
    html! {
        @if event.repeats > 0 {
            (words.more.fill(&[("count", &event.repeats.to_string())])) " · "
        }
        @if event.sealed.is_some() { (&*words.named) " · " }
        @if is_fetch { (place(source, words)) }
        (&**told)
    }
}

/// The device and the country of its network, where they are the reader's own.
fn place(source: &Source, words: &Words) -> Markup {
    let is_service = matches!(
        source.class,
        Class::GmailProxy | Class::YahooProxy | Class::PrivacyProxy | Class::AppleMpp
    );
    html! {
        @if is_service { (&*words.hidden) " · " }
        @if let Some(device) = &source.device { (device) " · " }
        @if let Some(country) = &source.country { (network(country, words)) " · " }
    }
}

/// The text around the country's code, which a script makes its name.
fn network(country: &str, words: &Words) -> Markup {
    let (before, after) = words.network.split_once("{country}").unwrap_or_default();
    html! { (before) data value=(country) { (country) } (after) }
}
