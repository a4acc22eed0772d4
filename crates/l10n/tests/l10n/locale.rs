//! Words from the locale files, for tests of everything that takes its words as a trait.

use kaifu_core::fetch::Country;
use kaifu_core::time::{DAY, Millis};
use kaifu_l10n::Words;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Words from a locale file; times in a plain form that tests can look for.
pub(crate) struct Locale(pub(crate) Value);

impl Locale {
    /// Every language that has a folder.
    pub(crate) fn all() -> Vec<Self> {
        let names = Self::names();
        names.iter().map(|name| Self::named(name)).collect()
    }

    /// The names of the languages' folders.
    pub(crate) fn names() -> Vec<String> {
        let entries = fs::read_dir(folder()).unwrap();
        let names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(names.len() >= 3, "{names:?}");
        names
    }

    pub(crate) fn english() -> Self {
        Self::named("en")
    }

    /// The language of a folder.
    pub(crate) fn named(name: &str) -> Self {
        let file = folder().join(name).join("messages.json");
        Self::parse(&fs::read_to_string(file).unwrap())
    }

    fn parse(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap())
    }
}

/// The folder of the extension's languages; all crates' folders lie side by side.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../extension/_locales")
}

impl Words for Locale {
    fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    fn with(&self, key: &str, values: &[&str]) -> String {
        let entry = &self.0[key];
        let mut text = entry["message"].as_str().unwrap_or_default().to_owned();
        for (name, placeholder) in entry["placeholders"].as_object().into_iter().flatten() {
            let content = placeholder["content"].as_str().unwrap();
            let index: usize = content.strip_prefix('$').unwrap().parse().unwrap();
            let place = format!("${}$", name.to_uppercase());
            assert!(text.contains(&place), "{key} does not use {place}");
            text = text.replace(&place, values.get(index - 1).unwrap_or(&""));
        }
        text
    }

    fn iso(&self, at: Millis) -> String {
        format!("iso:{}", at.0)
    }

    fn exact(&self, at: Millis) -> String {
        format!("exact:{}", at.0)
    }

    fn moment(&self, at: Millis) -> String {
        format!("moment:{}", at.0)
    }

    fn clock(&self, at: Millis, _now: Millis) -> String {
        format!("clock:{}", at.0)
    }

    fn local_day(&self, at: Millis) -> i64 {
        at.0.div_euclid(DAY)
    }

    fn weekday(&self, place: usize) -> String {
        format!("weekday:{place}")
    }

    fn date(&self, at: Millis) -> String {
        format!("date:{}", at.0)
    }

    fn month(&self, at: Millis) -> String {
        format!("month:{}", at.0.div_euclid(30 * DAY))
    }

    fn distance(&self, amount: i32, unit: &'static str) -> String {
        format!("{amount} {unit}")
    }

    fn country(&self, country: Country) -> String {
        format!("country:{}", country.as_str())
    }

    fn amount(&self, amount: i32, unit: &'static str) -> String {
        format!("{amount} {unit}s")
    }

    fn list(&self, names: &[&str]) -> String {
        names.join(", ")
    }

    fn lower_case(&self, text: &str) -> String {
        text.to_lowercase()
    }
}
