//! The spool's file.

use crate::data_dir::private_file;
use crate::store::StoreError;
use crate::store::row::COLUMNS;
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;
use std::time::Duration;

/// The tables. Whatever else an event has is added by [`add_columns`].
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS server (id BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS events (
        event INTEGER PRIMARY KEY AUTOINCREMENT,
        batch INTEGER,
        account BLOB NOT NULL,
        message BLOB NOT NULL,
        kind INTEGER NOT NULL,
        minute INTEGER NOT NULL,
        times INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS batches ON events (batch, event);
    -- What PostgreSQL will not store, for the operator to look at.
    CREATE TABLE IF NOT EXISTS refused (event INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT;
";

/// Where counts are looked for that one more can be added to.
const FLOODS: &str = "
    DROP INDEX IF EXISTS counts;
    CREATE INDEX IF NOT EXISTS floods ON events (account, message, minute) WHERE times > 0;
";

/// Opens the file, with what this version needs. Where all is there nothing is written.
///
/// On a full disk what waits in it can be read still, where nobody else has the file.
pub(super) fn connect(path: &Path, done: i64) -> Result<Connection, StoreError> {
    match open(path, done, "normal") {
        Err(error) if error.is_about_disk() && has_content(path) => open(path, done, "exclusive"),
        opened => opened,
    }
}

/// Whether anything may wait in the file.
pub(super) fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// What stands in for the file where that cannot be made: it is empty, and nothing is put into it.
pub(super) fn stand_in() -> Result<Connection, StoreError> {
    let connection = Connection::open_in_memory()?;
    make(&connection)?;
    Ok(connection)
}

/// With the locking mode `exclusive`, SQLite makes no further file to read what is in the log.
fn open(path: &Path, done: i64, mode: &str) -> Result<Connection, StoreError> {
    private_file().create(true).truncate(false).open(path)?;
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "locking_mode", mode)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    make(&connection)?;
    // Numbers of events go on when the file is a new one.
    let select = "SELECT seq FROM sqlite_sequence WHERE name = 'events'";
    let last: Option<i64> = connection
        .query_row(select, [], |row| row.get(0))
        .optional()?;
    if last.unwrap_or(0) < done {
        let delete = "DELETE FROM sqlite_sequence WHERE name = 'events'";
        connection.execute(delete, [])?;
        let insert = "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?1)";
        connection.execute(insert, [done])?;
    }
    Ok(connection)
}

/// Makes what is missing.
fn make(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(SCHEMA)?;
    add_columns(connection)?;
    Ok(connection.execute_batch(FLOODS)?)
}

/// Adds the columns that an event has by now.
fn add_columns(connection: &Connection) -> Result<(), StoreError> {
    let mut known = connection.prepare("SELECT name FROM pragma_table_info('events')")?;
    let known: Vec<String> = known
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for column in COLUMNS.split(", ") {
        if !known.iter().any(|known| known == column) {
            let add = format!("ALTER TABLE events ADD COLUMN {column} ANY");
            connection.execute_batch(&add)?;
        }
    }
    Ok(())
}
