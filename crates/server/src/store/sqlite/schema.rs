//! The database file: how it is opened and what is in it.

use crate::data_dir::private_file;
use crate::logging::log;
use crate::store::StoreError;
use crate::store::clock;
use kaifu_core::time::Millis;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long to wait for another process, such as a backup, to give way.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// A step from one version of the file to the next.
struct Migration {
    /// The oldest version whose programs may still use the file afterwards.
    oldest: i64,
    sql: &'static str,
}

/// What brought the database from each version to the next. This list only grows.
const MIGRATIONS: &[Migration] = &[
    Migration {
        oldest: 1,
        sql: ACCOUNTS,
    },
    Migration {
        oldest: 2,
        sql: FLOODS,
    },
    Migration {
        oldest: 2,
        sql: READERS,
    },
    Migration {
        oldest: 4,
        sql: SEGMENTS,
    },
    // A program of before would show what is erased and give numbers that were given before.
    Migration {
        oldest: 5,
        sql: ERAS,
    },
    // A program of before keeps an index up without knowing of it.
    Migration {
        oldest: 5,
        sql: MESSAGES,
    },
    Migration {
        oldest: 5,
        sql: PRESSES,
    },
    // What a program of before makes and refuses does not end.
    Migration {
        oldest: 5,
        sql: ENDS,
    },
    // The list is kept whichever program inserts.
    Migration {
        oldest: 5,
        sql: SEGMENT_LIST,
    },
];

const ACCOUNTS: &str = "
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
";

const FLOODS: &str = "
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
";

const READERS: &str = "
    -- Of the program that asked, where it is the reader's own.
    ALTER TABLE opens ADD COLUMN device INTEGER;
    ALTER TABLE opens ADD COLUMN country TEXT;
    -- Who read, as far as one day's readers of the message can be told apart.
    ALTER TABLE opens ADD COLUMN reader BLOB;
";

const SEGMENTS: &str = "
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
";

const ERAS: &str = "
    -- What tells events apart, wherever they are kept, and the hour since 2020-01-01 in which they
    -- were stored; earlier ones have neither.
    ALTER TABLE opens ADD COLUMN id BLOB;
    ALTER TABLE earlier_opens ADD COLUMN id BLOB;
    ALTER TABLE floods ADD COLUMN id BLOB;
    ALTER TABLE opens ADD COLUMN hour INTEGER;
    ALTER TABLE earlier_opens ADD COLUMN hour INTEGER;
    ALTER TABLE refusals ADD COLUMN at INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE state (
        -- The upper bits of the numbers of events; raised whenever the file may have gone back.
        era INTEGER NOT NULL,
        -- Whether this is a copy that nobody has served yet.
        is_copy INTEGER NOT NULL,
        -- How late it is at least, for retention. See `clock.rs`.
        hour INTEGER NOT NULL,
        -- The file's version, and the oldest one whose programs may use it.
        version INTEGER NOT NULL,
        oldest INTEGER NOT NULL
    ) STRICT;
    INSERT INTO state VALUES (0, 0, 0, 0, 0);

    -- The earliest hour of a segment's events.
    CREATE TABLE segment_hours (segment INTEGER PRIMARY KEY, earliest INTEGER NOT NULL) STRICT;

    -- What was erased: events of the message up to that number are gone for whoever reads, and are
    -- removed by and by.
    CREATE TABLE erasures (
        of_account INTEGER NOT NULL,
        of_message BLOB NOT NULL,
        up_to INTEGER NOT NULL,
        PRIMARY KEY (of_account, of_message)
    ) STRICT, WITHOUT ROWID;
    -- Accounts that are gone, whose events are removed by and by.
    CREATE TABLE graves (account INTEGER PRIMARY KEY) STRICT;
";

const MESSAGES: &str = "
    -- A message's events, segment by segment, so that what is written to stays in one piece. Those
    -- of before there were segments have none: it would keep the start waiting, and they only
    -- become fewer.
    CREATE INDEX opens_of_message ON opens (bundle, account, message);
    CREATE INDEX floods_of_message ON floods (account, message);
";

const PRESSES: &str = "
    -- The id of the press that an event takes back, and what a recipient sealed for the sender.
    ALTER TABLE opens ADD COLUMN undoes BLOB;
    ALTER TABLE opens ADD COLUMN sealed TEXT;
    ALTER TABLE earlier_opens ADD COLUMN undoes BLOB;
    ALTER TABLE earlier_opens ADD COLUMN sealed TEXT;
";

const ENDS: &str = "
    -- The hour in which the account last asked for its events, or was made if it never has; 0 where
    -- that is not known. See `ends.rs`.
    ALTER TABLE accounts ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE accounts ADD COLUMN has_asked INTEGER NOT NULL DEFAULT 1;
    -- The last day, since 2020-01-01, on which a token of the message records anything.
    ALTER TABLE refusals ADD COLUMN until INTEGER NOT NULL DEFAULT 65535;
";

const SEGMENT_LIST: &str = "
    -- From here on `segment_hours` lists every segment that has events. Of what was stored before
    -- there were hours none is known, and 0 is before all of them.
    INSERT OR IGNORE INTO segment_hours
    WITH RECURSIVE segments (number) AS (
        SELECT min(bundle) FROM opens
        UNION ALL
        SELECT (SELECT min(bundle) FROM opens WHERE bundle > number) FROM segments
        WHERE number IS NOT NULL
    )
    SELECT number, 0 FROM segments WHERE number IS NOT NULL;

    CREATE TRIGGER listed_segments AFTER INSERT ON opens
    WHEN NOT EXISTS (SELECT 1 FROM segment_hours WHERE segment = NEW.bundle)
    BEGIN
        INSERT INTO segment_hours VALUES (NEW.bundle, 0);
    END;
";

/// Opens the database for writing; creates or upgrades it where needed.
pub(super) fn open_or_create(path: &Path, now: Millis) -> Result<Connection, StoreError> {
    // SQLite gives its other files the mode of this one.
    private_file().create(true).truncate(false).open(path)?;
    let mut connection = open_existing(path)?;
    // Only a new file takes this; it can then shrink in slices.
    connection.pragma_update(None, "auto_vacuum", "incremental")?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    upgrade(&mut connection, now)?;
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

/// How many of the migrations a file has; an error when this version may not use it.
pub(super) fn version(connection: &Connection) -> Result<usize, StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let newer = || StoreError::Newer { found, known };
    if found > known && oldest(connection, found).is_none_or(|oldest| oldest > known) {
        return Err(newer());
    }
    usize::try_from(found).map_err(|_| newer())
}

fn upgrade(connection: &mut Connection, now: Millis) -> Result<(), StoreError> {
    let done = version(connection)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    // Where there is nothing to change nothing is written: the disk may be full.
    let missing = MIGRATIONS.get(done..).unwrap_or_default();
    if missing.is_empty() && !is_copy(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in missing {
        transaction.execute_batch(migration.sql)?;
    }
    if let Some(oldest) = missing.iter().map(|migration| migration.oldest).max() {
        let note = "UPDATE state SET version = ?1, oldest = max(oldest, ?2)";
        transaction.execute(note, [known, oldest])?;
        transaction.pragma_update(None, "user_version", known)?;
    }
    if is_copy(&transaction)? {
        let raise = "UPDATE state SET era = max(era + 1, ?1), is_copy = 0";
        transaction.execute(raise, [clock::hour(now)])?;
        log!(
            Warn,
            "the database is a copy that was not served yet; numbers go on in a new era"
        );
    }
    Ok(transaction.commit()?)
}

/// The oldest version whose programs may use a file of version `found`, where that is noted.
fn oldest(connection: &Connection, found: i64) -> Option<i64> {
    let select = "SELECT oldest FROM state WHERE version = ?1";
    connection.query_row(select, [found], |row| row.get(0)).ok()
}

/// Whether the file is a copy that nobody has served yet.
fn is_copy(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT is_copy <> 0 FROM state", [], |row| row.get(0))
}

/// Marks the file as a copy, whose next server begins a new era.
pub(super) fn mark_as_copy(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("UPDATE state SET is_copy = 1")
}

/// Copies what it can of the log into the database, and returns how many pages are left. Nobody waits
/// for it, and it waits for nobody.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(passive)", [], |row| {
        Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?)
    })
}

/// Writes what is there already.
pub(super) fn touch(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}

#[cfg(test)]
mod tests;
