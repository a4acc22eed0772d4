//! What is said of people, states and events.

use crate::locale::Locale;
use kaifu_core::time::Millis;
use kaifu_l10n::{Words as _, events, people, states};
use kaifu_protocol::api::{Class, Source};
use kaifu_protocol::content::Recipient;
use kaifu_protocol::state::State;

const CLASSES: [Class; 10] = [
    Class::Human,
    Class::GmailProxy,
    Class::GmailPrefetch,
    Class::AppleMpp,
    Class::YahooProxy,
    Class::OutlookClient,
    Class::PrivacyProxy,
    Class::Scanner,
    Class::Bot,
    Class::Unknown,
];

fn recipient(name: &str, address: &str) -> Recipient {
    Recipient {
        address: address.to_owned(),
        name: name.to_owned(),
    }
}

fn source(class: Class, client: &str) -> Source {
    Source {
        class,
        client: Some(client.to_owned()),
        device: Some("Linux".to_owned()),
        country: Some("FR".to_owned()),
        reader: None,
    }
}

#[test]
fn people_are_called_by_name_or_address() {
    let words = Locale::english();
    let anna = recipient("Anna", "anna@example.com");
    let ben = recipient("", "ben@example.com");
    for (recipients, expected) in [
        (vec![], "(recipients unknown)"),
        (vec![anna.clone()], "Anna"),
        (vec![anna, ben], "Anna, ben@example.com"),
    ] {
        assert_eq!(people::names(&recipients, &words), expected);
    }
}

#[test]
fn an_empty_subject_has_words_that_stand_for_it() {
    let words = Locale::english();
    for (subject, expected) in [
        ("Plan", "Plan"),
        ("", "(no subject)"),
        (" ", "(no subject)"),
    ] {
        assert_eq!(people::subject(subject, &words), expected);
    }
}

#[test]
fn each_kind_of_program_has_words_of_its_own() {
    for locale in Locale::all() {
        let mut said: Vec<String> = CLASSES
            .iter()
            .map(|&class| locale.text(events::class_key(class)))
            .collect();
        assert!(!said.contains(&String::new()));
        said.sort();
        said.dedup();
        assert_eq!(said.len(), CLASSES.len());
    }
}

#[test]
fn only_a_readers_own_program_is_called_by_its_name_and_placed() {
    let words = Locale::english();
    let own = source(Class::Human, "Firefox");
    assert_eq!(events::program(&own, &words), "Firefox");
    assert_eq!(
        events::source(&own, &words),
        "Browser or email app (Firefox) · Linux · country:FR (based on network)"
    );
    let proxy = source(Class::GmailProxy, "Gmail");
    let name = words.text("source_gmail_proxy");
    assert_eq!(events::program(&proxy, &words), name);
    assert_eq!(events::source(&proxy, &words), name);
}

#[test]
fn an_event_before_the_send_is_not_timed_by_it() {
    let words = Locale::english();
    let sent_at = Millis(10_000);
    let after = |at| events::after_sending(Millis(at), sent_at, &words);
    assert_eq!(after(9_999), None);
    assert_eq!(after(14_000).as_deref(), Some("right after sending"));
}

#[test]
fn a_code_from_a_newer_version_is_admitted() {
    let words = Locale::english();
    assert_eq!(
        states::reason("carrier_pigeon", &words),
        words.text("reason_reported")
    );
    assert_eq!(states::reason("", &words), words.text("reason_reported"));
}

#[test]
fn a_mark_says_its_state_its_views_and_why() {
    let words = Locale::english();
    let at = Some(Millis(5));
    for (views, label) in [
        ((0, None), "Probably opened"),
        ((0, at), "Probably opened"),
        ((1, at), "Probably opened · 1 view, moment:5"),
        ((3, at), "Probably opened · 3 views, last moment:5"),
    ] {
        let (short, all) = states::mark(State::Opened, views, None, &words);
        let meaning = states::meaning(State::Opened, &words);
        assert_eq!(
            (short.as_str(), all),
            (label, format!("{label} · {meaning}"))
        );
    }
    let (_, all) = states::mark(State::Unseen, (0, None), Some("own_view"), &words);
    let reason = states::reason("own_view", &words);
    let meaning = states::meaning(State::Unseen, &words);
    assert_eq!(all, format!("No opens detected · {reason}\n{meaning}"));
}
