//! Which language a reader wants. Each folder in `locales` is one; nothing else names them.

use super::words::Words;
use axum::http::{HeaderMap, header};
use std::sync::LazyLock;

/// The code of each language and its words as they stand in its file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// The language of those who want none of the others, and of the documentation.
const DEFAULT: &str = "en";

/// A language of the pages, with its words.
#[derive(Debug)]
struct Locale {
    code: &'static str,
    words: Words,
}

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let read = |&(code, json): &(&'static str, &str)| {
        let words = serde_json::from_str(json).ok()?;
        Some(Locale { code, words })
    };
    FILES.iter().filter_map(read).collect()
});

/// One of the pages' languages; cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Language(&'static Locale);

impl Language {
    /// The one that `Accept-Language` likes best; English where it names none of ours.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self::wanted(wanted)
    }

    /// English.
    pub(crate) fn english() -> Self {
        Self::named(DEFAULT).expect("a test reads every language's file")
    }

    fn wanted(text: &str) -> Self {
        let mut best = (None, 0.0);
        for range in text.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Some(1.0), |weight| weight.parse::<f32>().ok())
                .unwrap_or(0.0);
            if weight > best.1
                && let Some(language) = Self::lookup(tag)
            {
                best = (Some(language), weight);
            }
        }
        best.0.unwrap_or_else(Self::english)
    }

    /// The language of a tag, or of the tag without its last parts (RFC 4647 section 3.4).
    fn lookup(mut tag: &str) -> Option<Self> {
        loop {
            if let Some(language) = Self::named(tag) {
                return Some(language);
            }
            tag = tag.rsplit_once('-')?.0;
        }
    }

    fn named(code: &str) -> Option<Self> {
        let found = LOCALES.iter().find(|it| it.code.eq_ignore_ascii_case(code));
        found.map(Self)
    }

    /// Its code in HTML and HTTP (BCP 47).
    pub(crate) const fn code(self) -> &'static str {
        self.0.code
    }

    /// Its words.
    pub(super) const fn words(self) -> &'static Words {
        &self.0.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_all_words_and_no_others() {
        for (code, json) in FILES {
            let read = serde_json::from_str::<Words>(json);
            assert!(read.is_ok(), "{code}: {:?}", read.err());
        }
        assert_eq!(LOCALES.len(), FILES.len());
        assert!(FILES.len() >= 3);
    }

    #[test]
    fn the_best_liked_language_is_found() {
        for (wanted, expected) in [
            ("", "en"),
            ("ja", "ja"),
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", "ja"),
            ("en-US,en;q=0.9,ja;q=0.8", "en"),
            ("fr-FR,ja;q=0.4,en;q=0.3", "ja"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("de-CH;q=0.5,ja;q=0.4", "de"),
            ("fr", "en"),
            ("en;q=0.1, JA;q=0.2", "ja"),
            ("ja;q=0", "en"),
            ("ja;q=x", "en"),
            ("ja-Hira-JP", "ja"),
            ("japanese", "en"),
            ("*", "en"),
        ] {
            assert_eq!(Language::wanted(wanted).code(), expected, "{wanted}");
        }
    }
}
