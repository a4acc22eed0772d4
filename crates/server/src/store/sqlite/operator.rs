//! What an operator does to the database file.

use super::schema;
use crate::data_dir::{new_private, private_file, sync_parent};
use crate::store::StoreError;
use rusqlite::Connection;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait for a moment without other writers.
const PATIENCE: Duration = Duration::from_mins(1);

/// How much of a copy may wait to be written to the disk, in bytes: whatever a server makes durable
/// meanwhile waits behind it.
const UNSYNCED: u64 = 4 << 20;

/// How many of SQLite's steps lie between two looks at a copy.
const STEPS: i32 = 10_000;

/// Copies the database at `path` as it is at one moment to `target`, which must not exist. A server
/// may use it meanwhile. Whoever serves the copy first begins a new era.
pub(crate) fn backup(path: &Path, target: &Path) -> Result<(), StoreError> {
    let failed = |reason| StoreError::Copy {
        path: target.to_owned(),
        reason: Arc::new(reason),
    };
    let mut database = connect(path)?;
    // The name is taken first, and gets its content when that is whole.
    private_file()
        .create_new(true)
        .open(target)
        .map_err(failed)?;
    let half = half_of(target);
    let copied = copy(&mut database, &half)
        .and_then(|()| std::fs::rename(&half, target))
        .and_then(|()| sync_parent(target));
    copied.map_err(|error| {
        // Half a backup is worse than none.
        let _ = std::fs::remove_file(&half);
        let _ = std::fs::remove_file(target);
        failed(error)
    })
}

fn half_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".half");
    name.into()
}

fn copy(database: &mut Connection, half: &Path) -> io::Result<()> {
    let name =
        (half.to_str()).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8"))?;
    // SQLite gives what it makes the mode of what is there.
    new_private(half)?;
    pace(database, File::open(half)?).map_err(io::Error::other)?;
    database
        .execute("VACUUM INTO ?1", [name])
        .map_err(io::Error::other)?;
    let copy = Connection::open(half).map_err(io::Error::other)?;
    schema::mark_as_copy(&copy).map_err(io::Error::other)?;
    copy.close().map_err(|(_, error)| io::Error::other(error))?;
    File::open(half)?.sync_all()
}

/// Has what `database` does write to `copy` no faster than the disk takes it, and leaves the disk to
/// others for half of the time.
fn pace(database: &mut Connection, copy: File) -> rusqlite::Result<()> {
    let mut synced = 0;
    let look = move || {
        let length = copy.metadata().map_or(synced, |metadata| metadata.len());
        if length.saturating_sub(synced) >= UNSYNCED {
            let start = Instant::now();
            // What fails here fails again when the copy is whole.
            let _ = copy.sync_data();
            std::thread::sleep(start.elapsed());
            synced = length;
        }
        false
    };
    database.progress_handler(STEPS, Some(look))
}

/// Gives the space of deleted rows back to the file system, and has a file of before shrink by
/// itself from now on. No server may use it meanwhile.
///
/// # Errors
///
/// [`StoreError::InUse`] when one does.
pub(crate) fn vacuum(path: &Path) -> Result<(), StoreError> {
    let _lock = lock(path)?;
    let database = connect(path)?;
    database.execute_batch(
        "PRAGMA auto_vacuum = incremental; VACUUM; PRAGMA wal_checkpoint(truncate);",
    )?;
    Ok(())
}

/// Takes the file as a server does, which must not have it.
fn lock(path: &Path) -> Result<File, StoreError> {
    let file = private_file().open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = schema::open_existing(path)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}
