//! Where the view gets its texts and times from.

use kaifu_core::fetch::Country;
use kaifu_core::state::StateReason;
use kaifu_core::time::Millis;
use kaifu_protocol::api::Class;
use kaifu_protocol::pages::Message;
use kaifu_protocol::state::State;

/// Texts and times in one language.
pub trait Words {
    /// The text under `key`; empty when there is none.
    fn text(&self, key: &str) -> String;
    /// The text under `key` with `values` in the places of `$1`, `$2` and so on.
    fn with(&self, key: &str, values: &[&str]) -> String;
    /// `at` for machines, in ISO 8601.
    fn iso(&self, at: Millis) -> String;
    /// `at` for people, to the second.
    fn exact(&self, at: Millis) -> String;
    /// `at` to the minute, without the day where that is the day of `now`.
    fn clock(&self, at: Millis, now: Millis) -> String;
    /// An amount of one of Intl's units as a distance from now, such as "2 hours ago" for -2.
    fn distance(&self, amount: i32, unit: &'static str) -> String;
    /// The name of a country.
    fn country(&self, country: Country) -> String;
    /// An amount of one of Intl's units, such as "2 hours".
    fn amount(&self, amount: i32, unit: &'static str) -> String;
    /// `text` in lower case. The tables for it are large, and a browser has its own.
    fn lower_case(&self, text: &str) -> String;
}

/// The text under `family_name`, for names that are known at run time only. Every dynamic key goes
/// through here; the families are `reason` (core's reason codes) and `state` (protocol's state
/// names, alone or followed by `_title`).
pub(crate) fn named(words: &impl Words, family: &str, name: &str) -> String {
    words.text(&format!("{family}_{name}"))
}

/// The state of `message` in a few words.
pub(crate) fn state_text(message: &Message, words: &impl Words) -> String {
    if message.state == State::Machine && message.reason == StateReason::CannotTell.code() {
        words.text("state_machine_unsure")
    } else {
        named(words, "state", message.state.name())
    }
}

/// The key of a source's name.
pub(crate) const fn source_key(class: Class) -> &'static str {
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

/// The subject, or the words that stand for an empty one.
pub(crate) fn subject_or_stand_in(subject: &str, words: &impl Words) -> String {
    if subject.trim().is_empty() {
        words.text("no_subject")
    } else {
        subject.to_owned()
    }
}

/// The language tag for times beside texts in the language `texts`, in a browser whose interface
/// speaks `interface`: the same language, with the region that the interface adds to it.
pub(crate) fn language(texts: &str, interface: &str) -> String {
    // Chrome on a system without a locale says `en-US@posix`, which Intl throws at.
    let interface = interface.split('@').next().unwrap_or_default();
    if interface.split('-').next() == Some(texts) {
        interface.to_owned()
    } else {
        texts.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_speak_the_language_of_the_texts() {
        for (texts, interface, expected) in [
            ("en", "en-GB", "en-GB"),
            ("en", "en-US@posix", "en-US"),
            ("ja", "ja", "ja"),
            ("en", "fr", "en"),
            ("ja", "en-US", "ja"),
            ("en", "", "en"),
        ] {
            assert_eq!(language(texts, interface), expected, "{texts} {interface}");
        }
    }
}
