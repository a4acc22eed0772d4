//! How far each account's server was heard.

use crate::store::kept::Heard;
use kaifu_core::clock::Lead;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// How far the server of an account was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CursorRecord {
    /// The account.
    pub(crate) account: String,
    /// The last event that is known.
    cursor: u64,
    heard_at: i64,
    #[serde(default)]
    lead: Option<LeadRecord>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LeadRecord {
    least: i64,
    most: i64,
}

impl CursorRecord {
    /// What was `heard` from the server of `account`.
    pub(crate) fn new(account: &str, heard: Heard) -> Self {
        Self {
            account: account.to_owned(),
            cursor: heard.cursor,
            heard_at: heard.at.0,
            lead: heard
                .lead
                .map(|Lead { least, most }| LeadRecord { least, most }),
        }
    }
}

impl From<CursorRecord> for Heard {
    fn from(record: CursorRecord) -> Self {
        Self {
            cursor: record.cursor,
            at: Millis(record.heard_at),
            lead: record
                .lead
                .map(|LeadRecord { least, most }| Lead { least, most }),
        }
    }
}
