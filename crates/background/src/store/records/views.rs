//! The sender's own views, by message and time.

use super::clocks::ClocksRecord;
use crate::store::kept::KeptView;
use kaifu_core::clock::Clocks;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// The sender looked at a message of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ViewRecord {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    at: i64,
    /// What was known of the clocks; versions before kept nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clocks: Option<ClocksRecord>,
}

impl ViewRecord {
    /// The sender looked at `message`.
    pub(crate) fn new(message: String, view: KeptView) -> Self {
        Self {
            message,
            at: view.at.0,
            clocks: view.clocks.map(ClocksRecord::from),
        }
    }
}

impl From<ViewRecord> for KeptView {
    fn from(record: ViewRecord) -> Self {
        Self {
            at: Millis(record.at),
            clocks: record.clocks.map(Clocks::from),
        }
    }
}
