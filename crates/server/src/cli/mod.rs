//! The command line: what can be asked for, and what each command does.

pub mod commands;
mod convert;
mod environment;
mod options;
mod values;

pub use options::*;
pub use values::*;
