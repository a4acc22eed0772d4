//! Reading, on a few connections that never write.

use super::bundles::{self, Key};
use super::schema;
use crate::store::{AccountRow, CredentialHash, MessageRecord, RECORD_MAX, StoreError, code};
use kaifu_core::fetch::ReaderId;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Event, EventsPage, Kind, Source};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// What [`open`] reads.
const COLUMNS: &str =
    "seq, message, kind, at, class, claim, reason, client, repeats, device, country,
    reader";

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
    account: AccountId,
    credential: CredentialHash,
) -> rusqlite::Result<Option<AccountRow>> {
    connection
        .prepare_cached("SELECT account, id FROM accounts WHERE id = ?1 AND credential = ?2")?
        .query_row((account.0, credential.0), |row| {
            Ok(AccountRow {
                row: row.get(0)?,
                id: AccountId(row.get(1)?),
            })
        })
        .optional()
}

pub(super) fn events_after(
    connection: &Connection,
    account: AccountRow,
    after: u64,
    limit: u16,
) -> rusqlite::Result<Option<EventsPage>> {
    // One transaction, so that the cursor and the events are of one moment.
    let moment = connection.unchecked_transaction()?;
    let last: Option<u64> = moment
        .prepare_cached("SELECT last_seq FROM accounts WHERE account = ?1")?
        .query_row([account.row], |row| row.get(0))
        .optional()?;
    let Some(cursor) = last else { return Ok(None) };
    let mut opens = Vec::new();
    if cursor > after {
        for bundle in since(&moment, account, after)? {
            let select = format!(
                "SELECT {COLUMNS} FROM {} AND account = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
                bundles::rows(bundle)
            );
            let left = usize::from(limit) - opens.len();
            let mut found = moment.prepare_cached(&select)?;
            let found = found.query_map(params![bundle, account.row, after, left], open)?;
            opens.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
            if opens.len() == usize::from(limit) {
                break;
            }
        }
    }
    Ok(Some(EventsPage {
        events: opens,
        cursor,
    }))
}

/// The bundles with the account's events after `after`, oldest first.
fn since(connection: &Connection, account: AccountRow, after: u64) -> rusqlite::Result<Vec<i64>> {
    let mut bundles = bundles::all(connection)?;
    if after == 0 {
        return Ok(bundles);
    }
    // Most polls know all but the latest events, so the search begins with these.
    for (place, &bundle) in bundles.iter().enumerate().rev() {
        let select = format!(
            "SELECT 1 FROM {} AND account = ?2 AND seq <= ?3",
            bundles::rows(bundle)
        );
        let mut known = connection.prepare_cached(&select)?;
        if known.exists(params![bundle, account.row, after])? {
            bundles.drain(..place);
            break;
        }
    }
    Ok(bundles)
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
    let mut opens: Vec<_> = moment
        .prepare_cached(
            "SELECT 9007199254740991, message, kind, at, class, claim, reason, client, times - 1,
                 NULL, NULL, NULL FROM floods WHERE account = ?1 AND message = ?2 LIMIT ?3",
        )?
        .query_map(params![row, message.0, RECORD_MAX], open)?
        .collect::<rusqlite::Result<_>>()?;
    for bundle in bundles::all(&moment)?.into_iter().rev() {
        let left = usize::from(RECORD_MAX) - opens.len();
        if left == 0 {
            break;
        }
        let select = format!(
            "SELECT {COLUMNS} FROM {} AND account = ?2 AND message = ?3
             ORDER BY seq DESC LIMIT ?4",
            bundles::rows(bundle)
        );
        let mut found = moment.prepare_cached(&select)?;
        let found = found.query_map(params![bundle, row, message.0, left], open)?;
        opens.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    let refused = moment
        .prepare_cached("SELECT 1 FROM refusals WHERE account = ?1 AND message = ?2")?
        .exists(params![row, message.0])?;
    Ok(Some(MessageRecord {
        events: opens,
        refused,
    }))
}

/// The keys of all events of a message but its refusal.
pub(super) fn keys_of(
    connection: &Connection,
    account: AccountId,
    message: MessageId,
) -> rusqlite::Result<Vec<Key>> {
    let moment = connection.unchecked_transaction()?;
    let mut keys = Vec::new();
    let Some(row) = account_row(&moment, account)? else {
        return Ok(keys);
    };
    for bundle in bundles::all(&moment)? {
        let select = format!(
            "SELECT account, seq FROM {} AND account = ?2 AND message = ?3 AND kind <> ?4",
            bundles::rows(bundle)
        );
        let refusal = code::of_kind(EventKind::Refuse);
        let mut found = moment.prepare_cached(&select)?;
        let found = found.query_map(params![bundle, row, message.0, refusal], |row| {
            Key::read(bundle, row)
        })?;
        keys.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(keys)
}

fn account_row(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT account FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()
}

/// The keys of a bundle's events from before `before`, in order, after the account and number `from`.
pub(super) fn opens_before(
    connection: &Connection,
    bundle: i64,
    before: Millis,
    from: (i64, i64),
    limit: u16,
) -> rusqlite::Result<Vec<Key>> {
    let select = format!(
        "SELECT account, seq FROM {} AND (account, seq) > (?2, ?3) AND at < ?4
         ORDER BY account, seq LIMIT ?5",
        bundles::rows(bundle)
    );
    connection
        .prepare_cached(&select)?
        .query_map(params![bundle, from.0, from.1, before.0, limit], |row| {
            Key::read(bundle, row)
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

fn open(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
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

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountRow = AccountRow {
        row: 1,
        id: AccountId([1; 8]),
    };

    const OTHER: AccountRow = AccountRow {
        row: 2,
        id: AccountId([2; 8]),
    };

    /// Each bundle with the numbers of the account's events in it.
    const BUNDLES: [(i64, &[u64]); 5] = [
        (0, &[1, 2, 3]),
        (2, &[4]),
        (3, &[]),
        (4, &[5, 6, 9]),
        (6, &[10, 11]),
    ];

    const LAST: u64 = 12;

    fn database() -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema::open_or_create(&dir.path().join("kaifu.db")).unwrap();
        for account in [ACCOUNT, OTHER] {
            let insert = "INSERT INTO accounts (account, id, credential, created_at, last_seq)
                VALUES (?1, ?2, ?3, 0, ?4)";
            let credential = [account.id.0, account.id.0, account.id.0, account.id.0].concat();
            let values = params![account.row, account.id.0, credential, LAST];
            connection.execute(insert, values).unwrap();
        }
        for (bundle, numbers) in BUNDLES {
            for (account, seq) in numbers.iter().map(|seq| (1, *seq)).chain([(2, 20)]) {
                let (into, place) = match bundle {
                    0 => ("earlier_opens (", String::new()),
                    _ => ("opens (bundle, ", format!("{bundle}, ")),
                };
                let insert = format!(
                    "INSERT INTO {into}account, seq, message, kind, at, class, claim, reason)
                     VALUES ({place}?1, ?2, ?3, 1, ?2, 3, 0, 'browser')"
                );
                let values = params![account, seq, MessageId([7; 8]).0];
                connection.execute(&insert, values).unwrap();
            }
        }
        (dir, connection)
    }

    fn numbers(opens: &[Event]) -> Vec<u64> {
        opens.iter().map(|open| open.seq).collect()
    }

    #[test]
    fn events_are_read_in_order_through_all_bundles() {
        let (_dir, connection) = database();
        let all: Vec<u64> = BUNDLES
            .iter()
            .flat_map(|(_, seqs)| *seqs)
            .copied()
            .collect();
        for after in 0..=LAST + 1 {
            for limit in 1..=12 {
                let page = events_after(&connection, ACCOUNT, after, limit).unwrap();
                let later = all.iter().copied().filter(|seq| *seq > after);
                let expected: Vec<_> = later.take(limit.into()).collect();
                let page = page.unwrap();
                assert_eq!((numbers(&page.events), page.cursor), (expected, LAST));
            }
        }
    }

    #[test]
    fn a_message_is_found_in_all_bundles() {
        let (_dir, connection) = database();
        let record = message(&connection, ACCOUNT.id, MessageId([7; 8])).unwrap();
        let found = numbers(&record.unwrap().events);
        assert_eq!(found, [11, 10, 9, 6, 5, 4, 3, 2, 1]);
        let keys = keys_of(&connection, ACCOUNT.id, MessageId([7; 8])).unwrap();
        let keys = keys.iter().map(|key| (key.bundle, key.account, key.seq));
        let rows = BUNDLES.iter().flat_map(|(bundle, seqs)| {
            seqs.iter()
                .map(|seq| (*bundle, ACCOUNT.row, i64::try_from(*seq).unwrap()))
        });
        assert!(keys.eq(rows));
    }

    #[test]
    fn old_events_are_found_in_slices() {
        let (_dir, connection) = database();
        let slice = |bundle, from, limit| {
            let keys = opens_before(&connection, bundle, Millis(10), from, limit).unwrap();
            keys.iter()
                .map(|key| (key.account, key.seq))
                .collect::<Vec<_>>()
        };
        assert_eq!(slice(0, (0, 0), 2), [(1, 1), (1, 2)]);
        assert_eq!(slice(0, (1, 2), 2), [(1, 3)]);
        assert_eq!(slice(4, (1, 5), 9), [(1, 6), (1, 9)]);
        assert_eq!(slice(6, (0, 0), 9), []);
    }
}
