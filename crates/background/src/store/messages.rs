//! The mails that were handed to Gmail with an image in them, and what became of all that were
//! handed to it.

use super::{
    BY_MAILBOX, MESSAGES, Store, UNTRACKED, commit, delete, get, indexed, latest, put, reading,
    writing,
};
use crate::error::WorkerError;
use crate::sender::{GMAIL, SenderTab};
use idb::{KeyRange, Query, Transaction};
use js_sys::Array;
use kaifu_core::gmail::id::{ConversationId, DraftId, LegacyId, ThreadId};
use kaifu_core::gmail::mailbox;
use kaifu_core::outcome::{self, Sign, State};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{Locate, Outcome, Press, Recipient, Settle, Signal};
use kaifu_protocol::ids;
use kaifu_protocol::pages::Later;
use serde::{Deserialize, Serialize};

/// How long after its time a tab is told about a scheduled mail, in milliseconds.
const TOLD_AFTER: f64 = 86_400_000.0;

/// A mail, as it is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    /// The account whose image it carries.
    #[serde(default)]
    pub(crate) account: Option<String>,
    /// Gmail's sync id of the draft.
    #[serde(default, with = "ids::option")]
    pub(crate) draft: Option<DraftId>,
    /// Gmail's sync id of the conversation.
    #[serde(default, with = "ids::option")]
    pub(crate) thread: Option<ThreadId>,
    /// The id by which the conversation can be opened.
    #[serde(default, with = "ids::option")]
    pub(crate) legacy_thread: Option<LegacyId>,
    /// The mailbox that sent it.
    #[serde(default)]
    pub(crate) mailbox: Option<String>,
    /// Where the mailbox was, such as `u/0`.
    #[serde(default)]
    pub(crate) mailbox_path: String,
    /// The address it was sent as, where that is not the mailbox's own.
    #[serde(default)]
    pub(crate) alias: Option<String>,
    /// The subject.
    pub(crate) subject: String,
    /// To, cc and bcc.
    pub(crate) recipients: Vec<Recipient>,
    /// When Send was last pressed.
    pub(crate) sent_at: i64,
    /// What became of it, once that is known.
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    /// How that is known.
    #[serde(default)]
    pub(crate) signal: Option<Signal>,
    /// When that was: a scheduled mail whose time is not later has no known time.
    #[serde(default)]
    pub(crate) settled_at: f64,
}

impl MessageRecord {
    /// Whether it left, as far as anybody knows.
    pub(crate) fn left(&self) -> bool {
        self.outcome
            .is_none_or(|outcome| outcome::Outcome::from(outcome).left())
    }

    /// Whether Gmail sends it at a later time.
    pub(crate) fn later(&self) -> Option<Later> {
        (self.outcome == Some(Outcome::Scheduled)).then(|| self.time().into())
    }

    /// When it leaves if it is scheduled.
    fn time(&self) -> outcome::Later {
        outcome::Later::of(Millis(self.sent_at), millis(self.settled_at))
    }

    /// What becomes of it by `settle` at `now`; `None` where that says nothing about it.
    fn settled(&self, settle: &Settle, now: f64) -> Option<Outcome> {
        let state = self
            .outcome
            .map_or(State::Unknown, |outcome| State::Settled(outcome.into()));
        let (outcome, signal) = (settle.outcome.into(), settle.signal.into());
        let sign = Sign::reported(outcome, signal, self.time(), millis(now));
        Some(outcome::next(state, sign)?.outcome()?.into())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the clock has whole milliseconds"
)]
const fn millis(at: f64) -> Millis {
    Millis(at as i64)
}

/// Keeps a press; a second one for the same message replaces the first.
pub(crate) async fn press(
    store: &Store,
    account: Option<String>,
    press: Press,
    tab: &SenderTab,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED])?;
    let before: Option<MessageRecord> = get(&transaction, MESSAGES, &press.message).await?;
    delete(&transaction, UNTRACKED, &press.message).await?;
    let from = press.from.map(|from| from.to_ascii_lowercase());
    let mailbox = mailbox::address(&tab.title)
        .or_else(|| mailbox::address(&press.account_label?))
        .or_else(|| from.clone());
    let path = tab.url.strip_prefix(GMAIL).and_then(mailbox::path);
    let record = MessageRecord {
        account,
        legacy_thread: before.and_then(|before| before.legacy_thread),
        message: press.message,
        draft: press.draft,
        thread: press.thread,
        alias: from.filter(|from| Some(from) != mailbox.as_ref()),
        mailbox,
        mailbox_path: path.unwrap_or_default().to_owned(),
        subject: press.subject,
        recipients: press.recipients,
        sent_at: press.at,
        outcome: None,
        signal: None,
        settled_at: 0.0,
    };
    put(&transaction, MESSAGES, &record).await?;
    commit(transaction).await
}

/// Keeps what became of a press.
pub(crate) async fn settle(store: &Store, settle: &Settle) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED])?;
    let now = js_sys::Date::now();
    for store in [MESSAGES, UNTRACKED] {
        if let Some(mut record) = get::<MessageRecord>(&transaction, store, &settle.message).await?
            && let Some(outcome) = record.settled(settle, now)
        {
            // One that was not cancelled after all still has the time that it had, or none.
            if record.outcome != Some(Outcome::Cancelled) {
                record.settled_at = now;
            }
            record.outcome = Some(outcome);
            record.signal = Some(settle.signal);
            put(&transaction, store, &record).await?;
        }
    }
    commit(transaction).await
}

/// The mails that Gmail keeps for a later time, or kept until that was cancelled; without those
/// whose time is long over.
pub(crate) async fn scheduled(store: &Store) -> Result<Vec<MessageRecord>, WorkerError> {
    let transaction = reading(store, &[MESSAGES])?;
    let mut records: Vec<MessageRecord> = Vec::new();
    for outcome in ["scheduled", "cancelled"] {
        records.extend(
            indexed::<MessageRecord>(&transaction, MESSAGES, "outcome", Some(outcome)).await?,
        );
    }
    let now = js_sys::Date::now();
    records.retain(|it| match it.time() {
        outcome::Later::Timed(at) => at > millis(now - TOLD_AFTER),
        outcome::Later::Untimed => true,
    });
    Ok(records)
}

/// Keeps the id by which a conversation's messages can be opened.
pub(crate) async fn locate(store: &Store, locate: &Locate) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES])?;
    let records: Vec<MessageRecord> = indexed(
        &transaction,
        MESSAGES,
        "thread",
        Some(locate.thread.as_ref()),
    )
    .await?;
    for mut record in records {
        record.legacy_thread = Some(locate.legacy.clone());
        put(&transaction, MESSAGES, &record).await?;
    }
    commit(transaction).await
}

/// The messages of a conversation that left, of those in `store`, which `transaction` reads.
pub(crate) async fn of_conversation(
    transaction: &Transaction,
    store: &str,
    id: &ConversationId,
) -> Result<Vec<MessageRecord>, WorkerError> {
    let index = match id {
        ConversationId::Thread(_) => "thread",
        ConversationId::Legacy(_) => "legacy_thread",
    };
    let mut records: Vec<MessageRecord> =
        indexed(transaction, store, index, Some(id.as_ref())).await?;
    records.retain(MessageRecord::left);
    Ok(records)
}

/// The keys of the messages of `mailbox`: it, and any time.
fn of_mailbox(mailbox: &str) -> Result<KeyRange, WorkerError> {
    let key = |at: f64| Array::of2(&mailbox.into(), &at.into()).into();
    Ok(KeyRange::bound(
        &key(f64::NEG_INFINITY),
        &key(f64::INFINITY),
        None,
        None,
    )?)
}

/// The mailboxes that messages were sent from, in alphabetical order; `transaction` reads the
/// messages.
pub(crate) async fn mailboxes(transaction: &Transaction) -> Result<Vec<String>, WorkerError> {
    let index = transaction.object_store(MESSAGES)?.index(BY_MAILBOX)?;
    let mut found = Vec::new();
    let Some(cursor) = index.open_cursor(None, None)?.await? else {
        return Ok(found);
    };
    let mut cursor = cursor.into_managed();
    while let Some(key) = cursor.key()? {
        let Some(mailbox) = Array::from(&key).get(0).as_string() else {
            break;
        };
        // A list sorts behind every number and text, so this is behind all of that mailbox's.
        let behind = Array::of2(&mailbox.as_str().into(), &Array::new()).into();
        found.push(mailbox);
        cursor.next(Some(&behind)).await?;
    }
    Ok(found)
}

/// The message, where it is known.
pub(crate) async fn find(
    store: &Store,
    message: &str,
) -> Result<Option<MessageRecord>, WorkerError> {
    find_in(&reading(store, &[MESSAGES])?, message).await
}

/// The message, where it is known; `transaction` reads the messages.
pub(crate) async fn find_in(
    transaction: &Transaction,
    message: &str,
) -> Result<Option<MessageRecord>, WorkerError> {
    get(transaction, MESSAGES, message).await
}

/// The last `limit` messages of `mailbox`, or of all, that left, newest first, and how many of them
/// there are; `transaction` reads the messages.
pub(crate) async fn newest(
    transaction: &Transaction,
    mailbox: Option<&str>,
    limit: u32,
) -> Result<(Vec<MessageRecord>, u32), WorkerError> {
    let store = transaction.object_store(MESSAGES)?;
    let (index, range, total) = match mailbox {
        None => ("sent_at", None, store.count(None)?),
        Some(mailbox) => {
            let range = || of_mailbox(mailbox);
            let total = store
                .index(BY_MAILBOX)?
                .count(Some(Query::KeyRange(range()?)))?;
            (BY_MAILBOX, Some(Query::KeyRange(range()?)), total)
        }
    };
    let total = total.await?;
    let stayed = stayed(transaction, mailbox).await?;
    let mut records: Vec<MessageRecord> = latest(
        transaction,
        MESSAGES,
        index,
        range,
        limit.saturating_add(stayed),
    )
    .await?;
    records.retain(MessageRecord::left);
    records.truncate(limit as usize);
    Ok((records, total.saturating_sub(stayed)))
}

/// How many messages of `mailbox`, or of all, did not leave; `transaction` reads the messages.
async fn stayed(transaction: &Transaction, mailbox: Option<&str>) -> Result<u32, WorkerError> {
    let mut count = 0;
    for outcome in ["refused", "undone", "cancelled"] {
        let records: Vec<MessageRecord> =
            indexed(transaction, MESSAGES, "outcome", Some(outcome)).await?;
        let is_its = |record: &&MessageRecord| {
            mailbox.is_none_or(|it| record.mailbox.as_deref() == Some(it))
        };
        count += records.iter().filter(is_its).count();
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
