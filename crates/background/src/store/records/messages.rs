//! Emails that were handed to Gmail, tracked or not, by message.

use super::clocks::ClocksRecord;
use super::codes;
use crate::store::kept::KeptMessage;
use kaifu_core::clock::Clocks;
use kaifu_core::gmail::id::GmailId;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Recipient;
use serde::{Deserialize, Serialize};

/// An email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    /// The message: 8 bytes in base64url without padding.
    message: String,
    /// The account whose image it carries.
    #[serde(default)]
    account: Option<String>,
    /// How it is tracked, by the name of core's `Mode`; by an image where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    /// Gmail's sync id of the draft.
    #[serde(default)]
    draft: Option<String>,
    /// Gmail's sync id of the conversation.
    #[serde(default)]
    thread: Option<String>,
    /// The id by which the conversation can be opened.
    #[serde(default)]
    legacy_thread: Option<String>,
    #[serde(default)]
    mailbox: Option<String>,
    #[serde(default)]
    mailbox_path: String,
    #[serde(default)]
    alias: Option<String>,
    subject: String,
    recipients: Vec<RecipientRecord>,
    sent_at: i64,
    /// What became of it, by a name of [`codes`]; `null` while that is not known.
    #[serde(default)]
    outcome: Option<String>,
    #[serde(default)]
    signal: Option<String>,
    #[serde(default)]
    settled_at: i64,
    /// What was known of the clocks; versions before kept nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clocks: Option<ClocksRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RecipientRecord {
    address: String,
    #[serde(default)]
    name: String,
}

impl From<KeptMessage> for MessageRecord {
    fn from(kept: KeptMessage) -> Self {
        let recipients = kept.recipients.into_iter();
        Self {
            message: kept.message,
            account: kept.account,
            mode: codes::mode(kept.mode),
            draft: kept.draft.map(text),
            thread: kept.thread.map(text),
            legacy_thread: kept.legacy_thread.map(text),
            mailbox: kept.mailbox,
            mailbox_path: kept.mailbox_path,
            alias: kept.alias,
            subject: kept.subject,
            recipients: recipients
                .map(|Recipient { address, name }| RecipientRecord { address, name })
                .collect(),
            sent_at: kept.sent_at.0,
            outcome: kept.outcome.map(|it| codes::outcome(it).to_owned()),
            signal: kept.signal.map(|it| codes::signal(it).to_owned()),
            settled_at: kept.settled_at.0,
            clocks: kept.clocks.map(ClocksRecord::from),
        }
    }
}

impl From<MessageRecord> for KeptMessage {
    fn from(record: MessageRecord) -> Self {
        let recipients = record.recipients.into_iter();
        Self {
            message: record.message,
            account: record.account,
            mode: codes::mode_of(record.mode),
            draft: id(record.draft),
            thread: id(record.thread),
            legacy_thread: id(record.legacy_thread),
            mailbox: record.mailbox,
            mailbox_path: record.mailbox_path,
            alias: record.alias,
            subject: record.subject,
            recipients: recipients
                .map(|RecipientRecord { address, name }| Recipient { address, name })
                .collect(),
            sent_at: Millis(record.sent_at),
            outcome: record.outcome.and_then(|name| codes::outcome_of(&name)),
            signal: record.signal.and_then(|name| codes::signal_of(&name)),
            settled_at: Millis(record.settled_at),
            clocks: record.clocks.map(Clocks::from),
        }
    }
}

fn text(id: impl AsRef<str>) -> String {
    id.as_ref().to_owned()
}

/// An id that is none of Gmail's is as good as none.
fn id<T: GmailId>(text: Option<String>) -> Option<T> {
    T::parse(&text?)
}
