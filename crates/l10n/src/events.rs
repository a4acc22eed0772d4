//! One event of a message: what caused it, and when.

use crate::words::Words;
use kaifu_core::fetch::{self, Country};
use kaifu_core::relative;
use kaifu_core::time::{MINUTE, Millis};
use kaifu_protocol::api::{Class, Source};

/// The key of the words for a kind of program.
#[must_use]
pub const fn class_key(class: Class) -> &'static str {
    match class {
        Class::Human => "source_human",
        Class::GmailProxy => "source_gmail_proxy",
        Class::GmailPrefetch => "source_gmail_prefetch",
        Class::AppleMpp => "source_apple_mpp",
        Class::YahooProxy => "source_yahoo_proxy",
        Class::OutlookClient => "source_outlook_client",
        Class::PrivacyProxy => "source_privacy_proxy",
        Class::Scanner => "source_scanner",
        Class::Bot => "source_bot",
        Class::Unknown => "source_unknown",
    }
}

/// The program in the fewest words: a reader's own one by its name, where that is known.
#[must_use]
pub fn program(source: &Source, words: &impl Words) -> String {
    match &source.client {
        Some(client) if source.class == Class::Human => client.clone(),
        _ => words.text(class_key(source.class)),
    }
}

/// The kind of program and its name; for a reader's own one also what is known of the device and
/// its network.
#[must_use]
pub fn source(source: &Source, words: &impl Words) -> String {
    let class = words.text(class_key(source.class));
    let mut text = match &source.client {
        Some(client) if !class.contains(client.as_str()) => {
            words.with("event_source", &[&class, client])
        }
        _ => class,
    };
    // Whatever a server says, an email service's device and place are nobody's.
    if !fetch::Class::from(source.class).is_proxy() {
        let country = source.country.as_deref().and_then(Country::new);
        let place = country.map(|country| words.with("event_place", &[&words.country(country)]));
        for part in source.device.iter().chain(&place) {
            text.push_str(" · ");
            text.push_str(part);
        }
    }
    text
}

/// How long after `sent_at` something happened; `None` where it was before.
#[must_use]
pub fn after_sending(at: Millis, sent_at: Millis, words: &impl Words) -> Option<String> {
    match at.since(sent_at) {
        ..0 => None,
        0..MINUTE => Some(words.text("event_right_after")),
        after => {
            let (amount, unit) = relative::length(after);
            Some(words.with("event_after", &[&words.amount(amount, unit)]))
        }
    }
}

/// That `count` events repeat another within `span` milliseconds.
#[must_use]
pub fn repeats(count: u64, span: i64, words: &impl Words) -> String {
    let (amount, unit) = relative::within(span);
    words.with(
        "event_repeats",
        &[&count.to_string(), &words.amount(amount, unit)],
    )
}
