//! Where texts and times come from.

use kaifu_core::fetch::Country;
use kaifu_core::time::Millis;

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
    /// `at` for people, to the minute.
    fn moment(&self, at: Millis) -> String;
    /// `at` to the minute, without the day where that is the day of `now`.
    fn clock(&self, at: Millis, now: Millis) -> String;
    /// The day that `at` falls on in the user's zone: days since 1970-01-01.
    fn local_day(&self, at: Millis) -> i64;
    /// A day of the week in few characters, such as "Mon" for 0 and "Sun" for 6.
    fn weekday(&self, place: usize) -> String;
    /// The day of `at` in few characters, such as "24 Nov".
    fn date(&self, at: Millis) -> String;
    /// The month of `at` with its year.
    fn month(&self, at: Millis) -> String;
    /// An amount of one of Intl's units as a distance from now, such as "2 hours ago" for -2.
    fn distance(&self, amount: i32, unit: &'static str) -> String;
    /// An amount of one of Intl's units, such as "2 hours".
    fn amount(&self, amount: i32, unit: &'static str) -> String;
    /// The name of a country.
    fn country(&self, country: Country) -> String;
    /// Several names as one text, such as "Anna, Ben".
    fn list(&self, names: &[&str]) -> String;
    /// `text` in lower case. The tables for it are large, and a browser has its own.
    fn lower_case(&self, text: &str) -> String;
}
