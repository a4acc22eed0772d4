//! Where events wait while PostgreSQL is away: a small SQLite file in the data directory.
//!
//! Each server numbers its batches, and PostgreSQL remembers the last one of each server. A batch
//! of which nobody knows whether it was stored waits here under its number, so that it is never
//! stored twice.

use super::row::Row;
use crate::data_dir::private_file;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// The batch of events that were in none, or in one that was not stored.
const AGAIN: i64 = -1;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS server (id BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS events (
        event INTEGER PRIMARY KEY AUTOINCREMENT,
        batch INTEGER,
        account BLOB NOT NULL,
        message BLOB NOT NULL,
        kind INTEGER NOT NULL,
        minute INTEGER NOT NULL,
        at INTEGER NOT NULL,
        class INTEGER NOT NULL,
        claim INTEGER NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        times INTEGER NOT NULL,
        device INTEGER,
        country TEXT,
        reader BLOB
    ) STRICT;
    CREATE INDEX IF NOT EXISTS batches ON events (batch, event);
    CREATE UNIQUE INDEX IF NOT EXISTS counts ON events (account, message, minute, kind, class)
        WHERE batch IS NULL AND times > 0;
";

/// What a spool of an earlier version does not have.
const READERS: &str = "
    BEGIN IMMEDIATE;
    ALTER TABLE events ADD COLUMN device INTEGER;
    ALTER TABLE events ADD COLUMN country TEXT;
    ALTER TABLE events ADD COLUMN reader BLOB;
    COMMIT;
";

pub(super) struct Spool {
    connection: Connection,
    /// How many events wait.
    len: u64,
}

impl Spool {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        private_file().create(true).truncate(false).open(path)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
        connection.execute_batch(SCHEMA)?;
        let known: bool = connection.query_row(
            "SELECT count(*) FROM pragma_table_info('events') WHERE name = 'reader'",
            [],
            |row| row.get(0),
        )?;
        if !known {
            connection.execute_batch(READERS)?;
        }
        let len = connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0))?;
        Ok(Self { connection, len })
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// The name under which PostgreSQL knows this server, made up at the first start.
    pub(super) fn server(&self) -> Result<[u8; 16], StoreError> {
        let select = "SELECT id FROM server";
        let found = self
            .connection
            .query_row(select, [], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(std::io::Error::from)?;
        self.connection
            .execute("INSERT INTO server (id) VALUES (?1)", [id])?;
        Ok(id)
    }

    /// Keeps `rows`, which were sent as batch `batch` and may have been stored.
    pub(super) fn append(&mut self, rows: &[Row], batch: Option<i64>) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO events (batch, account, message, kind, minute, at, class, claim,
                     reason, client, times, device, country, reader)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                 ON CONFLICT DO UPDATE SET times = times + excluded.times",
            )?;
            for row in rows {
                insert.execute(params![
                    batch,
                    row.account,
                    row.message,
                    row.kind,
                    row.minute(),
                    row.at,
                    row.class,
                    row.claim,
                    row.reason,
                    row.client,
                    row.times,
                    row.device,
                    row.country,
                    row.reader,
                ])?;
            }
        }
        transaction.commit()?;
        if rows.iter().any(|row| row.times > 0) {
            return self.count();
        }
        self.len += rows.len() as u64;
        Ok(())
    }

    /// Makes a batch numbered `batch` of the oldest events, at most `limit`.
    pub(super) fn take(&mut self, batch: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // What waits longest comes first, be it in a batch that failed or in none. The plus signs
        // keep SQLite from sorting all that waits.
        let mark = "UPDATE events SET batch = ?1 WHERE event IN (
            SELECT event FROM events WHERE +batch IS NULL OR +batch = ?2 ORDER BY event LIMIT ?3)";
        transaction
            .prepare_cached(mark)?
            .execute(params![batch, AGAIN, limit])?;
        let rows = transaction
            .prepare_cached(
                "SELECT account, message, kind, at, class, claim, reason, client, times,
                     device, country, reader
                 FROM events WHERE batch = ?1 ORDER BY event",
            )?
            .query_map([batch], |row| {
                Ok(Row {
                    account: row.get(0)?,
                    message: row.get(1)?,
                    kind: row.get(2)?,
                    at: row.get(3)?,
                    class: row.get(4)?,
                    claim: row.get(5)?,
                    reason: Cow::Owned(row.get(6)?),
                    client: row.get::<_, Option<String>>(7)?.map(Cow::Owned),
                    times: row.get(8)?,
                    device: row.get(9)?,
                    country: row.get::<_, Option<String>>(10)?.map(Cow::Owned),
                    reader: row.get(11)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(rows)
    }

    /// Forgets batches up to `last`, which are stored; later ones were not and wait again.
    pub(super) fn settle(&mut self, last: i64) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stored = transaction
            .prepare_cached("DELETE FROM events WHERE batch BETWEEN 0 AND ?1")?
            .execute([last])?;
        transaction
            .prepare_cached("UPDATE events SET batch = ?2 WHERE batch > ?1 AND batch >= 0")?
            .execute([last, AGAIN])?;
        transaction.commit()?;
        self.len = self.len.saturating_sub(stored as u64);
        if self.len == 0 && stored > 0 {
            // The log still holds what was here, be it of accounts that are deleted by now.
            self.connection
                .query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Whether events can be kept, which only writing shows: on a full disk all else works.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "user_version", 0)?)
    }

    fn count(&mut self) -> Result<(), StoreError> {
        self.len = self
            .connection
            .prepare_cached("SELECT count(*) FROM events")?
            .query_row([], |row| row.get(0))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(message: u8, times: i64) -> Row {
        Row {
            account: [1; 8],
            message: [message; 8],
            kind: 1,
            at: 60_000,
            class: 1,
            claim: 2,
            reason: "browser".into(),
            client: None,
            device: Some(5),
            country: Some("FR".into()),
            reader: Some([7; 8]),
            times,
        }
    }

    #[test]
    fn events_leave_in_order_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spool.db");
        let mut spool = Spool::open(&path).unwrap();
        let server = spool.server().unwrap();
        spool.append(&[row(1, 0), row(2, 0)], Some(7)).unwrap();
        spool.append(&[row(3, 0)], None).unwrap();
        assert_eq!(spool.len(), 3);

        // Batch 7 was not stored, so its events come again, and first.
        spool.settle(6).unwrap();
        assert_eq!(spool.take(7, 2).unwrap(), [row(1, 0), row(2, 0)]);
        drop(spool);
        // The program died; batch 7 had arrived this time.
        let mut spool = Spool::open(&path).unwrap();
        assert_eq!(spool.server().unwrap(), server);
        spool.settle(7).unwrap();
        assert_eq!(spool.take(8, 2).unwrap(), [row(3, 0)]);
        spool.settle(8).unwrap();
        assert_eq!((spool.len(), spool.take(9, 2).unwrap()), (0, vec![]));
    }

    #[test]
    fn a_spool_of_an_earlier_version_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spool.db");
        let mut spool = Spool::open(&path).unwrap();
        spool.append(&[row(1, 0)], None).unwrap();
        for column in ["device", "country", "reader"] {
            let drop = format!("ALTER TABLE events DROP COLUMN {column}");
            spool.connection.execute_batch(&drop).unwrap();
        }
        drop(spool);
        let mut spool = Spool::open(&path).unwrap();
        spool.append(&[row(2, 0)], None).unwrap();
        let of_before = Row {
            device: None,
            country: None,
            reader: None,
            ..row(1, 0)
        };
        assert_eq!(spool.take(1, 10).unwrap(), [of_before, row(2, 0)]);
    }

    #[test]
    fn a_flood_is_one_row() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(&dir.path().join("spool.db")).unwrap();
        for _ in 0..3 {
            spool
                .append(&[row(1, 1), row(1, 1), row(2, 0)], None)
                .unwrap();
        }
        spool.append(&[row(1, 1)], Some(1)).unwrap();
        spool.settle(0).unwrap();
        let rows = spool.take(1, 10).unwrap();
        assert_eq!(
            rows,
            [row(1, 6), row(2, 0), row(2, 0), row(2, 0), row(1, 1)]
        );
    }
}
