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
use tokio::sync::Mutex;
use tokio_postgres::Statement;

/// How many connections there are. Questions on one are answered in turn.
const CONNECTIONS: usize = 4;

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
                SELECT *, NULL::int2 AS device, NULL::text AS country, NULL::bytea AS reader
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
    next: AtomicUsize,
    connections: [Mutex<Option<Arc<Reader>>>; CONNECTIONS],
    /// Whether the last question was not answered.
    failing: AtomicBool,
}

struct Reader {
    session: Session,
    account: Statement,
    page: Statement,
    message: Statement,
}

impl Readers {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            next: AtomicUsize::new(0),
            connections: Default::default(),
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
            let found = reader.session.query_opt(&reader.account, &values).await?;
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
            let rows = reader.session.query(&reader.page, &values).await?;
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
            let rows = reader.session.query(&reader.message, &values).await?;
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
        let place = self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let connect = async {
            let mut place = self.connections[place].lock().await;
            if let Some(reader) = place.as_ref().filter(|reader| !reader.session.is_over()) {
                return Ok(Arc::clone(reader));
            }
            let session = Session::connect(&self.address).await?;
            let reader = Arc::new(Reader {
                account: session.prepare(ACCOUNT).await?,
                page: session.prepare(&page()).await?,
                message: session.prepare(&message()).await?,
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
