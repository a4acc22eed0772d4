//! The emails that were handed to Gmail with an image in them, and what became of all that were
//! handed to it.

use super::drafts;
use super::kept::KeptMessage;
use super::records::{MessageRecord, OUTCOMES};
use super::{
    BY_MAILBOX, CURSORS, MESSAGES, SUMMARIES, Store, UNTRACKED, commit, cursors, delete, get,
    indexed, latest, put, reading, summaries, writing,
};
use crate::error::WorkerError;
use crate::sender::{GMAIL, SenderTab};
use idb::{KeyRange, Query, Transaction};
use js_sys::Array;
use kaifu_chrome::clock::now;
use kaifu_core::gmail::id::ConversationId;
use kaifu_core::gmail::mailbox;
use kaifu_core::outcome::{Known, Later, Outcome, Statement};
use kaifu_core::time::{DAY, Millis};
use kaifu_protocol::content::{self, Locate, Press};

/// For how long after its time a tab is told about an email that it may still settle, in milliseconds.
const TOLD_AFTER_MS: i64 = DAY;

/// Among how many of the last messages those are looked for of which nobody knows what became.
const MAX_OPEN: u32 = 100;

/// Keeps a press. A second one for the same email takes the place of the first, whichever number that
/// had: the one on the wire is final, and there is one record for each email.
pub(crate) async fn press(
    store: &Store,
    account: Option<String>,
    press: Press,
    tab: &SenderTab,
) -> Result<(), WorkerError> {
    let known = match &press.draft {
        Some(draft) => drafts::find(store, draft).await?,
        None => None,
    };
    let transaction = writing(store, &[MESSAGES, UNTRACKED, CURSORS, SUMMARIES])?;
    let clocks = cursors::clocks(&transaction, account.as_deref()).await?;
    let mut before = remove(&transaction, &press.message).await?;
    let former = known.and_then(|known| known.message);
    for former in former.into_iter().chain(press.replaces) {
        if former != press.message {
            let removed = remove(&transaction, &former).await?;
            before = before.or(removed);
            delete(&transaction, UNTRACKED, &former).await?;
        }
    }
    delete(&transaction, UNTRACKED, &press.message).await?;
    let known = before.as_ref().map(KeptMessage::known);
    let known = Known::handed(
        known,
        Millis(press.delivery.max(press.at)),
        Millis(press.at),
    );
    // A time goes with the clocks of its own moment.
    let earlier = before.as_ref().filter(|it| it.sent_at == known.sent_at);
    let clocks = earlier.map_or(clocks, |it| it.clocks);
    let from = press.from.map(|from| from.to_ascii_lowercase());
    let mailbox = mailbox::titled(&tab.title)
        .or_else(|| mailbox::address(&press.account_label?))
        .or_else(|| from.clone());
    let path = tab.url.strip_prefix(GMAIL).and_then(mailbox::path);
    let kept = KeptMessage {
        account,
        mode: content::mode(&press.mode),
        signal: known.outcome.and(before.as_ref().and_then(|it| it.signal)),
        legacy_thread: before.and_then(|before| before.legacy_thread),
        message: press.message,
        draft: press.draft,
        thread: press.thread,
        alias: from.filter(|from| Some(from) != mailbox.as_ref()),
        mailbox,
        mailbox_path: path.unwrap_or_default().to_owned(),
        subject: press.subject,
        recipients: press.recipients,
        sent_at: known.sent_at,
        outcome: known.outcome,
        settled_at: known.settled_at,
        clocks,
    };
    put(&transaction, MESSAGES, &MessageRecord::from(kept)).await?;
    commit(transaction).await
}

/// Removes `message` and its summary. Returns it where it was known; `transaction` writes both.
pub(super) async fn remove(
    transaction: &Transaction,
    message: &str,
) -> Result<Option<KeptMessage>, WorkerError> {
    let found = find_in(transaction, message).await?;
    if let Some(kept) = &found {
        summaries::forget(transaction, kept).await?;
    }
    delete(transaction, MESSAGES, message).await?;
    Ok(found)
}

/// Keeps what became of a press, tracked or not.
pub(crate) async fn settle(
    store: &Store,
    message: &str,
    statement: Statement,
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES, UNTRACKED, SUMMARIES])?;
    let now = now();
    let mut settled = None;
    for store in [MESSAGES, UNTRACKED] {
        let record: Option<MessageRecord> = get(&transaction, store, message).await?;
        if let Some(mut kept) = record.map(KeptMessage::from)
            && kept.settle(statement, now)
        {
            settled = kept.draft.clone().zip(kept.outcome);
            summaries::forget(&transaction, &kept).await?;
            put(&transaction, store, &MessageRecord::from(kept)).await?;
        }
    }
    commit(transaction).await?;
    if let Some((draft, outcome)) = settled {
        drafts::change(store, &draft, &|draft| draft.settle(outcome, now)).await?;
    }
    Ok(())
}

/// The last presses of which nobody knows what became.
pub(crate) async fn open(store: &Store) -> Result<Vec<KeptMessage>, WorkerError> {
    let transaction = reading(store, &[MESSAGES])?;
    let records: Vec<MessageRecord> =
        latest(&transaction, MESSAGES, "sent_at", None, MAX_OPEN).await?;
    let mut all: Vec<KeptMessage> = records.into_iter().map(KeptMessage::from).collect();
    let oldest = now().plus(-TOLD_AFTER_MS);
    all.retain(|kept| kept.outcome.is_none() && kept.sent_at > oldest);
    Ok(all)
}

/// The emails that Gmail keeps for a later time, or kept until that was cancelled; without those
/// whose time is long over.
pub(crate) async fn scheduled(store: &Store) -> Result<Vec<KeptMessage>, WorkerError> {
    let transaction = reading(store, &[MESSAGES])?;
    let mut all = Vec::new();
    for outcome in names(|outcome| matches!(outcome, Outcome::Scheduled | Outcome::Cancelled)) {
        all.extend(indexed_messages(&transaction, MESSAGES, "outcome", outcome).await?);
    }
    let oldest = now().plus(-TOLD_AFTER_MS);
    all.retain(|kept| match kept.time() {
        Later::Timed(at) => at > oldest,
        Later::Untimed => true,
    });
    Ok(all)
}

/// The names in the index of outcomes of those that `wanted` holds for.
fn names(wanted: impl Fn(Outcome) -> bool) -> impl Iterator<Item = &'static str> {
    let wanted = move |(outcome, _): &&(Outcome, _)| wanted(*outcome);
    OUTCOMES.iter().filter(wanted).map(|(_, name)| *name)
}

async fn indexed_messages(
    transaction: &Transaction,
    store: &str,
    index: &str,
    key: &str,
) -> Result<Vec<KeptMessage>, WorkerError> {
    let records: Vec<MessageRecord> = indexed(transaction, store, index, Some(key)).await?;
    Ok(records.into_iter().map(KeptMessage::from).collect())
}

/// Keeps the id by which a conversation's messages can be opened.
pub(crate) async fn locate(store: &Store, locate: &Locate) -> Result<(), WorkerError> {
    let transaction = writing(store, &[MESSAGES])?;
    let thread = locate.thread.as_ref();
    for mut kept in indexed_messages(&transaction, MESSAGES, "thread", thread).await? {
        kept.legacy_thread = Some(locate.legacy.clone());
        put(&transaction, MESSAGES, &MessageRecord::from(kept)).await?;
    }
    commit(transaction).await
}

/// The messages of a conversation that left, of those in `store`, which `transaction` reads.
pub(crate) async fn of_conversation(
    transaction: &Transaction,
    store: &str,
    id: &ConversationId,
) -> Result<Vec<KeptMessage>, WorkerError> {
    let index = match id {
        ConversationId::Thread(_) => "thread",
        ConversationId::Legacy(_) => "legacy_thread",
    };
    let mut all = indexed_messages(transaction, store, index, id.as_ref()).await?;
    all.retain(KeptMessage::left);
    Ok(all)
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
pub(crate) async fn find(store: &Store, message: &str) -> Result<Option<KeptMessage>, WorkerError> {
    find_in(&reading(store, &[MESSAGES])?, message).await
}

/// The message, where it is known; `transaction` reads the messages.
pub(crate) async fn find_in(
    transaction: &Transaction,
    message: &str,
) -> Result<Option<KeptMessage>, WorkerError> {
    let record: Option<MessageRecord> = get(transaction, MESSAGES, message).await?;
    Ok(record.map(KeptMessage::from))
}

/// The last `limit` messages of `mailbox`, or of all, that left, newest first, and how many of them
/// there are; `transaction` reads the messages.
pub(crate) async fn newest(
    transaction: &Transaction,
    mailbox: Option<&str>,
    limit: u32,
) -> Result<(Vec<KeptMessage>, u32), WorkerError> {
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
    let not_sent = count_not_sent(transaction, mailbox).await?;
    let most = limit.saturating_add(not_sent);
    let records: Vec<MessageRecord> = latest(transaction, MESSAGES, index, range, most).await?;
    let mut all: Vec<KeptMessage> = records.into_iter().map(KeptMessage::from).collect();
    all.retain(KeptMessage::left);
    all.truncate(limit as usize);
    Ok((all, total.saturating_sub(not_sent)))
}

/// How many messages of `mailbox`, or of all, did not leave; `transaction` reads the messages.
async fn count_not_sent(
    transaction: &Transaction,
    mailbox: Option<&str>,
) -> Result<u32, WorkerError> {
    let mut count = 0;
    for outcome in names(|outcome| !outcome.left()) {
        let all = indexed_messages(transaction, MESSAGES, "outcome", outcome).await?;
        let is_its =
            |kept: &&KeptMessage| mailbox.is_none_or(|it| kept.mailbox.as_deref() == Some(it));
        count += all.iter().filter(is_its).count();
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
