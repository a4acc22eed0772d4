//! The recipient's own page.

use super::words::{self, Words};
use super::{Language, page};
use crate::store::MessageRecord;
use axum::http::StatusCode;
use axum::response::Response;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Class, Event, Kind, Source};
use maud::{Markup, html};
use std::time::Duration;
use time::UtcDateTime;

/// What the page shows.
pub(crate) struct Receipt<'a> {
    /// The language of its words.
    pub(crate) language: Language,
    /// The token in the page's own address.
    pub(crate) token: &'a str,
    /// What is stored about the message.
    pub(crate) record: &'a MessageRecord,
    /// Whether anything is recorded yet: its token's last day is not over.
    pub(crate) records: bool,
    /// How long an event is kept.
    pub(crate) retention: Duration,
    /// The button that was just pressed.
    pub(crate) done: Option<Done>,
}

/// What a button did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Read,
    Refuse,
    Erase,
}

impl Done {
    /// Its name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Refuse => "refuse",
            Self::Erase => "erase",
        }
    }

    /// What a query such as `done=read` names.
    pub(crate) fn named(query: &str) -> Option<Self> {
        let name = query.strip_prefix("done=")?;
        [Self::Read, Self::Refuse, Self::Erase]
            .into_iter()
            .find(|done| done.name() == name)
    }
}

/// The page.
pub(crate) fn receipt(receipt: &Receipt<'_>) -> Response {
    let words = words::of(receipt.language);
    let record = receipt.record;
    // The address may say what it likes: only what is stored is claimed.
    let has_read = record.events.iter().any(|open| open.kind == Kind::Read);
    let done = match receipt.done {
        Some(Done::Read) if has_read => Some(words.done_read),
        Some(Done::Erase) if record.events.iter().all(|open| open.kind == Kind::Refuse) => {
            Some(words.done_erase)
        }
        _ => None,
    };
    let days = receipt.retention.as_secs() / 86_400;
    let body = html! {
        @if let Some(done) = done { p.done role="status" { (done) } }
        @if record.refused { p.done role="status" { (words.refused) } }
        @if !receipt.records { p.done role="status" { (words.over) } }
        p { (words.what) }
        h2 { (words.recorded_title) }
        p { (words.recorded) }
        p { (words.not_recorded) }
        p { (words.kept) " " (days) " " (words.days) }
        (events(&record.events, words))
        h2 { (words.choices) }
        @if !record.refused {
            @if receipt.records { (button(receipt.token, Done::Read, words.read, words.read_note)) }
            (button(receipt.token, Done::Refuse, words.refuse, words.refuse_note))
        }
        (button(receipt.token, Done::Erase, words.erase, words.erase_note))
        p { (words.shared) }
    };
    page(StatusCode::OK, receipt.language, words.title, &body)
}

fn events(opens: &[Event], words: &Words) -> Markup {
    if opens.is_empty() {
        return html! { p { (words.nothing) } };
    }
    html! {
        table {
            thead { tr { th { (words.when) } th { (words.what_happened) } th { (words.who) } } }
            tbody {
                @for open in opens {
                    tr {
                        td { time datetime=(iso(Millis(open.at))) { (minute(Millis(open.at))) } }
                        td {
                            (kind(open.kind, words))
                            @if open.repeats > 0 { " ×" (open.repeats + 1) }
                        }
                        td {
                            (class(open.source.class, words))
                            @if let Some(known) = known(&open.source) { " (" (known) ")" }
                        }
                    }
                }
            }
        }
    }
}

/// What is known of the program that asked.
fn known(source: &Source) -> Option<String> {
    let parts = [&source.client, &source.device, &source.country];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn button(token: &str, done: Done, label: &str, note: &str) -> Markup {
    html! {
        form method="post" action={ "/r/" (token) "/" (done.name()) } {
            button { (label) }
            small { (note) }
        }
    }
}

const fn kind(kind: Kind, words: &Words) -> &'static str {
    match kind {
        Kind::Pixel => words.pixel,
        Kind::Link => words.link,
        Kind::Read => words.has_read,
        Kind::Refuse => words.has_refused,
        Kind::Agree | Kind::Undo | Kind::Other => words.other,
    }
}

const fn class(class: Class, words: &Words) -> &'static str {
    match class {
        Class::Human | Class::OutlookClient => words.program,
        Class::GmailProxy | Class::YahooProxy | Class::PrivacyProxy | Class::AppleMpp => {
            words.proxy
        }
        Class::GmailPrefetch | Class::Scanner | Class::Bot => words.machine,
        Class::Unknown => words.unknown,
    }
}

/// `at` in UTC; the Unix epoch for what lies outside of the years that have a name.
fn utc(at: Millis) -> UtcDateTime {
    let at = UtcDateTime::from_unix_timestamp(at.0.div_euclid(1_000));
    at.unwrap_or(UtcDateTime::UNIX_EPOCH)
}

fn iso(at: Millis) -> String {
    let (at, month) = (utc(at), u8::from(utc(at).month()));
    let (year, day) = (at.year(), at.day());
    let (hour, minute, second) = at.as_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn minute(at: Millis) -> String {
    let (at, month) = (utc(at), u8::from(utc(at).month()));
    let (year, day) = (at.year(), at.day());
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        at.hour(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(minute(Millis(951_782_399_999)), "2000-02-28 23:59 UTC");
    }

    #[test]
    fn only_known_buttons_are_named() {
        assert_eq!(Done::named("done=read"), Some(Done::Read));
        for query in ["", "done=", "done=readx", "x=1&done=read"] {
            assert_eq!(Done::named(query), None, "{query}");
        }
    }
}
