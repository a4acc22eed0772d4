//! Events, by account and sequence number.

use super::clocks::ClocksRecord;
use super::codes;
use crate::store::kept::{KeptEvent, Telling};
use kaifu_core::clock::Clocks;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Event, Kind, Source};
use serde::{Deserialize, Serialize};

/// A mark that stands in an index while it is there. It is there or not, never false: only what has
/// one is indexed.
const MARK: Option<u8> = Some(1);

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventRecord {
    /// The account it belongs to.
    account: String,
    /// Its place in the account's sequence.
    seq: u64,
    /// What tells it from all others; servers of before gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The message: 8 bytes in base64url without padding.
    message: String,
    kind: String,
    /// By the server's clock.
    at: i64,
    source: SourceRecord,
    claim: String,
    /// Why, as one of core's codes.
    reason: String,
    /// How many further fetches it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeats: Option<u64>,
    /// What the recipient sealed for the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
    /// The press that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// There until the user was told, or need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unannounced: Option<u8>,
    /// There once the user was told, until they look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fresh: Option<u8>,
    /// How many further events like it are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more: Option<u64>,
    /// When the last of them was, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    more_at: Option<i64>,
    /// What was known of the clocks; versions before kept nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clocks: Option<ClocksRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SourceRecord {
    class: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reader: Option<String>,
}

impl From<KeptEvent> for EventRecord {
    fn from(kept: KeptEvent) -> Self {
        let KeptEvent {
            account,
            event,
            telling,
            more,
            more_at,
            clocks,
        } = kept;
        let source = event.source;
        Self {
            account,
            seq: event.seq,
            id: Some(event.id).filter(|id| !id.is_empty()),
            message: event.message,
            kind: codes::kind(event.kind).to_owned(),
            at: event.at,
            source: SourceRecord {
                class: codes::class(source.class).to_owned(),
                client: source.client,
                device: source.device,
                country: source.country,
                reader: source.reader,
            },
            claim: codes::claim(event.claim).to_owned(),
            reason: event.reason,
            repeats: Some(event.repeats).filter(|&repeats| repeats > 0),
            sealed: event.sealed,
            of: event.of,
            unannounced: MARK.filter(|_| telling == Telling::Pending),
            fresh: MARK.filter(|_| telling == Telling::Fresh),
            more: Some(more).filter(|&more| more > 0),
            more_at: Some(more_at.0).filter(|_| more > 0),
            clocks: clocks.map(ClocksRecord::from),
        }
    }
}

impl From<EventRecord> for KeptEvent {
    fn from(record: EventRecord) -> Self {
        let source = record.source;
        Self {
            account: record.account,
            more: record.more.unwrap_or(0),
            more_at: Millis(record.more_at.unwrap_or(0)),
            clocks: record.clocks.map(Clocks::from),
            telling: match (record.unannounced, record.fresh) {
                (Some(_), _) => Telling::Pending,
                (None, Some(_)) => Telling::Fresh,
                (None, None) => Telling::Done,
            },
            event: Event {
                seq: record.seq,
                id: record.id.unwrap_or_default(),
                message: record.message,
                kind: codes::kind_of(&record.kind).unwrap_or(Kind::Other),
                at: record.at,
                source: Source {
                    class: codes::class_of(&source.class),
                    client: source.client,
                    device: source.device,
                    country: source.country,
                    reader: source.reader,
                },
                claim: codes::claim_of(&record.claim).unwrap_or(Claim::Unknown),
                reason: record.reason,
                repeats: record.repeats.unwrap_or(0),
                sealed: record.sealed,
                of: record.of,
            },
        }
    }
}
