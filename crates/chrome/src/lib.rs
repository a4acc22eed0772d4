//! The only bindings to `chrome.*`, and safe wrappers over them.
//!
//! The private `sys` module declares what we call and no more, one file per API; the modules here
//! speak our own types. Every call works in every version from the manifest's
//! `minimum_chrome_version` on.

pub mod action;
pub mod alarms;
pub mod clock;
pub mod convert;
pub mod error;
pub mod i18n;
pub mod navigator;
pub mod notifications;
pub mod passphrase;
pub mod permissions;
pub mod rules;
pub mod runtime;
pub mod seal;
pub mod storage;
mod sys;
pub mod tabs;
pub mod windows;

pub use error::{CallError, ChromeError};
