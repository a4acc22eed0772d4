//! What the locale files must have, and must not say.

use crate::locale::Locale;
use kaifu_core::fetch::Reason;
use kaifu_core::state::{EventReason, StateReason};
use kaifu_l10n::{Words as _, language, states};
use kaifu_protocol::state::State;
use std::collections::BTreeSet;

const REASONS: &str = include_str!("../../../../docs/REASONS.md");

fn keys(locale: &Locale) -> Vec<&String> {
    locale.0.as_object().unwrap().keys().collect()
}

#[test]
fn every_reason_has_words_and_no_words_are_left_over() {
    let codes: BTreeSet<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .chain(EventReason::OWN.iter().map(|reason| reason.code()))
        .chain(StateReason::ALL.iter().map(|reason| reason.code()))
        .collect();
    for locale in Locale::all() {
        let worded: BTreeSet<&str> = keys(&locale)
            .into_iter()
            .filter_map(|key| key.strip_prefix("reason_"))
            .collect();
        assert_eq!(worded, codes);
    }
    for code in codes {
        let key = format!("reason_{code}");
        let (english, japanese) = (Locale::english().text(&key), Locale::named("ja").text(&key));
        let row = format!("| {english} | {japanese} |");
        assert!(REASONS.contains(&row), "docs/REASONS.md has no {row}");
    }
}

#[test]
fn the_locales_have_the_same_keys_and_placeholders() {
    let english = Locale::english();
    let values = ["@1", "@2", "@3"];
    for other in Locale::all() {
        assert_eq!(keys(&english), keys(&other));
        for key in keys(&english) {
            let (ours, theirs) = (english.with(key, &values), other.with(key, &values));
            assert!(!ours.is_empty() && !theirs.is_empty(), "{key}");
            for value in values {
                assert_eq!(ours.contains(value), theirs.contains(value), "{key}");
            }
        }
    }
}

/// The words of a language that say that an email was read, or was not.
const CLAIMS: &[(&str, &[&str])] = &[
    ("de", &["gelesen", "ungeöffnet", "nicht geöffnet"]),
    ("en", &["read", "unread", "unopened", "not opened"]),
    ("ja", &["未読", "既読", "未開封"]),
];

#[test]
fn no_text_claims_that_a_mail_was_read_or_not() {
    let keys: Vec<String> = State::ALL
        .iter()
        .map(|state| format!("state_{}", state.name()))
        .chain(["event_likely", "notice_opened", "popup_views"].map(str::to_owned))
        .collect();
    for locale in Locale::all() {
        let language = locale.text("locale_language");
        let claims = CLAIMS.iter().find(|(of, _)| *of == language);
        let (_, claims) = claims.unwrap_or_else(|| panic!("CLAIMS has no words of {language}"));
        for key in &keys {
            let text = locale.text(key).to_lowercase();
            for claim in *claims {
                assert!(!text.contains(claim), "{language}: {text}");
            }
        }
    }
}

#[test]
fn each_state_has_a_name_of_its_own_and_a_meaning() {
    for locale in Locale::all() {
        let names: BTreeSet<String> = State::ALL
            .iter()
            .map(|&state| states::name(state, &locale))
            .collect();
        assert_eq!(names.len(), State::ALL.len());
        assert!(!names.contains(""));
        for state in State::ALL {
            assert_ne!(states::meaning(state, &locale), "", "{}", state.name());
        }
    }
}

#[test]
fn each_locale_names_its_own_language() {
    for expected in Locale::names() {
        let named = Locale::named(&expected).text("locale_language");
        // What is no language would be taken for English.
        assert_eq!(language::tag(&named, ""), expected);
    }
}

#[test]
fn every_folder_of_texts_is_a_language_that_is_known() {
    let folders = concat!(env!("CARGO_MANIFEST_DIR"), "/../../extension/_locales");
    let folders = std::fs::read_dir(folders).unwrap();
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, kaifu_l10n::language::ALL);
}
