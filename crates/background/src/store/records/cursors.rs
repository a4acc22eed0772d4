//! How far each account's server was heard.

use super::clocks::LeadRecord;
use crate::store::kept::{Absences, Heard};
use kaifu_core::clock::{Clocks, Lead};
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
    /// The run of the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<u32>,
    /// How many answers had come that left no event behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answers: Option<u64>,
    /// When the server did not answer: from when, until when, and so on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    away: Vec<i64>,
}

impl CursorRecord {
    /// What was `heard` from the server of `account`.
    pub(crate) fn new(account: &str, heard: Heard) -> Self {
        Self {
            account: account.to_owned(),
            cursor: heard.cursor,
            heard_at: heard.at.0,
            lead: heard.clocks.lead.map(LeadRecord::from),
            run: Some(heard.clocks.run).filter(|&run| run > 0),
            answers: heard.clocks.answers,
            away: heard.absences.0.into_flattened(),
        }
    }
}

impl From<CursorRecord> for Heard {
    fn from(record: CursorRecord) -> Self {
        Self {
            cursor: record.cursor,
            at: Millis(record.heard_at),
            clocks: Clocks {
                lead: record.lead.map(Lead::from),
                set: 0,
                run: record.run.unwrap_or(0),
                answers: record.answers,
            },
            absences: Absences(record.away.as_chunks().0.to_vec()),
        }
    }
}
