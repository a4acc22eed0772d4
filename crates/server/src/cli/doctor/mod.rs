//! `doctor`: looks at everything that keeps a server from being reached or its events from being
//! kept, and says what is wrong in words.

mod address;
mod files;
mod finding;
mod machine;

use self::finding::{Finding, Verdict};
use super::options::ServeOptions;
use crate::failure::Failure;
use crate::settings::Settings;
use std::io::{self, Write as _};

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
