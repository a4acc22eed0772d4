//! `doctor`: looks at everything that keeps a server from being reached or its events from being
//! kept, and says what is wrong in words.

mod address;
mod files;
mod machine;

use super::options::ServeOptions;
use crate::failure::Failure;
use crate::settings::Settings;
use std::fmt;
use std::io::{self, Write as _};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    /// It works, and should be changed.
    Warning,
    /// It does not work.
    Fault,
}

/// What was found about one thing.
#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    about: &'static str,
    text: String,
}

impl Finding {
    fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Good, about, text)
    }

    fn warning(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Warning, about, text)
    }

    fn fault(about: &'static str, text: impl Into<String>) -> Self {
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

/// Looks at the server that `options` describe, on its own machine, and prints what was found, one
/// line for each thing.
///
/// # Errors
///
/// [`Failure::Unwell`] when something does not work.
pub fn doctor(options: ServeOptions) -> Result<(), Failure> {
    let listen = options.listen;
    let settings: Settings = options.try_into()?;
    let mut findings = files::look(&settings);
    findings.extend(machine::look(&settings));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    findings.extend(runtime.block_on(address::look(&settings, listen.listen)));
    let mut output = io::stdout().lock();
    for finding in &findings {
        writeln!(output, "{finding}")?;
    }
    let faults = findings.iter().filter(|it| it.verdict == Verdict::Fault);
    match faults.count() {
        0 => Ok(()),
        faults => Err(Failure::Unwell { faults }),
    }
}
