//! The mails that were handed to Gmail with an image in them, and what became of all that were
//! handed to it.

use super::{
    BY_MAILBOX, MESSAGES, Store, UNTRACKED, commit, delete, get, indexed, latest, put, reading,
    writing,
};
use crate::error::WorkerError;
use crate::router::{GMAIL, Page};
use idb::{KeyRange, Query, Transaction};
use js_sys::Array;
use kaifu_core::mailbox;
use kaifu_protocol::content::{Locate, Outcome, Press, Recipient, Settle, Signal};
use kaifu_protocol::popup::Later;
use serde::{Deserialize, Serialize};

/// A mail, as it is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    /// The account whose image it carries.
    #[serde(default)]
    pub(crate) account: Option<String>,
    /// Gmail's sync id of the draft.
    #[serde(default)]
    pub(crate) draft: Option<String>,
    /// Gmail's sync id of the conversation.
    #[serde(default)]
    pub(crate) thread: Option<String>,
    /// The id by which the conversation can be opened.
    #[serde(default)]
    pub(crate) legacy_thread: Option<String>,
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
        !matches!(self.outcome, Some(Outcome::Refused | Outcome::Undone))
    }

    /// Whether Gmail sends it at a later time.
    pub(crate) fn later(&self) -> Option<Later> {
        #[expect(clippy::cast_precision_loss, reason = "the clock fits into 53 bits")]
        let is_later = self.sent_at as f64 > self.settled_at;
        (self.outcome == Some(Outcome::Scheduled)).then_some(if is_later {
            Later::Timed
        } else {
            Later::Untimed
        })
    }
}

/// Keeps a press; a second one for the same message replaces the first.
pub(crate) async fn press(
    store: &Store,
    account: Option<String>,
    press: Press,
    page: &Page,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED])?;
    let before: Option<MessageRecord> = get(&transaction, MESSAGES, &press.message).await?;
    delete(&transaction, UNTRACKED, &press.message).await?;
    let from = press.from.map(|from| from.to_ascii_lowercase());
    let mailbox = mailbox::address(&page.title)
        .or_else(|| mailbox::address(&press.account_label?))
        .or_else(|| from.clone());
    let path = page.url.strip_prefix(GMAIL).and_then(mailbox::path);
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

/// Keeps what became of a press. What did not leave cannot be taken back.
pub(crate) async fn settle(store: &Store, settle: &Settle) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED])?;
    for store in [MESSAGES, UNTRACKED] {
        if let Some(mut record) = get::<MessageRecord>(&transaction, store, &settle.message).await?
            && (settle.outcome != Outcome::Undone || record.left())
        {
            record.outcome = Some(settle.outcome);
            record.signal = Some(settle.signal);
            record.settled_at = js_sys::Date::now();
            put(&transaction, store, &record).await?;
        }
    }
    commit(transaction).await
}

/// Keeps the id by which a conversation's messages can be opened.
pub(crate) async fn locate(store: &Store, locate: &Locate) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES])?;
    let records: Vec<MessageRecord> =
        indexed(&transaction, MESSAGES, "thread", Some(&locate.thread)).await?;
    for mut record in records {
        record.legacy_thread = Some(locate.legacy.clone());
        put(&transaction, MESSAGES, &record).await?;
    }
    commit(transaction).await
}

/// The messages of a conversation that left, of those in `store`, which `transaction` reads.
pub(crate) async fn of_thread(
    transaction: &Transaction,
    store: &str,
    thread: &str,
) -> Result<Vec<MessageRecord>, WorkerError> {
    let mut records: Vec<MessageRecord> =
        indexed(transaction, store, "thread", Some(thread)).await?;
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

/// The last `limit` messages of `mailbox`, or of all, that left, newest first, and how many there
/// are; `transaction` reads the messages.
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
    let mut records: Vec<MessageRecord> =
        latest(transaction, MESSAGES, index, range, limit).await?;
    records.retain(MessageRecord::left);
    Ok((records, total))
}
