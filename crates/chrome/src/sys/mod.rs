//! The raw declarations of what we call of `chrome.*`, one file per API, and of the browser's clock
//! and cryptography.

pub(crate) mod action;
pub(crate) mod alarms;
pub(crate) mod clock;
pub(crate) mod i18n;
pub(crate) mod notifications;
pub(crate) mod passphrase;
pub(crate) mod permissions;
pub(crate) mod rules;
pub(crate) mod runtime;
pub(crate) mod seal;
pub(crate) mod storage;
pub(crate) mod tabs;
pub(crate) mod windows;
