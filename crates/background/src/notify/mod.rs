//! How the user is told: desktop notifications and the number on the button.

pub(crate) mod announce;
pub(crate) mod badge;
mod gathering;
mod notice;
pub(crate) mod reminders;
