//! Where accounts and events are kept. SQL stands below this module and nowhere else.

pub(crate) mod clock;
mod code;
mod error;
mod journal;
mod key_claim;
pub(crate) mod keys;
pub(crate) mod postgres;
mod row;
pub(crate) mod sqlite;
mod turns;

pub(crate) use error::StoreError;
pub(crate) use row::SEQ_MAX;
pub(crate) use turns::Turns;

use kaifu_core::fetch::{ReaderId, Verdict};
use kaifu_core::id::{AccountId, EventId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::{Day, Millis};
use kaifu_protocol::api::{Event, EventsPage};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What a store promises to answer.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where the outcome of a command goes, once it is certain.
type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Sends `command` to a writer and waits for its outcome.
async fn ask<C, T>(
    writer: &mpsc::Sender<C>,
    command: impl FnOnce(Reply<T>) -> C,
) -> Result<T, StoreError> {
    let (reply, outcome) = oneshot::channel();
    writer
        .send(command(reply))
        .await
        .map_err(|_| StoreError::Closed)?;
    outcome.await.map_err(|_| StoreError::Closed)?
}

/// Keeps accounts and events. Whatever it acknowledges survives the death of the process.
pub(crate) trait Store: Send + Sync {
    /// Stores an event, unless its account is gone or the message's recipient has refused. A first
    /// refusal is stored as well. It keeps out whatever is recorded after it, and nothing that was
    /// acknowledged before it, in whatever order they reach the database. A refusal that does not
    /// reach the database is an error. That a press was taken back is stored even so.
    fn record(&self, event: NewEvent) -> Pending<'_, Recorded>;

    /// Stores a new account; `false` when there is one with that id.
    fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Pending<'_, bool>;

    /// The account with that number, if it has that credential.
    fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Pending<'_, Option<AccountRow>>;

    /// At most `limit` events after `after`, oldest first, with the number of the account's last
    /// event as the cursor; `None` when the account is gone.
    ///
    /// Events appear in the order of their numbers: whoever has seen one has seen all before it.
    fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Pending<'_, Option<EventsPage>>;

    /// Makes events of the counts of minutes before `minute`; returns whether any are left.
    fn settle(&self, minute: i64) -> Pending<'_, bool>;

    /// What is stored about a message; `None` when its account is gone.
    fn message(&self, account: AccountId, message: MessageId)
    -> Pending<'_, Option<MessageRecord>>;

    /// Lifts a message's refusal and stores `undo`, the event that says so; `Dropped` where there is no
    /// refusal. What was kept out meanwhile stays out.
    fn allow(&self, undo: NewEvent) -> Pending<'_, Recorded>;

    /// Hides all that is stored about a message, but for its refusal, and removes it by and by.
    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()>;

    /// Forgets the account, so that its tokens are dead, and removes all its events by and by.
    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()>;

    /// Removes what is past its time: events that were stored longer than `retention` ago, accounts
    /// that have not asked for a year, or never within a week, and refusals of tokens that are over.
    /// All by the store's own clock, which no wrong one moves far.
    fn purge(&self, retention: Duration) -> Pending<'_, Purged>;

    /// Notes that these accounts have asked for their events.
    fn asked(&self, accounts: Vec<AccountId>) -> Pending<'_, ()>;

    /// Whether the account has ever asked for its events.
    fn is_in_use(&self, account: AccountId) -> Pending<'_, bool>;

    /// How the store is, without asking it.
    fn health(&self) -> Health;

    /// Whether events can be stored and read.
    fn check(&self) -> Pending<'_, Readiness>;

    /// Writes what is still to be written, and takes nothing from then on.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// An event to be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub(crate) id: EventId,
    pub(crate) account: AccountId,
    pub(crate) message: MessageId,
    pub(crate) kind: EventKind,
    pub(crate) at: Millis,
    pub(crate) verdict: Verdict,
    pub(crate) reader: Option<ReaderId>,
    /// The last day on which anything is recorded by the token that it came with.
    pub(crate) until: Day,
    /// Until when it is only counted, if it is one of too many.
    pub(crate) counted: Option<Period>,
    /// What a press says beside its kind.
    pub(crate) press: Press,
}

/// What a press says beside its kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Press {
    /// The press that it takes back.
    pub(crate) undoes: Option<EventId>,
    /// What the recipient sealed for the sender.
    pub(crate) sealed: Option<Arc<str>>,
}

/// How long fetches are counted together until the count becomes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// A minute, where they come too thick.
    Minute,
    /// An hour, where their message has had its share of the day.
    Hour,
    /// A day (UTC), where their account has.
    Day,
}

impl Period {
    /// The last minute of the period in which `at` lies.
    const fn last_minute(self, at: Millis) -> i64 {
        let length = match self {
            Self::Minute => 1,
            Self::Hour => 60,
            Self::Day => 1_440,
        };
        at.minute().div_euclid(length) * length + length - 1
    }
}

/// What was forgotten as its time is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purged {
    /// Events that were stored longer than the retention ago.
    pub(crate) events: u64,
    /// Accounts that have not asked for their events for too long.
    pub(crate) accounts: u64,
    /// Refusals of messages about which nothing would be recorded any more.
    pub(crate) refusals: u64,
}

/// How long an account is kept that has never asked for its events, in hours.
const UNASKED: i64 = 7 * 24;

/// How long an account is kept that has asked, after it last did, in hours.
const UNUSED: i64 = 366 * 24;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// It is stored.
    Kept,
    /// Its account is gone, or the recipient has refused.
    Dropped,
}

/// What is stored about a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MessageRecord {
    /// The latest events, newest first.
    pub(crate) events: Vec<Event>,
    /// Whether the recipient has refused.
    pub(crate) refused: bool,
}

/// How many events a [`MessageRecord`] holds at most.
pub(crate) const RECORD_MAX: u16 = 100;

/// Whether events can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// They can be stored and read.
    Ready,
    /// The database is away: they can be stored, and read when it is back.
    Spooling,
    /// They can be stored, and not be read.
    Unreadable,
}

/// How a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Whether the database answered when it was last asked to store something.
    pub(crate) database_up: bool,
    /// Whether it answered when it was last asked for something.
    pub(crate) readers_up: bool,
    /// Events that wait in the spool.
    pub(crate) spooled: u64,
}

/// An account as the store knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountRow {
    /// Its number in the store, which is never given out twice.
    pub(crate) row: i64,
    pub(crate) id: AccountId,
}

/// The SHA-256 of a bearer token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CredentialHash(pub(crate) [u8; 32]);
