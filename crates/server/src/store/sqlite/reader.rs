//! Reading, on a few connections that never write.

use super::schema;
use crate::store::{AccountRow, CredentialHash, MessageRecord, RECORD_MAX, StoreError, code};
use kaifu_core::fetch::ReaderId;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Kind, Open, OpensPage, Source};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// How many reads run at once.
const CONNECTIONS: usize = 4;

/// The connections, opened when first needed.
pub(super) struct Readers {
    path: PathBuf,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        Self {
            path: path.to_owned(),
            places,
            idle: Arc::default(),
        }
    }

    /// Runs `query` on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let read = move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = taken.map_or_else(|| schema::open_reader(&path), Ok)?;
            let found = query(&connection);
            // A connection that failed may be broken; the next read opens a new one.
            if found.is_ok() {
                idle.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(connection);
            }
            drop(place);
            found
        };
        Ok(tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| StoreError::Closed)??)
    }
}

pub(super) fn account_with(
    connection: &Connection,
    credential: CredentialHash,
) -> rusqlite::Result<Option<AccountRow>> {
    connection
        .prepare_cached("SELECT account, id FROM accounts WHERE credential = ?1")?
        .query_row([credential.0], |row| {
            Ok(AccountRow {
                row: row.get(0)?,
                id: AccountId(row.get(1)?),
            })
        })
        .optional()
}

pub(super) fn opens_after(
    connection: &Connection,
    account: AccountRow,
    after: u64,
    limit: u16,
) -> rusqlite::Result<Option<OpensPage>> {
    // One transaction, so that the cursor and the events are of one moment.
    let moment = connection.unchecked_transaction()?;
    let last = moment
        .prepare_cached("SELECT last_seq FROM accounts WHERE account = ?1")?
        .query_row([account.row], |row| row.get(0))
        .optional()?;
    let Some(cursor) = last else { return Ok(None) };
    let opens = moment
        .prepare_cached(
            "SELECT seq, message, kind, at, class, claim, reason, client, repeats, device, country,
                 reader FROM opens
             WHERE account = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![account.row, after, limit], open)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(OpensPage { opens, cursor }))
}

/// What is stored about a message, counts that are no events yet included.
pub(super) fn message(
    connection: &Connection,
    account: AccountId,
    message: MessageId,
) -> rusqlite::Result<Option<MessageRecord>> {
    let moment = connection.unchecked_transaction()?;
    let Some(row) = account_row(&moment, account)? else {
        return Ok(None);
    };
    let opens = moment
        .prepare_cached(
            "SELECT 9007199254740991 AS seq, message, kind, at, class, claim, reason, client,
                 times - 1 AS repeats, NULL, NULL, NULL FROM floods WHERE account = ?1 AND message = ?2
             UNION ALL
             SELECT seq, message, kind, at, class, claim, reason, client, repeats, device, country,
                 reader FROM opens WHERE account = ?1 AND message = ?2
             ORDER BY seq DESC LIMIT ?3",
        )?
        .query_map(params![row, message.0, RECORD_MAX], open)?
        .collect::<rusqlite::Result<_>>()?;
    let refused = moment
        .prepare_cached("SELECT 1 FROM refusals WHERE account = ?1 AND message = ?2")?
        .exists(params![row, message.0])?;
    Ok(Some(MessageRecord { opens, refused }))
}

/// The keys of all events of a message but its refusal.
pub(super) fn keys_of(
    connection: &Connection,
    account: AccountId,
    message: MessageId,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    let Some(row) = account_row(connection, account)? else {
        return Ok(Vec::new());
    };
    connection
        .prepare_cached(
            "SELECT account, seq FROM opens WHERE account = ?1 AND message = ?2 AND kind <> ?3",
        )?
        .query_map(
            params![row, message.0, code::of_kind(EventKind::Refuse)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .collect()
}

fn account_row(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT account FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()
}

/// The keys of events from before `before`, in order, after the key `from`.
pub(super) fn opens_before(
    connection: &Connection,
    before: Millis,
    from: (i64, i64),
    limit: u16,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT account, seq FROM opens
             WHERE (account, seq) > (?1, ?2) AND at < ?3 ORDER BY account, seq LIMIT ?4",
        )?
        .query_map(params![from.0, from.1, before.0, limit], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}

/// Whether there are counts that are no events yet.
pub(super) fn has_floods(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM floods LIMIT 1")?
        .exists([])
}

pub(super) fn check(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn open(row: &Row<'_>) -> rusqlite::Result<Open> {
    Ok(Open {
        seq: row.get(0)?,
        message: MessageId(row.get(1)?).to_string(),
        kind: code::kind(row.get(2)?).map_or(Kind::Other, Kind::from),
        at: row.get(3)?,
        source: Source {
            class: code::class(row.get(4)?).into(),
            client: row.get(7)?,
            device: row.get::<_, Option<i64>>(9)?.and_then(code::device),
            country: row.get(10)?,
            reader: row
                .get::<_, Option<[u8; 8]>>(11)?
                .map(|reader| ReaderId(reader).to_string()),
        },
        claim: code::claim(row.get(5)?).into(),
        reason: row.get(6)?,
        repeats: row.get(8)?,
    })
}
