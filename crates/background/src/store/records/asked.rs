//! What the user asked about single emails, by message.

use crate::store::kept::Asked;
use serde::{Deserialize, Serialize};

/// What the user asked about an email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskedRecord {
    message: String,
    /// Whether no notification is shown of it.
    #[serde(default)]
    muted: bool,
}

impl AskedRecord {
    pub(crate) const fn new(message: String, asked: Asked) -> Self {
        Self {
            message,
            muted: asked.muted,
        }
    }
}

impl From<AskedRecord> for Asked {
    fn from(record: AskedRecord) -> Self {
        Self {
            muted: record.muted,
        }
    }
}
