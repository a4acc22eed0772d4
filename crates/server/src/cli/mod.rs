//! The command line: what can be asked for, and what each command does.

pub mod commands;
mod convert;
mod doctor;
mod environment;
mod options;
mod restore;
mod shares;
mod values;

pub use doctor::doctor;
pub use options::*;
pub use restore::restore;
pub use shares::ShareOptions;
pub use values::*;
