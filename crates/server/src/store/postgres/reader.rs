//! Reading, on a few connections that everyone shares.

use super::session::{Address, Session, within};
use crate::store::{AccountRow, CredentialHash, MessageRecord, RECORD_MAX, StoreError, code};
use kaifu_core::fetch::ReaderId;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_protocol::api::{Event, EventsPage, Kind, Source};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_postgres::{Row, Statement};

/// How many connections there are. Questions on one are answered in turn.
const CONNECTIONS: usize = 4;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

const ACCOUNT: &str = "SELECT account, id FROM accounts WHERE id = $1 AND credential = $2";

/// The cursor and the events of one moment; a row without an event where there is none.
const OPENS: &str = "
    SELECT a.last_seq, o.seq, o.message, o.kind, o.at, o.class, o.claim, o.reason, o.client,
        o.repeats, o.device, o.country, o.reader
    FROM accounts a LEFT JOIN LATERAL (
        SELECT * FROM opens WHERE account = a.account AND seq > $2 ORDER BY seq LIMIT $3
    ) o ON true
    WHERE a.account = $1 ORDER BY o.seq";

const MESSAGE: &str = "
    SELECT EXISTS (
            SELECT FROM refusals r WHERE r.account = a.account AND r.message = $2) AS refused,
        o.seq, o.message, o.kind, o.at, o.class, o.claim, o.reason, o.client, o.repeats,
        o.device, o.country, o.reader
    FROM accounts a LEFT JOIN LATERAL (
        SELECT 9007199254740991 AS seq, message, kind, at, class, claim, reason, client,
            times - 1 AS repeats, NULL::int2 AS device, NULL AS country, NULL::bytea AS reader
        FROM floods WHERE account = a.account AND message = $2
        UNION ALL
        SELECT seq, message, kind, at, class, claim, reason, client, repeats, device, country,
            reader
        FROM opens WHERE account = a.account AND message = $2
        ORDER BY 1 DESC LIMIT $3
    ) o ON true
    WHERE a.id = $1 ORDER BY o.seq DESC";

pub(super) struct Readers {
    address: Address,
    next: AtomicUsize,
    connections: [Mutex<Option<Arc<Reader>>>; CONNECTIONS],
}

struct Reader {
    session: Session,
    account: Statement,
    opens: Statement,
    message: Statement,
}

impl Readers {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            next: AtomicUsize::new(0),
            connections: Default::default(),
        }
    }

    pub(super) async fn account_with(
        &self,
        account: AccountId,
        credential: CredentialHash,
    ) -> Result<Option<AccountRow>, StoreError> {
        within(PATIENCE, async {
            let reader = self.reader().await?;
            let found = reader
                .session
                .query_opt(
                    &reader.account,
                    &[&account.0.as_slice(), &credential.0.as_slice()],
                )
                .await?;
            found
                .map(|row| {
                    Ok(AccountRow {
                        row: row.get(0),
                        id: AccountId(eight(&row, 1)?),
                    })
                })
                .transpose()
        })
        .await
    }

    pub(super) async fn events_after(
        &self,
        account: AccountRow,
        after: u64,
        limit: u16,
    ) -> Result<Option<EventsPage>, StoreError> {
        within(PATIENCE, async {
            let reader = self.reader().await?;
            let after = i64::try_from(after).unwrap_or(i64::MAX);
            let values = [&account.row as _, &after as _, &i64::from(limit) as _];
            let rows = reader.session.query(&reader.opens, &values).await?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            let cursor = u64::try_from(first.get::<_, i64>(0)).unwrap_or_default();
            let opens = opens(&rows)?;
            Ok(Some(EventsPage {
                events: opens,
                cursor,
            }))
        })
        .await
    }

    pub(super) async fn message(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<Option<MessageRecord>, StoreError> {
        within(PATIENCE, async {
            let reader = self.reader().await?;
            let limit = i64::from(RECORD_MAX);
            let (id, message) = (account.0.as_slice(), message.0.as_slice());
            let values = [&id as _, &message as _, &limit as _];
            let rows = reader.session.query(&reader.message, &values).await?;
            let Some(first) = rows.first() else {
                return Ok(None);
            };
            Ok(Some(MessageRecord {
                events: opens(&rows)?,
                refused: first.get(0),
            }))
        })
        .await
    }

    async fn reader(&self) -> Result<Arc<Reader>, StoreError> {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let mut place = self.connections[place].lock().await;
        if let Some(reader) = place.as_ref().filter(|reader| !reader.session.is_closed()) {
            return Ok(Arc::clone(reader));
        }
        let session = Session::connect(&self.address).await?;
        let reader = Arc::new(Reader {
            account: session.prepare(ACCOUNT).await?,
            opens: session.prepare(OPENS).await?,
            message: session.prepare(MESSAGE).await?,
            session,
        });
        *place = Some(Arc::clone(&reader));
        Ok(reader)
    }
}

/// The events in `rows`, whose second column is the number of each or null.
fn opens(rows: &[Row]) -> Result<Vec<Event>, StoreError> {
    rows.iter()
        .filter(|row| row.get::<_, Option<i64>>(1).is_some())
        .map(open)
        .collect()
}

fn open(row: &Row) -> Result<Event, StoreError> {
    let number = |place| u64::try_from(row.get::<_, i64>(place)).unwrap_or_default();
    let code = |place| i64::from(row.get::<_, i16>(place));
    Ok(Event {
        seq: number(1),
        message: MessageId(eight(row, 2)?).to_string(),
        kind: code::kind(code(3)).map_or(Kind::Other, Kind::from),
        at: row.get(4),
        source: Source {
            class: code::class(code(5)).into(),
            client: row.get(8),
            device: row
                .get::<_, Option<i16>>(10)
                .and_then(|device| code::device(device.into())),
            country: row.get(11),
            reader: row
                .get::<_, Option<&[u8]>>(12)
                .and_then(|reader| Some(ReaderId(reader.try_into().ok()?).to_string())),
        },
        claim: code::claim(code(6)).into(),
        reason: row.get(7),
        repeats: number(9),
    })
}

fn eight(row: &Row, place: usize) -> Result<[u8; 8], StoreError> {
    row.get::<_, &[u8]>(place)
        .try_into()
        .map_err(|_| StoreError::Damaged)
}
