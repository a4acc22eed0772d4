//! Where accounts and events are kept. SQL stands below this module and nowhere else.

mod code;
pub(crate) mod keys;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use kaifu_core::fetch::{ReaderId, Verdict};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Event, EventsPage};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a store promises to answer.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where the outcome of a command goes, once it is certain.
type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Has a writer do `command`, and waits for its outcome.
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
    /// refusal is stored as well, and honoured by whatever is stored after it.
    fn record(&self, open: NewEvent) -> Pending<'_, Recorded>;

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

    /// Makes events of the counts of minutes before `minute`; gives whether any are left.
    fn settle(&self, minute: i64) -> Pending<'_, bool>;

    /// What is stored about a message; `None` when its account is gone.
    fn message(&self, account: AccountId, message: MessageId)
    -> Pending<'_, Option<MessageRecord>>;

    /// Removes all that is stored about a message, but for its refusal.
    fn erase(&self, account: AccountId, message: MessageId) -> Pending<'_, ()>;

    /// Removes the account and all its events.
    fn delete_account(&self, account: AccountRow) -> Pending<'_, ()>;

    /// Removes all events from before `before` and gives their number.
    fn purge(&self, before: Millis) -> Pending<'_, u64>;

    /// How the store is, without asking it.
    fn health(&self) -> Health;

    /// Whether events can be stored and read.
    fn check(&self) -> Pending<'_, Readiness>;

    /// Writes what is still to be written, and takes nothing from then on.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// An event to be stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewEvent {
    pub(crate) account: AccountId,
    pub(crate) message: MessageId,
    pub(crate) kind: EventKind,
    pub(crate) at: Millis,
    pub(crate) verdict: Verdict,
    pub(crate) reader: Option<ReaderId>,
    /// Whether it is one of a flood and only counted.
    pub(crate) counted_only: bool,
}

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
}

/// How a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Whether the database answered when it was last asked.
    pub(crate) database_up: bool,
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

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no: disk full, locked for too long, damaged.
    #[error("{0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// PostgreSQL said no, or the connection broke.
    #[error("{}", with_cause(.0))]
    Postgres(Arc<tokio_postgres::Error>),
    /// There is nothing to check PostgreSQL's certificate against.
    #[error("sslmode=require needs this system's certificates; SSL_CERT_FILE may name them")]
    NoCertificates,
    /// PostgreSQL does not answer.
    #[error("the database does not answer")]
    Away,
    /// Another connection stores this server's events.
    #[error("another connection has taken this server's turn; is its data directory a copy?")]
    Superseded,
    /// The database holds something that this program never writes.
    #[error("the database is damaged")]
    Damaged,
    /// The database was made by a newer version of this program.
    #[error("the database has version {found}; this program knows versions up to {known}")]
    Newer {
        /// What the database says.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// The store is closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// The file cannot be created.
    #[error("{0}")]
    File(Arc<std::io::Error>),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(Arc::new(error))
    }
}

impl StoreError {
    /// Whether waiting does not help: wrong password, no such database, a newer version.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Newer { .. } => true,
            Self::Postgres(error) => error.code().is_some_and(|code| {
                // Authorization, catalog name, and missing rights.
                ["28", "3D", "42"].contains(&&code.code()[..2])
            }),
            _ => false,
        }
    }
}

/// The error with what is behind it, which its own text leaves out.
fn with_cause(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match (error.as_db_error(), error.source()) {
        (Some(cause), _) => cause.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}
