//! The lines of one figure.

use std::fmt::{self, Write as _};

/// What a figure does, as Prometheus names it.
#[derive(Clone, Copy)]
pub(super) enum Type {
    Counter,
    Gauge,
    Histogram,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A name, what it does, what it means, and the number.
pub(super) type Figure<'a> = (&'a str, Type, &'a str, u64);

/// Writes figures that are one number each.
pub(super) fn write_figures(text: &mut String, figures: &[Figure<'_>]) -> fmt::Result {
    for (name, kind, help, value) in figures {
        head(text, name, *kind, help)?;
        writeln!(text, "{name} {value}")?;
    }
    Ok(())
}

/// Writes what stands before a figure's numbers.
pub(super) fn head(text: &mut String, name: &str, kind: Type, help: &str) -> fmt::Result {
    let kind = kind.name();
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}
