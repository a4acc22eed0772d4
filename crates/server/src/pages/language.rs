//! Which language a reader wants.

use axum::http::{HeaderMap, header};

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    /// The one that `Accept-Language` likes best; English where it names neither.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self::wanted(wanted)
    }

    fn wanted(text: &str) -> Self {
        let mut best = (Self::English, 0.0);
        for range in text.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Some(1.0), |weight| weight.parse::<f32>().ok())
                .unwrap_or(0.0);
            let primary = tag.split('-').next().unwrap_or_default();
            let language = match primary.to_ascii_lowercase().as_str() {
                "en" => Self::English,
                "ja" => Self::Japanese,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// Its code in HTML and HTTP (BCP 47).
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_is_found() {
        use Language::{English, Japanese};
        for (wanted, expected) in [
            ("", English),
            ("ja", Japanese),
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Japanese),
            ("en-US,en;q=0.9,ja;q=0.8", English),
            ("fr-FR,ja;q=0.4,en;q=0.3", Japanese),
            ("fr", English),
            ("en;q=0.1, JA;q=0.2", Japanese),
            ("ja;q=0", English),
            ("ja;q=x", English),
            ("*", English),
        ] {
            assert_eq!(Language::wanted(wanted), expected, "{wanted}");
        }
    }
}
