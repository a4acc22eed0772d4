//! The raw declarations: what `chrome.*` has and we call.

pub(crate) mod action;
pub(crate) mod alarms;
pub(crate) mod i18n;
pub(crate) mod notifications;
pub(crate) mod permissions;
pub(crate) mod rules;
pub(crate) mod runtime;
pub(crate) mod storage;
pub(crate) mod tabs;
