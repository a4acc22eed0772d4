//! What an operator does to the database file, while a server may use it.

use super::schema;
use crate::Failure;
use crate::data_dir::{private_file, sync_parent};
use crate::store::StoreError;
use rusqlite::Connection;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long to wait for a moment without other writers.
const PATIENCE: Duration = Duration::from_mins(1);

/// Copies the database at `path` as it is at one moment to `target`, which must not exist.
pub(crate) fn backup(path: &Path, target: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::Backup {
        path: target.to_owned(),
        source,
    };
    let database = connect(path)?;
    let name = target
        .to_str()
        .ok_or_else(|| failed(io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8")))?;
    let file = private_file()
        .create_new(true)
        .open(target)
        .map_err(failed)?;
    let copied = database
        .execute("VACUUM INTO ?1", [name])
        .map_err(io::Error::other)
        .and_then(|_| file.sync_all())
        .and_then(|()| sync_parent(target));
    copied.map_err(|error| {
        // Half a backup is worse than none.
        let _ = std::fs::remove_file(target);
        failed(error)
    })
}

/// Gives the space of deleted rows back to the file system.
pub(crate) fn vacuum(path: &Path) -> Result<(), Failure> {
    let database = connect(path)?;
    database
        .execute_batch("VACUUM; PRAGMA wal_checkpoint(truncate);")
        .map_err(|error| failure(path, error.into()))
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let open = || {
        let connection = schema::open_existing(path)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    open().map_err(|source| failure(path, source))
}

fn failure(path: &Path, source: StoreError) -> Failure {
    Failure::Database {
        path: path.to_owned(),
        source,
    }
}
