//! What was known of the clocks at one moment, as part of other records.

use kaifu_core::clock::{Clocks, Lead};
use serde::{Deserialize, Serialize};

/// What was known of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClocksRecord {
    #[serde(default)]
    lead: Option<LeadRecord>,
    /// By how many milliseconds the browser's clock may have been set since.
    #[serde(default)]
    set: i64,
    /// The run of the server's clock.
    #[serde(default)]
    run: u32,
    /// How many answers had come that left no event behind.
    #[serde(default)]
    answers: Option<u64>,
}

/// By how many milliseconds the server's clock was ahead of the browser's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeadRecord {
    least: i64,
    most: i64,
}

impl From<Clocks> for ClocksRecord {
    fn from(clocks: Clocks) -> Self {
        Self {
            lead: clocks.lead.map(LeadRecord::from),
            set: clocks.set,
            run: clocks.run,
            answers: clocks.answers,
        }
    }
}

impl From<ClocksRecord> for Clocks {
    fn from(record: ClocksRecord) -> Self {
        Self {
            lead: record.lead.map(Lead::from),
            set: record.set,
            run: record.run,
            answers: record.answers,
        }
    }
}

impl From<Lead> for LeadRecord {
    fn from(Lead { least, most }: Lead) -> Self {
        Self { least, most }
    }
}

impl From<LeadRecord> for Lead {
    fn from(LeadRecord { least, most }: LeadRecord) -> Self {
        Self { least, most }
    }
}
