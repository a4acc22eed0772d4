//! The command line: what can be asked for, and what each command does.

pub mod commands;
mod options;

pub use options::*;
