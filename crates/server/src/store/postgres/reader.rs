//! Reading, on a few connections that everyone shares.

use super::session::{Address, Session, within};
use crate::store::row::{COLUMNS, Eight, Row, SEQ_MAX, Stored};
use crate::store::{AccountRow, CredentialHash, MessageRecord, RECORD_MAX, StoreError};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_protocol::api::{Event, EventsPage};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};
use tokio_postgres::Statement;

/// What connections are for. Questions on one are answered in turn, so those that are quick have
/// others than those that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Credentials and polls.
    Polls,
    /// Recipients' pages.
    Searches,
}

impl Purpose {
    /// How many connections there are.
    const fn connections(self) -> usize {
        match self {
            Self::Polls => 4,
            Self::Searches => 2,
        }
    }

    /// What holds on each. A plan that looks through a whole table may be the best one for the
    /// table as it was, and be kept when that has grown.
    const fn settings(self) -> &'static str {
        match self {
            Self::Polls => "SET enable_seqscan = off",
            Self::Searches => {
                "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan;
                 SET statement_timeout = '1s'"
            }
        }
    }
}

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

const ACCOUNT: &str = "SELECT account, id FROM accounts WHERE id = $1 AND credential = $2";

/// Leaves out what is erased and not removed yet.
const SHOWN: &str = "(o.kind = 4 OR NOT EXISTS (SELECT FROM erasures x
    WHERE x.account = o.account AND x.message = o.message AND x.last_seq >= o.seq
        AND NOT x.is_done))";

/// The cursor and the events of one moment; a row without an event where there is none. An account
/// without news is known by its own row: no table of events is looked into.
///
/// It is asked for by its id: its number may belong to another one after a failover.
fn page() -> String {
    let part = |table| {
        format!(
            "(SELECT o.seq, o.repeats, {COLUMNS} FROM {table} o
                WHERE a.last_seq > $2 AND o.account = a.account AND o.seq > $2 AND {SHOWN}
                ORDER BY o.seq LIMIT $3)"
        )
    };
    format!(
        "SELECT a.last_seq, e.* FROM accounts a LEFT JOIN LATERAL (
            {} UNION ALL {} ORDER BY seq LIMIT $3
        ) e ON true
        WHERE a.id = $1 ORDER BY e.seq",
        part("opens"),
        part("events"),
    )
}

/// Whether anything is stored about the message that can be erased; no row without the account.
fn has_message() -> String {
    let part = |table| {
        format!(
            "EXISTS (SELECT FROM {table} o
                WHERE o.account = a.account AND o.message = $2 AND o.kind <> 4 AND {SHOWN})"
        )
    };
    format!(
        "SELECT EXISTS (SELECT FROM floods f WHERE f.account = a.account AND f.message = $2)
            OR {} OR {}
        FROM accounts a WHERE a.id = $1",
        part("opens"),
        part("events"),
    )
}

/// Whether the message was refused, and its latest events; counts that are no events yet included.
fn message() -> String {
    let part = |table| {
        format!(
            "(SELECT o.seq, o.repeats, {COLUMNS} FROM {table} o
                WHERE o.account = a.account AND o.message = $2 AND {SHOWN}
                ORDER BY o.seq DESC LIMIT $3)"
        )
    };
    format!(
        "SELECT EXISTS (
                SELECT FROM refusals r WHERE r.account = a.account AND r.message = $2) AS refused,
            e.*
        FROM accounts a LEFT JOIN LATERAL (
            (SELECT {SEQ_MAX} AS seq, times - 1 AS repeats, {COLUMNS} FROM (
                SELECT *, NULL::int2 AS device, NULL::text AS country, NULL::bytea AS reader,
                    NULL::bytea AS undoes, NULL::text AS sealed
                FROM floods WHERE account = a.account AND message = $2 LIMIT $3) AS f)
            UNION ALL {} UNION ALL {} ORDER BY seq DESC LIMIT $3
        ) e ON true
        WHERE a.id = $1 ORDER BY e.seq DESC",
        part("opens"),
        part("events"),
    )
}

pub(super) struct Readers {
    address: Address,
    purpose: Purpose,
    next: AtomicUsize,
    connections: Vec<Mutex<Option<Arc<Reader>>>>,
    /// Whether the last question was not answered.
    failing: AtomicBool,
}

struct Reader {
    session: Session,
    account: Question,
    page: Question,
    message: Question,
    has_message: Question,
}

/// What is asked again and again. It is prepared when it is first asked, so that no connection
/// waits for tables that are not its affair.
struct Question {
    sql: String,
    prepared: OnceCell<Statement>,
}

impl Question {
    fn new(sql: String) -> Self {
        let prepared = OnceCell::new();
        Self { sql, prepared }
    }

    async fn on(&self, session: &Session) -> Result<&Statement, StoreError> {
        let prepare = async || Ok(session.prepare(&self.sql).await?);
        self.prepared.get_or_try_init(prepare).await
    }
}

impl Readers {
    pub(super) fn new(address: Address, purpose: Purpose) -> Self {
        let connections = (0..purpose.connections()).map(|_| Mutex::default());
        Self {
            address,
            purpose,
            next: AtomicUsize::new(0),
            connections: connections.collect(),
            failing: AtomicBool::new(false),
        }
    }

    /// Whether the last question was answered.
    pub(super) fn are_up(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.ask(async |reader| Ok(reader.session.simple_query("SELECT 1").await.map(|_| ())?))
            .await
    }

    pub(super) async fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Result<Option<AccountRow>, StoreError> {
        self.ask(async |reader| {
            let (id, credential) = (Eight(account.0), credential.0.as_slice());
            let values = [&id as _, &credential as _];
            let account = reader.account.on(&reader.session).await?;
            let found = reader.session.query_opt(account, &values).await?;
            let account = found.map(|row| {
                Ok(AccountRow {
                    row: row.get(0),
                    id: AccountId(row.try_get::<_, Eight>(1)?.0),
                })
            });
            account.transpose()
        })
        .await
    }

    /// Whether the account was deleted not long ago.
    pub(super) async fn is_gone(&self, account: AccountId) -> Result<bool, StoreError> {
        self.ask(async |reader| {
            let select = "SELECT EXISTS (SELECT FROM gone WHERE hash = sha256($1::bytea))";
            let id = Eight(account.0);
            Ok(reader.session.query_one(select, &[&id]).await?.get(0))
        })
        .await
    }

    /// Whether the account has ever asked for its events.
    pub(super) async fn is_in_use(&self, account: AccountId) -> Result<bool, StoreError> {
        self.ask(async |reader| {
            let select = "SELECT EXISTS (SELECT FROM accounts WHERE id = $1 AND has_asked)";
            let id = Eight(account.0);
            Ok(reader.session.query_one(select, &[&id]).await?.get(0))
        })
        .await
    }

    pub(super) async fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Result<Option<EventsPage>, StoreError> {
        self.ask(async |reader| {
            let after = i64::try_from(after).unwrap_or(i64::MAX);
            let id = Eight(account.id.0);
            let values = [&id as _, &after as _, &i64::from(limit) as _];
            let page = reader.page.on(&reader.session).await?;
            let rows = reader.session.query(page, &values).await?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            let cursor = u64::try_from(first.get::<_, i64>(0)).unwrap_or_default();
            let events = events(account.id, &rows)?;
            Ok(Some(EventsPage { events, cursor }))
        })
        .await
    }

    pub(super) async fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<Option<MessageRecord>, StoreError> {
        self.ask(async |reader| {
            let limit = i64::from(RECORD_MAX);
            let (id, message) = (Eight(account.0), Eight(message.0));
            let values = [&id as _, &message as _, &limit as _];
            let look = reader.message.on(&reader.session).await?;
            let rows = reader.session.query(look, &values).await?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            Ok(Some(MessageRecord {
                events: events(account, &rows)?,
                refused: first.get(0),
            }))
        })
        .await
    }

    pub(super) async fn has_message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<bool, StoreError> {
        self.ask(async |reader| {
            let (id, message) = (Eight(account.0), Eight(message.0));
            let values = [&id as _, &message as _];
            let look = reader.has_message.on(&reader.session).await?;
            let row = reader.session.query_opt(look, &values).await?;
            Ok(row.is_some_and(|row| row.get(0)))
        })
        .await
    }

    /// Asks on one of the connections. One that does not answer in time is used no more: its
    /// database may hang, and another one have taken over.
    async fn ask<T, F>(&self, question: impl FnOnce(Arc<Reader>) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let asked = match self.reader().await {
            Ok(reader) => {
                let asked = within(PATIENCE, question(Arc::clone(&reader))).await;
                if matches!(asked, Err(StoreError::Away)) {
                    reader.session.give_up();
                }
                asked
            }
            Err(error) => Err(error),
        };
        self.failing.store(asked.is_err(), Ordering::Relaxed);
        asked
    }

    async fn reader(&self) -> Result<Arc<Reader>, StoreError> {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let connect = async {
            let mut place = self.connections[place].lock().await;
            if let Some(reader) = place.as_ref().filter(|reader| !reader.session.is_over()) {
                return Ok(Arc::clone(reader));
            }
            let session = Session::connect(&self.address).await?;
            session.batch_execute(self.purpose.settings()).await?;
            let reader = Arc::new(Reader {
                account: Question::new(ACCOUNT.to_owned()),
                page: Question::new(page()),
                message: Question::new(message()),
                has_message: Question::new(has_message()),
                session,
            });
            *place = Some(Arc::clone(&reader));
            Ok(reader)
        };
        within(2 * PATIENCE, connect).await
    }
}

/// The events in `rows`, whose second column is the number of each or null.
fn events(account: AccountId, rows: &[tokio_postgres::Row]) -> Result<Vec<Event>, StoreError> {
    let number = |row: &tokio_postgres::Row, place| {
        u64::try_from(row.get::<_, i64>(place)).unwrap_or_default()
    };
    rows.iter()
        .filter(|row| row.get::<_, Option<i64>>(1).is_some())
        .map(|row| {
            let stored = Stored {
                seq: number(row, 1),
                repeats: number(row, 2),
                row: Row::read_postgres(Eight(account.0), row, 3)?,
            };
            Ok(stored.into())
        })
        .collect()
}
