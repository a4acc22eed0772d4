//! The only bindings to `chrome.*`, and safe wrappers over them.
//!
//! The private `sys` module declares what we call and no more, one file per API; the modules here
//! speak our own types. Every call works from Chrome 120 on, unless its documentation says otherwise.

pub mod action;
pub mod alarms;
pub mod convert;
pub mod error;
pub mod i18n;
pub mod notifications;
pub mod permissions;
pub mod rules;
pub mod runtime;
pub mod storage;
mod sys;
pub mod tabs;

pub use error::{CallError, ChromeError};
