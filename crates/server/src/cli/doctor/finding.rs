//! What a look at the server comes to, in words.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is as it should be.
    Good,
    /// It works, and should be changed.
    Warning,
    /// It does not work.
    Fault,
}

/// What was found about one thing.
#[derive(Debug)]
pub(super) struct Finding {
    /// How bad it is.
    pub(super) verdict: Verdict,
    about: &'static str,
    text: String,
}

impl Finding {
    /// It is as it should be.
    pub(super) fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Good, about, text)
    }

    /// It works, and should be changed.
    pub(super) fn warning(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Warning, about, text)
    }

    /// It does not work.
    pub(super) fn fault(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Fault, about, text)
    }

    fn new(verdict: Verdict, about: &'static str, text: impl Into<String>) -> Self {
        Self {
            verdict,
            about,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Warning => "warning",
            Verdict::Fault => "WRONG",
        };
        write!(f, "{verdict:<8}{}: {}", self.about, self.text)
    }
}
