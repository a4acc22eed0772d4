//! The database file: how it is opened and what is in it.

use crate::data_dir::private_file;
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long to wait for another process, such as a backup, to give way.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// What brought the database from each version to the next. This list only grows.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE accounts (
        account INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE CHECK (length(id) = 8),
        credential BLOB NOT NULL UNIQUE CHECK (length(credential) = 32),
        created_at INTEGER NOT NULL,
        last_seq INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    -- Each account's events lie together, in the order in which they are asked for.
    CREATE TABLE opens (
        account INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        message BLOB NOT NULL CHECK (length(message) = 8),
        kind INTEGER NOT NULL,
        at INTEGER NOT NULL,
        class INTEGER NOT NULL,
        claim INTEGER NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        PRIMARY KEY (account, seq)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- How many further fetches the event stands for.
    ALTER TABLE opens ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;

    -- Fetches that were only counted, until their minute is over.
    CREATE TABLE floods (
        minute INTEGER NOT NULL,
        account INTEGER NOT NULL,
        message BLOB NOT NULL,
        kind INTEGER NOT NULL,
        class INTEGER NOT NULL,
        at INTEGER NOT NULL,
        claim INTEGER NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        times INTEGER NOT NULL,
        PRIMARY KEY (minute, account, message, kind, class)
    ) STRICT, WITHOUT ROWID;

    -- Messages whose recipients have refused. They outlive their events.
    CREATE TABLE refusals (
        account INTEGER NOT NULL,
        message BLOB NOT NULL,
        PRIMARY KEY (account, message)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- Of the program that asked, where it is the reader's own.
    ALTER TABLE opens ADD COLUMN device INTEGER;
    ALTER TABLE opens ADD COLUMN country TEXT;
    -- Who read, as far as one day's readers of the message can be told apart.
    ALTER TABLE opens ADD COLUMN reader BLOB;
",
    "
    -- What is there stays where it is, until its time is over.
    ALTER TABLE opens RENAME TO earlier_opens;

    -- Events of about the same time lie together, and among them each account's.
    CREATE TABLE opens (
        bundle INTEGER NOT NULL,
        account INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        message BLOB NOT NULL CHECK (length(message) = 8),
        kind INTEGER NOT NULL,
        at INTEGER NOT NULL,
        class INTEGER NOT NULL,
        claim INTEGER NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        repeats INTEGER NOT NULL DEFAULT 0,
        device INTEGER,
        country TEXT,
        reader BLOB,
        PRIMARY KEY (bundle, account, seq)
    ) STRICT, WITHOUT ROWID;
",
];

/// Opens the database for writing; creates or upgrades it where needed.
pub(super) fn open_or_create(path: &Path) -> Result<Connection, StoreError> {
    // SQLite gives its other files the mode of this one.
    private_file().create(true).truncate(false).open(path)?;
    let mut connection = open_existing(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    upgrade(&mut connection)?;
    Ok(connection)
}

/// Opens the database for writing, as it is.
pub(super) fn open_existing(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // What is committed is on the disk: an event is acknowledged right after.
    connection.pragma_update(None, "synchronous", "full")?;
    // What is deleted is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Opens the database for reading.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let Ok(done) = usize::try_from(found) else {
        return Err(StoreError::Newer { found, known });
    };
    let Some(missing) = MIGRATIONS.get(done..) else {
        return Err(StoreError::Newer { found, known });
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

/// Writes what is there already.
pub(super) fn touch(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_version_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        let connection = open_or_create(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        assert!(matches!(
            open_or_create(&path),
            Err(StoreError::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn an_earlier_versions_events_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        let before = Connection::open(&path).unwrap();
        for migration in &MIGRATIONS[..2] {
            before.execute_batch(migration).unwrap();
        }
        before.pragma_update(None, "user_version", 2).unwrap();
        let insert = "INSERT INTO opens (account, seq, message, kind, at, class, claim, reason)
            VALUES (1, 1, zeroblob(8), 1, 2, 3, 0, 'gmail_prefetch')";
        before.execute_batch(insert).unwrap();
        drop(before);
        let now = open_or_create(&path).unwrap();
        let select = "SELECT reason FROM earlier_opens
            WHERE device IS NULL AND country IS NULL AND reader IS NULL";
        let reason: String = now.query_row(select, [], |row| row.get(0)).unwrap();
        assert_eq!(reason, "gmail_prefetch");
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        std::fs::write(&path, "something else".repeat(100)).unwrap();
        assert!(matches!(open_or_create(&path), Err(StoreError::Sqlite(_))));
        assert_eq!(
            std::fs::read(&path).unwrap(),
            "something else".repeat(100).as_bytes()
        );
    }
}
