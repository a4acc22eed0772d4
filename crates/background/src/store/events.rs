//! The events that servers told of, and what the user was told of them.

use super::cursors;
use super::kept::{Heard, KeptEvent, Telling};
use super::records::EventRecord;
use super::{
    CURSORS, EVENTS, MESSAGES, SUMMARIES, Store, commit, first_indexed, indexed, messages, put,
    reading, summaries, writing,
};
use crate::clocks;
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_chrome::clock::now;
use kaifu_core::clock::{Answer, Clocks};
use kaifu_core::sort::sorted_by;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Event, EventsPage};
use std::collections::HashSet;

/// From so many events of one message on, whatever a server sends, those that say nothing new are only
/// counted.
const MANY: usize = 500;

/// No message has more, as events say one of so many things.
const MOST: u32 = 1_000;

/// Keeps a page and the cursor behind it in one transaction, with what its answer told of the
/// server's clock. Events that are there already stay as they are, so that a page may come twice,
/// and an event under another number. True when there was a new one.
pub(crate) async fn keep(
    store: &Store,
    account: &str,
    page: EventsPage,
    answer: Answer,
) -> Result<bool, WorkerError> {
    let transaction = writing(store, &[EVENTS, CURSORS, MESSAGES, SUMMARIES])?;
    let mut before = cursors::find(&transaction, account).await?;
    let clocks = before.clocks.heard(answer);
    let mut known: Vec<OfMessage> = Vec::new();
    for event in page.events {
        let place = known.iter().position(|it| it.message == event.message);
        let place = place.unwrap_or(known.len());
        if place == known.len() {
            known.push(OfMessage {
                message: event.message.clone(),
                kept: first(&transaction, &event.message).await?,
                changed: Vec::new(),
            });
        }
        known[place].take(account, event, clocks);
    }
    let mut any_new = false;
    for it in known.into_iter().filter(|it| !it.changed.is_empty()) {
        any_new = true;
        for (place, kept) in it.kept.into_iter().enumerate() {
            if it.changed.contains(&place) {
                put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
            }
        }
        if let Some(kept) = messages::find_in(&transaction, &it.message).await? {
            summaries::forget(&transaction, &kept).await?;
        }
    }
    let at = now();
    before.absences.answered(before.at, at);
    let heard = Heard {
        cursor: page.cursor,
        at,
        clocks,
        absences: before.absences,
    };
    cursors::keep(&transaction, account, heard).await?;
    commit(transaction).await?;
    clocks::heard(account);
    Ok(any_new)
}

/// What is kept of one message while a page is taken in.
struct OfMessage {
    message: String,
    kept: Vec<KeptEvent>,
    /// The places of those that are to be written: once for the page, however many were counted.
    changed: Vec<usize>,
}

impl OfMessage {
    /// Takes in an event, where it is new. Of a message that has many, one more that says no more than
    /// another does is only counted there.
    fn take(&mut self, account: &str, event: Event, clocks: Clocks) {
        if self.kept.iter().any(|kept| kept.is(account, &event)) {
            return;
        }
        let like = self.kept.iter().rposition(|kept| kept.says(&event));
        if let Some(place) = like.filter(|_| self.kept.len() >= MANY) {
            let like = &mut self.kept[place];
            like.more = like.more.saturating_add(1).saturating_add(event.repeats);
            like.more_at = like.more_at.max(Millis(event.at));
            if !self.changed.contains(&place) {
                self.changed.push(place);
            }
            return;
        }
        self.changed.push(self.kept.len());
        self.kept.push(KeptEvent {
            account: account.to_owned(),
            event,
            telling: Telling::Pending,
            more: 0,
            more_at: Millis::default(),
            clocks: Some(clocks),
        });
    }
}

/// The events of `message`, oldest first; `transaction` reads the events.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<KeptEvent>, WorkerError> {
    let kept = first(transaction, message).await?;
    Ok(sorted_by(kept, |kept| {
        (kept.event.at, kept.event.seq.cast_signed())
    }))
}

/// The events that the user may still have to be told of.
pub(crate) async fn unannounced(store: &Store) -> Result<Vec<KeptEvent>, WorkerError> {
    find(&reading(store, &[EVENTS])?, "unannounced", None).await
}

/// Notes that the user was told of each of the `events` that comes with true, and need not be told
/// of the others.
pub(crate) async fn announced(
    store: &Store,
    events: impl IntoIterator<Item = (KeptEvent, bool)>,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[EVENTS])?;
    for (mut kept, told) in events {
        kept.telling = if told { Telling::Fresh } else { Telling::Done };
        put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
    }
    commit(transaction).await
}

/// How many messages have news that the user has not looked at.
pub(crate) async fn fresh(store: &Store) -> Result<usize, WorkerError> {
    let fresh = find(&reading(store, &[EVENTS])?, "fresh", None).await?;
    let messages: HashSet<String> = fresh.into_iter().map(|kept| kept.event.message).collect();
    Ok(messages.len())
}

/// Notes that the user has looked at `messages`.
pub(crate) async fn looked_at(store: &Store, messages: &[String]) -> Result<(), WorkerError> {
    let transaction = writing(store, &[EVENTS])?;
    let mut fresh = find(&transaction, "fresh", None).await?;
    fresh.retain(|kept| messages.contains(&kept.event.message));
    for mut kept in fresh {
        kept.telling = Telling::Done;
        put(&transaction, EVENTS, &EventRecord::from(kept)).await?;
    }
    commit(transaction).await
}

/// The first events of `message`, and no more than are kept of one: an earlier version kept all.
async fn first(transaction: &Transaction, message: &str) -> Result<Vec<KeptEvent>, WorkerError> {
    let records: Vec<EventRecord> =
        first_indexed(transaction, EVENTS, "message", message, MOST).await?;
    Ok(records.into_iter().map(KeptEvent::from).collect())
}

async fn find(
    transaction: &Transaction,
    index: &str,
    key: Option<&str>,
) -> Result<Vec<KeptEvent>, WorkerError> {
    let records: Vec<EventRecord> = indexed(transaction, EVENTS, index, key).await?;
    Ok(records.into_iter().map(KeptEvent::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_protocol::api::{Claim, Class, Kind, Source};

    fn event(seq: u64, kind: Kind, claim: Claim) -> Event {
        Event {
            seq,
            id: String::new(),
            message: "AAAAAAAAAAA".to_owned(),
            kind,
            at: i64::try_from(seq).unwrap(),
            source: Source {
                class: Class::Human,
                client: None,
                device: None,
                country: None,
                reader: Some(format!("r{seq}")),
            },
            claim,
            reason: "browser".to_owned(),
            repeats: 0,
            of: None,
            sealed: None,
        }
    }

    #[test]
    fn a_flood_is_counted_and_hides_nothing() {
        let mut flooded = OfMessage {
            message: "AAAAAAAAAAA".to_owned(),
            kept: Vec::new(),
            changed: Vec::new(),
        };
        let mut flood = |seq, kind, claim| {
            flooded.take("account", event(seq, kind, claim), Clocks::default());
            flooded.kept.len()
        };
        for seq in 0..250_000 {
            assert!(flood(seq, Kind::Pixel, Claim::Unknown) <= MANY);
        }
        // What nothing said before is kept all the same, once.
        assert_eq!(flood(250_000, Kind::Pixel, Claim::Likely), MANY + 1);
        assert_eq!(flood(250_001, Kind::Pixel, Claim::Likely), MANY + 1);
        assert_eq!(flood(250_002, Kind::Read, Claim::Likely), MANY + 2);
        let kept = flooded.kept;
        let counted: u64 = kept.iter().map(|kept| 1 + kept.more).sum();
        assert_eq!(counted, 250_003);
        let last = kept.iter().find(|kept| kept.event.seq == 250_000).unwrap();
        assert_eq!((last.more, last.more_at), (1, Millis(250_001)));
    }
}
