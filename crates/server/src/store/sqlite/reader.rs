//! What can be asked of the database.

use super::segments::{self, Key};
use crate::store::row::{COLUMNS, Eight, Row, SEQ_MAX, Stored};
use crate::store::{AccountRow, CredentialHash, MessageRecord, RECORD_MAX};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_protocol::api::{Event, EventsPage};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Leaves out what is erased and not removed yet.
const SHOWN: &str = "(kind = 4 OR NOT EXISTS (SELECT 1 FROM erasures
    WHERE of_account = account AND of_message = message AND up_to >= seq))";

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
    let mut events = Vec::new();
    if cursor > after {
        for segment in since(&moment, account, after)? {
            let select = format!(
                "SELECT seq, repeats, {COLUMNS} FROM {} AND account = ?2 AND seq > ?3 AND {SHOWN}
                 ORDER BY seq",
                segments::rows(segment)
            );
            let left = usize::from(limit) - events.len();
            let mut found = moment.prepare_cached(&select)?;
            let found = found.query_map(params![segment, account.row, after], |row| {
                event(account.id, row)
            })?;
            extend(&mut events, found, left)?;
            if events.len() == usize::from(limit) {
                break;
            }
        }
    }
    Ok(Some(EventsPage { events, cursor }))
}

/// The segments with the account's events after `after`, oldest first.
fn since(connection: &Connection, account: AccountRow, after: u64) -> rusqlite::Result<Vec<i64>> {
    let mut segments = segments::all(connection)?;
    if after == 0 {
        return Ok(segments);
    }
    // Most polls know all but the latest events, so the search begins with these.
    for (place, &segment) in segments.iter().enumerate().rev() {
        let select = format!(
            "SELECT 1 FROM {} AND account = ?2 AND seq <= ?3",
            segments::rows(segment)
        );
        let mut known = connection.prepare_cached(&select)?;
        if known.exists(params![segment, account.row, after])? {
            segments.drain(..place);
            break;
        }
    }
    Ok(segments)
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
    // A count has no place among the events yet, nor what its fetches need not have in common.
    let select = format!(
        "SELECT {SEQ_MAX}, times - 1, {COLUMNS}
         FROM (SELECT *, NULL AS device, NULL AS country, NULL AS reader,
                NULL AS undoes, NULL AS sealed FROM floods)
         WHERE account = ?1 AND message = ?2"
    );
    let mut events = Vec::new();
    let mut counts = moment.prepare_cached(&select)?;
    let counts = counts.query_map(params![row, message.0], |row| event(account, row))?;
    extend(&mut events, counts, RECORD_MAX.into())?;
    for segment in segments::of_message(&moment, row, message)?
        .into_iter()
        .rev()
    {
        let left = usize::from(RECORD_MAX) - events.len();
        if left == 0 {
            break;
        }
        let select = format!(
            "SELECT seq, repeats, {COLUMNS} FROM {} AND account = ?2 AND message = ?3 AND {SHOWN}
             ORDER BY seq DESC",
            segments::rows_of_messages(segment)
        );
        let mut found = moment.prepare_cached(&select)?;
        let found = found.query_map(params![segment, row, message.0], |row| event(account, row))?;
        extend(&mut events, found, left)?;
    }
    let refused = moment
        .prepare_cached("SELECT 1 FROM refusals WHERE account = ?1 AND message = ?2")?
        .exists(params![row, message.0])?;
    Ok(Some(MessageRecord { events, refused }))
}

/// Whether anything is stored about a message that can be erased.
pub(super) fn has_message(
    connection: &Connection,
    account: AccountId,
    message: MessageId,
) -> rusqlite::Result<bool> {
    let moment = connection.unchecked_transaction()?;
    let Some(row) = account_row(&moment, account)? else {
        return Ok(false);
    };
    let counts = "SELECT 1 FROM floods WHERE account = ?1 AND message = ?2";
    if (moment.prepare_cached(counts)?).exists(params![row, message.0])? {
        return Ok(true);
    }
    for segment in segments::of_message(&moment, row, message)? {
        let select = format!(
            "SELECT 1 FROM {} AND account = ?2 AND message = ?3 AND kind <> 4 AND {SHOWN}",
            segments::rows_of_messages(segment)
        );
        let mut found = moment.prepare_cached(&select)?;
        if found.exists(params![segment, row, message.0])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is gone for whoever reads, and is still to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remains {
    /// Everything of an account.
    Grave(i64),
    /// A message's events up to a number, but for its refusal.
    Erasure {
        account: i64,
        message: MessageId,
        up_to: i64,
    },
}

/// All that is still to be removed.
pub(super) fn remains(connection: &Connection) -> rusqlite::Result<Vec<Remains>> {
    let graves = "SELECT account FROM graves";
    let mut found: Vec<_> = connection
        .prepare_cached(graves)?
        .query_map([], |row| Ok(Remains::Grave(row.get(0)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let erasures = "SELECT of_account, of_message, up_to FROM erasures";
    let mut erasures = connection.prepare_cached(erasures)?;
    let erasures = erasures.query_map([], |row| {
        Ok(Remains::Erasure {
            account: row.get(0)?,
            message: MessageId(row.get(1)?),
            up_to: row.get(2)?,
        })
    })?;
    found.extend(erasures.collect::<rusqlite::Result<Vec<_>>>()?);
    Ok(found)
}

/// The keys of events in `segment` that belong to `remains`, after the number `from`.
pub(super) fn keys_of(
    connection: &Connection,
    segment: i64,
    remains: &Remains,
    from: i64,
    limit: u16,
) -> rusqlite::Result<Vec<Key>> {
    let (rows, account, condition, message, up_to) = match remains {
        Remains::Grave(account) => {
            let rows = segments::rows(segment);
            (rows, *account, "?3 = ?3 AND ?4 = ?4", [0; 8], 0)
        }
        Remains::Erasure {
            account,
            message,
            up_to,
        } => {
            let rows = segments::rows_of_messages(segment);
            let condition = "message = ?3 AND seq <= ?4 AND kind <> 4";
            (rows, *account, condition, message.0, *up_to)
        }
    };
    let select = format!(
        "SELECT account, seq FROM {rows} AND account = ?2 AND {condition} AND seq > ?5
         ORDER BY seq LIMIT ?6"
    );
    connection
        .prepare_cached(&select)?
        .query_map(
            params![segment, account, message, up_to, from, limit],
            |row| Key::read(segment, row),
        )?
        .collect()
}

fn account_row(connection: &Connection, account: AccountId) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT account FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| row.get(0))
        .optional()
}

/// The segments that may have events from before the hour `before`.
pub(super) fn segments_before(connection: &Connection, before: i64) -> rusqlite::Result<Vec<i64>> {
    let select = "SELECT earliest FROM segment_hours WHERE segment = ?1";
    let mut earliest = connection.prepare_cached(select)?;
    let mut found = Vec::new();
    for segment in segments::all(connection)? {
        let hour = earliest.query_row([segment], |row| row.get(0)).optional()?;
        if hour.is_none_or(|hour: i64| hour < before) {
            found.push(segment);
        }
    }
    Ok(found)
}

/// The keys of a segment's events that were stored before the hour `before`, in order, after the
/// account and number `from`. Where the hour is not known, the event's own time has to do.
pub(super) fn events_before(
    connection: &Connection,
    segment: i64,
    before: i64,
    from: (i64, i64),
    limit: u16,
) -> rusqlite::Result<Vec<Key>> {
    let select = format!(
        "SELECT account, seq FROM {} AND (account, seq) > (?2, ?3)
             AND coalesce(hour, at / 3600000 - 438288) < ?4
         ORDER BY account, seq LIMIT ?5",
        segments::rows(segment)
    );
    connection
        .prepare_cached(&select)?
        .query_map(params![segment, from.0, from.1, before, limit], |row| {
            Key::read(segment, row)
        })?
        .collect()
}

/// Whether there are counts that are no events yet.
pub(super) fn has_floods(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM floods LIMIT 1")?
        .exists([])
}

/// Whether there are counts of minutes before `minute`.
pub(super) fn has_floods_before(connection: &Connection, minute: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM floods WHERE minute < ?1 LIMIT 1")?
        .exists([minute])
}

pub(super) fn check(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Adds at most `count` of what is `found`. A limit that is bound to a statement has SQLite plan it
/// anew each time, which takes longer than the search.
fn extend(
    events: &mut Vec<Event>,
    found: impl Iterator<Item = rusqlite::Result<Event>>,
    count: usize,
) -> rusqlite::Result<()> {
    for event in found.take(count) {
        events.push(event?);
    }
    Ok(())
}

/// Reads `seq, repeats` and the columns of an event.
fn event(account: AccountId, row: &rusqlite::Row<'_>) -> rusqlite::Result<Event> {
    let stored = Stored {
        seq: row.get(0)?,
        repeats: row.get(1)?,
        row: Row::read(Eight(account.0), row, 2)?,
    };
    Ok(stored.into())
}

#[cfg(test)]
mod tests;
