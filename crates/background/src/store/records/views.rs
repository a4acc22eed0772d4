//! The sender's own views, by message and time.

use kaifu_core::state::View;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// The sender looked at a message of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ViewRecord {
    message: String,
    at: i64,
}

impl ViewRecord {
    /// The sender looked at `message` at `at`.
    pub(crate) const fn new(message: String, at: Millis) -> Self {
        Self { message, at: at.0 }
    }
}

impl From<ViewRecord> for View {
    fn from(record: ViewRecord) -> Self {
        Self {
            at: Millis(record.at),
        }
    }
}
