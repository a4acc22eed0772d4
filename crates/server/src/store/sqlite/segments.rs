//! Where in the database an event's row lies.
//!
//! Events of about the same time share a segment, and within it each account's lie together. So what
//! is written to is a small part of the file and lies in one piece, however many events there are.

use kaifu_core::id::MessageId;
use rusqlite::{Connection, Row};

/// How many events one transaction removes, so that it delays nobody.
pub(super) const PURGE_SLICE: u16 = 1_000;

/// How many events a segment takes at least.
const EVENTS: u64 = 50_000;

/// With each time that there are so many segments, new ones take [`EVENTS`] more: to find all of an
/// account's events, each segment is looked into.
const MANY: u64 = 512;

/// The number of what was stored before there were segments.
const EARLIER: i64 = 0;

/// What identifies an event's row.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) segment: i64,
    pub(super) account: i64,
    pub(super) seq: i64,
}

impl Key {
    /// Reads `account, seq`.
    pub(super) fn read(segment: i64, row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            segment,
            account: row.get(0)?,
            seq: row.get(1)?,
        })
    }
}

/// The numbers of all segments, oldest first. An account's events come in this order, too.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let select = "SELECT segment FROM segment_hours WHERE segment > ?1 ORDER BY segment";
    let mut select = connection.prepare_cached(select)?;
    let found = select.query_map([EARLIER], |row| row.get(0))?;
    std::iter::once(Ok(EARLIER)).chain(found).collect()
}

/// The segments that may have something about an account's message, oldest first. All are looked
/// into by one statement, as there may be hundreds of them and nearly none has it.
pub(super) fn of_message(
    connection: &Connection,
    account: i64,
    message: MessageId,
) -> rusqlite::Result<Vec<i64>> {
    let find = "SELECT segment FROM segment_hours WHERE segment > ?1 AND EXISTS (
            SELECT 1 FROM opens INDEXED BY opens_of_message
            WHERE bundle = segment AND account = ?2 AND message = ?3)
        ORDER BY segment";
    let mut find = connection.prepare_cached(find)?;
    let found = find.query_map((EARLIER, account, message.0), |row| row.get(0))?;
    std::iter::once(Ok(EARLIER)).chain(found).collect()
}

/// Takes a segment that has no events off the list; returns whether it was on it.
pub(super) fn forget_empty(connection: &Connection, segment: i64) -> rusqlite::Result<bool> {
    // What is noted of the earlier ones says that there is nothing to look for.
    let delete = "DELETE FROM segment_hours WHERE segment = ?1 AND segment > ?2
        AND NOT EXISTS (SELECT 1 FROM opens WHERE bundle = ?1)";
    let removed = (connection.prepare_cached(delete)?).execute([segment, EARLIER])?;
    Ok(removed > 0)
}

/// The first segment and the last, which is less when there is none.
fn ends(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let select = "SELECT (SELECT min(bundle) FROM opens), (SELECT max(bundle) FROM opens)";
    connection.prepare_cached(select)?.query_row([], |row| {
        let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
        Ok((first.unwrap_or(EARLIER + 1), last.unwrap_or(EARLIER)))
    })
}

/// What follows `FROM` for the rows of a segment, whose number is the first parameter.
pub(super) const fn rows(segment: i64) -> &'static str {
    if segment == EARLIER {
        "earlier_opens WHERE ?1 = 0"
    } else {
        "opens WHERE bundle = ?1"
    }
}

/// The same as [`rows`], where a message of an account is looked for. With no index for that this
/// would be an error, and no search through all that the account has.
pub(super) const fn rows_of_messages(segment: i64) -> &'static str {
    if segment == EARLIER {
        "earlier_opens WHERE ?1 = 0"
    } else {
        "opens INDEXED BY opens_of_message WHERE bundle = ?1"
    }
}

/// The segment that takes new events.
#[derive(Clone)]
pub(super) struct Current {
    number: i64,
    events: u64,
    capacity: u64,
}

impl Current {
    pub(super) const fn number(&self) -> i64 {
        self.number
    }

    pub(super) fn find(connection: &Connection) -> rusqlite::Result<Self> {
        let (first, last) = ends(connection)?;
        let number = last.max(first);
        let count = "SELECT count(*) FROM opens WHERE bundle = ?1";
        Ok(Self {
            number,
            events: connection.query_row(count, [number], |row| row.get(0))?,
            capacity: capacity(first, number),
        })
    }

    /// The segment of one more event.
    pub(super) fn take(&mut self, connection: &Connection) -> rusqlite::Result<i64> {
        if self.events >= self.capacity {
            self.number += 1;
            self.events = 0;
            self.capacity = capacity(ends(connection)?.0, self.number);
        }
        self.events += 1;
        Ok(self.number)
    }
}

/// How many events the segment `number` takes when `first` is the oldest one.
fn capacity(first: i64, number: i64) -> u64 {
    EVENTS * (1 + u64::try_from(number - first).unwrap_or(0) / MANY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::schema;
    use kaifu_core::time::Millis;

    fn insert(connection: &Connection, segment: i64) {
        let insert =
            "INSERT INTO opens (bundle, account, seq, message, kind, at, class, claim, reason)
            VALUES (?1, 1, ?1, zeroblob(8), 1, 2, 3, 0, 'browser')";
        connection.execute(insert, [segment]).unwrap();
    }

    #[test]
    fn a_full_segment_is_followed_by_the_next_and_a_restart_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema::open_or_create(&dir.path().join("kaifu.db"), Millis(0)).unwrap();
        let mut current = Current::find(&connection).unwrap();
        for _ in 0..EVENTS {
            assert_eq!(current.take(&connection).unwrap(), 1);
        }
        assert_eq!(current.take(&connection).unwrap(), 2);

        insert(&connection, 7);
        let mut current = Current::find(&connection).unwrap();
        assert_eq!((current.number, current.events), (7, 1));
        assert_eq!(current.take(&connection).unwrap(), 7);
        insert(&connection, 9);
        assert_eq!(all(&connection).unwrap(), [0, 7, 9]);
        let of = |account, message| of_message(&connection, account, message).unwrap();
        assert_eq!(of(1, MessageId([0; 8])), [0, 7, 9]);
        assert_eq!(of(1, MessageId([1; 8])), [0]);
        assert_eq!(of(2, MessageId([0; 8])), [0]);
    }

    #[test]
    fn a_segment_is_on_the_list_until_it_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        let connection = schema::open_or_create(&dir.path().join("kaifu.db"), Millis(0)).unwrap();
        for segment in [2, 3, 5] {
            insert(&connection, segment);
        }
        assert!(!forget_empty(&connection, 3).unwrap());
        connection
            .execute("DELETE FROM opens WHERE bundle = 3", [])
            .unwrap();
        assert_eq!(all(&connection).unwrap(), [0, 2, 3, 5]);
        assert!(forget_empty(&connection, 3).unwrap());
        assert_eq!(all(&connection).unwrap(), [0, 2, 5]);
    }

    #[test]
    fn many_segments_make_the_next_ones_larger() {
        let last = |events| {
            let (mut number, mut left) = (1, events);
            while left > capacity(1, number) {
                left -= capacity(1, number);
                number += 1;
            }
            number
        };
        for (events, segments) in [
            (1, 1),
            (1_000_000, 20),
            (10_000_000, 200),
            (1_000_000_000, 4_271),
        ] {
            assert_eq!(last(events), segments, "{events}");
        }
    }
}
