//! What the user asked about single emails, by message.

use super::codes;
use crate::store::kept::{Asked, Reminder};
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// What the user asked about an email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskedRecord {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    /// Whether no notification is shown of it.
    #[serde(default)]
    muted: bool,
    /// When the user is to be reminded of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remind_at: Option<i64>,
    /// Of what, by a name of [`codes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

impl AskedRecord {
    pub(crate) fn new(message: String, asked: Asked) -> Self {
        let reminder = asked.reminder;
        Self {
            message,
            muted: asked.muted,
            remind_at: reminder.map(|reminder| reminder.at.0),
            missing: reminder.map(|reminder| codes::missing(reminder.missing).to_owned()),
        }
    }
}

impl From<&AskedRecord> for Asked {
    fn from(record: &AskedRecord) -> Self {
        let missing = record.missing.as_deref().and_then(codes::missing_of);
        Self {
            muted: record.muted,
            reminder: missing.zip(record.remind_at).map(|(missing, at)| Reminder {
                missing,
                at: Millis(at),
            }),
        }
    }
}
