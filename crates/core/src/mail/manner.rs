//! How one email is tracked.

use super::line::{Language, cut};
use super::mode::Mode;

/// How one email is tracked: its mode, and what its line is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Manner {
    /// What it asks of its recipients, and by what.
    pub mode: Mode,
    /// Whether it has a line, where its mode does not need one; `None` where that is as for all emails.
    pub line: Option<bool>,
    /// The language of its line; `None` for the email's own.
    pub language: Option<Language>,
}

impl From<Mode> for Manner {
    fn from(mode: Mode) -> Self {
        Self {
            mode,
            line: None,
            language: None,
        }
    }
}

impl Manner {
    /// The text by which stores and pages know it. It is the mode's name where nothing else was chosen:
    /// `image`, `image-`, `both/ja`, `image+/de`.
    #[must_use]
    pub fn code(self) -> String {
        let mut code = String::from(self.mode.name());
        code.push_str(match self.line {
            Some(true) => "+",
            Some(false) => "-",
            None => "",
        });
        if let Some(language) = self.language {
            code.push('/');
            code.push_str(&language.name());
        }
        code
    }

    /// The manner of this code. What this version does not know of it is as if it had not been chosen.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        let (code, language) = cut(code, b'/').unwrap_or((code, ""));
        let line = match code.as_bytes().last() {
            Some(b'+') => Some(true),
            Some(b'-') => Some(false),
            _ => None,
        };
        let end = code.len() - usize::from(line.is_some());
        let mode = code.get(..end).unwrap_or_default();
        Self {
            mode: Mode::from_name(mode).unwrap_or_default(),
            line,
            language: Language::new(language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_says_what_was_chosen_and_no_more() {
        let (ja, receipt) = (Language::new("ja"), Mode::Receipt);
        for (mode, line, language, code) in [
            (Mode::Image, None, None, "image"),
            (Mode::Image, Some(false), None, "image-"),
            (receipt, None, ja, "receipt/ja"),
            (Mode::Image, Some(true), ja, "image+/ja"),
        ] {
            let manner = Manner {
                mode,
                line,
                language,
            };
            assert_eq!(manner.code(), code);
            assert_eq!(Manner::from_code(code), manner);
        }
    }

    #[test]
    fn what_is_not_known_is_as_if_it_had_not_been_chosen() {
        for (code, known) in [
            ("", "image"),
            ("letter", "image"),
            ("letter-", "image-"),
            ("both/", "both"),
            ("both/not a language", "both"),
        ] {
            assert_eq!(Manner::from_code(code).code(), known);
        }
    }

    proptest! {
        #[test]
        fn every_code_leads_back(
            mode in prop::sample::select(&Mode::ALL[..]),
            line: Option<bool>,
            language in prop::option::of("[a-z]{2}(_[A-Z]{2})?"),
        ) {
            let language = language.and_then(|tag| Language::new(&tag));
            let manner = Manner { mode, line, language };
            prop_assert_eq!(Manner::from_code(&manner.code()), manner);
        }
    }
}
