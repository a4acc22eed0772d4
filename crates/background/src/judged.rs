//! Messages as they are judged from everything that is kept about them.

use crate::error::WorkerError;
use crate::store::messages::MessageRecord;
use crate::store::{Store, opens, views};
use kaifu_core::state::{Event, Judgement, Sent, judge};
use kaifu_core::time::Millis;
use kaifu_protocol::api::Open;
use kaifu_protocol::content::Outcome;

/// What is known about a message, and what it comes to.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The events that this version can read, oldest first.
    pub(crate) opens: Vec<Open>,
    /// What they come to; its events stand in the order of `opens`.
    pub(crate) judgement: Judgement,
}

/// Judges `record` from its events and the sender's own views.
pub(crate) async fn judged(store: &Store, record: &MessageRecord) -> Result<Judged, WorkerError> {
    let (opens, events): (Vec<Open>, Vec<Event>) = opens::of_message(store, &record.message)
        .await?
        .into_iter()
        .filter_map(|open| Event::try_from(&open).ok().map(|event| (open, event)))
        .unzip();
    let views = views::of_message(store, &record.message).await?;
    let judgement = judge(&sent(record), &events, &views);
    Ok(Judged { opens, judgement })
}

fn sent(record: &MessageRecord) -> Sent {
    Sent {
        at: Millis(record.sent_at),
        recipients: u32::try_from(record.recipients.len()).unwrap_or(u32::MAX),
        server_ahead: 0,
        tracked: record.outcome != Some(Outcome::Untracked),
    }
}
