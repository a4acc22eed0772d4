//! Putting a copy of the database in place.
//!
//! What a recipient refused or erased, which accounts were deleted and what was past its time since
//! the copy was made must not come back. The file that the copy takes the place of knows it, where
//! that file is whole; where not, the journal beside it does.

use super::{replay, schema};
use crate::data_dir::{new_private, sync_parent};
use crate::store::StoreError;
use crate::store::journal::Journal;
use kaifu_core::time::Millis;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the copy was told of the time since it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// What was refused, erased, deleted or removed in that time is so in the copy as well.
    Replayed {
        /// Refusals that the copy did not have.
        refusals: usize,
        /// Accounts that were deleted.
        accounts: usize,
        /// Events that were erased, or past their time.
        events: usize,
    },
    /// The file of before was of no use, and its journal was: so many refusals, erasures and
    /// deletions were done again.
    Journaled(usize),
    /// It is not known: there was no database, or a damaged or another one, and no journal.
    Unknown,
}

/// Brings what is behind [`Since`] over from the file that is attached as `old`.
const REPLAY: [&str; 6] = [
    "INSERT OR IGNORE INTO refusals (account, message, at, until)
     SELECT account, message, at, until FROM old.refusals WHERE account IN (SELECT account FROM accounts)",
    "INSERT OR REPLACE INTO erasures SELECT * FROM old.erasures",
    "DELETE FROM floods WHERE NOT EXISTS (SELECT 1 FROM old.floods f WHERE
        (f.minute, f.account, f.message, f.kind, f.class)
        = (floods.minute, floods.account, floods.message, floods.kind, floods.class))",
    "DELETE FROM opens
     WHERE seq <= (SELECT last_seq FROM old.accounts o WHERE o.account = opens.account)
     AND NOT EXISTS (SELECT 1 FROM old.opens p
        WHERE (p.bundle, p.account, p.seq) = (opens.bundle, opens.account, opens.seq))",
    "DELETE FROM earlier_opens
     WHERE seq <= (SELECT last_seq FROM old.accounts o WHERE o.account = earlier_opens.account)
     AND NOT EXISTS (SELECT 1 FROM old.earlier_opens p
        WHERE (p.account, p.seq) = (earlier_opens.account, earlier_opens.seq))",
    "INSERT OR IGNORE INTO graves SELECT account FROM gone",
];

/// Checks the copy at `from`, and puts it in place of the database at `target`, which stays beside it
/// as `….before-restore`. No server may use that meanwhile; the next one begins a new era.
///
/// # Errors
///
/// [`StoreError`] when the copy is damaged or of a newer version, or something cannot be written;
/// then nothing has changed.
pub(crate) fn restore(from: &Path, target: &Path, now: Millis) -> Result<Since, StoreError> {
    let failed = |reason| StoreError::Copy {
        path: target.to_owned(),
        reason: Arc::new(reason),
    };
    let half = beside(target, ".half");
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(&half, suffix));
    }
    copy(from, &half)?;
    let since = prepare(&half, target, now)?;
    File::open(&half)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    let aside = beside(target, ".before-restore");
    for suffix in ["", "-wal", "-shm"] {
        let (old, aside) = (beside(target, suffix), beside(&aside, suffix));
        if old.exists() {
            fs::rename(old, aside).map_err(failed)?;
        }
    }
    fs::rename(&half, target).map_err(failed)?;
    sync_parent(target).map_err(failed)?;
    Ok(since)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Copies what is committed in the database at `from`, if it is whole.
fn copy(from: &Path, half: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    if !is_whole(&source, "main")? {
        return Err(StoreError::Damaged);
    }
    let name = half.to_str().ok_or_else(|| {
        StoreError::from(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "the path is not UTF-8",
        ))
    })?;
    new_private(half)?;
    source.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

fn is_whole(connection: &Connection, schema: &str) -> rusqlite::Result<bool> {
    let check = format!("PRAGMA {schema}.integrity_check(1)");
    connection.query_row(&check, [], |row| {
        row.get::<_, String>(0).map(|text| text == "ok")
    })
}

/// Brings the copy to this version, tells it what has happened since, and marks it as a copy.
fn prepare(half: &Path, target: &Path, now: Millis) -> Result<Since, StoreError> {
    let mut copy = schema::open_or_create(half, now)?;
    let mut since = if target.exists() {
        bring_from(&mut copy, target).unwrap_or(Since::Unknown)
    } else {
        Since::Unknown
    };
    if since == Since::Unknown
        && let Some(entries) = Journal::beside(target).read()?
    {
        since = Since::Journaled(replay::replay(&mut copy, &entries)?);
    }
    schema::mark_as_copy(&copy)?;
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(since)
}

/// An error means that the file of before cannot be read.
fn bring_from(copy: &mut Connection, old: &Path) -> Result<Since, StoreError> {
    // One of an earlier version is brought to this one; what cannot be read is of no use.
    drop(schema::open_or_create(old, Millis(0))?);
    copy.execute("ATTACH ?1 AS old", [old.to_string_lossy()])?;
    let whole = is_whole(copy, "old").unwrap_or(false);
    let since = if whole {
        bring_over(copy)?
    } else {
        Since::Unknown
    };
    copy.execute_batch("DETACH old")?;
    Ok(since)
}

fn bring_over(copy: &mut Connection) -> rusqlite::Result<Since> {
    let transaction = copy.transaction()?;
    // Numbers of accounts are never given out twice, so one that stands for two is of two files.
    let same = "SELECT EXISTS (SELECT 1 FROM accounts JOIN old.accounts o USING (account)
            WHERE accounts.id = o.id)
        AND NOT EXISTS (SELECT 1 FROM accounts JOIN old.accounts o USING (account)
            WHERE accounts.id <> o.id)";
    if !transaction.query_row(same, [], |row| row.get::<_, bool>(0))? {
        return Ok(Since::Unknown);
    }
    transaction.execute_batch(
        "CREATE TEMP TABLE gone AS SELECT account FROM accounts
         WHERE account <= (SELECT seq FROM old.sqlite_sequence WHERE name = 'accounts')
         AND account NOT IN (SELECT account FROM old.accounts)",
    )?;
    let mut changed = [0; REPLAY.len()];
    for (changed, statement) in changed.iter_mut().zip(REPLAY) {
        *changed = transaction.execute(statement, [])?;
    }
    let gone = "account IN (SELECT account FROM gone)";
    transaction.execute(&format!("DELETE FROM floods WHERE {gone}"), [])?;
    transaction.execute(&format!("DELETE FROM refusals WHERE {gone}"), [])?;
    let accounts = transaction.execute(&format!("DELETE FROM accounts WHERE {gone}"), [])?;
    transaction.execute_batch("DROP TABLE gone")?;
    transaction.commit()?;
    Ok(Since::Replayed {
        refusals: changed[0],
        accounts,
        events: changed[2] + changed[3] + changed[4],
    })
}
