//! What the settings form lets through.

#[cfg(test)]
#[path = "../../l10n/tests/l10n/locale.rs"]
mod locale;

use crate::locale::Locale;
use kaifu_l10n::Words as _;
use kaifu_options::settings::{backend, failure_key, is_about_backend};
use kaifu_protocol::call::Failure;

#[test]
fn each_mistake_in_the_address_has_its_own_words() {
    for (text, key) in [
        ("kaifu.example.org", "settings_invalid_scheme"),
        ("http://kaifu.example.org", "settings_insecure"),
        ("", "settings_invalid_scheme"),
        ("https://", "settings_invalid_host"),
        ("https://a.example.org:99999", "settings_invalid_port"),
        ("https://a.example.org/kaifu", "settings_invalid_path"),
    ] {
        assert_eq!(backend(text), Err(key), "{text}");
        for locale in Locale::all() {
            assert_ne!(locale.text(key), "", "{key}");
        }
    }
    assert_eq!(
        backend(" https://Kaifu.example.org/ ").map(|url| url.match_pattern()),
        Ok("https://kaifu.example.org/*".to_owned())
    );
}

#[test]
fn each_failure_has_words_in_the_right_place() {
    for (failure, about_backend) in [
        (Failure::Malformed, false),
        (Failure::Storage("full".to_owned()), false),
        (Failure::Full, false),
        (Failure::InvalidBackend, true),
        (Failure::InsecureBackend, true),
        (Failure::HostNotGranted, true),
    ] {
        assert_eq!(is_about_backend(&failure), about_backend, "{failure:?}");
        assert_ne!(Locale::english().text(failure_key(&failure)), "");
    }
}

#[test]
fn times_are_read_as_they_are_written() {
    for minutes in [0, 5, 450, 1_320, 1_439] {
        assert_eq!(
            kaifu_options::settings::minutes(&kaifu_options::settings::time(minutes)),
            Some(minutes)
        );
    }
    assert_eq!(kaifu_options::settings::time(450), "07:30");
    for wrong in ["", "7", "24:00", "07:60", "-1:00", "a:b"] {
        assert_eq!(kaifu_options::settings::minutes(wrong), None, "{wrong}");
    }
}
