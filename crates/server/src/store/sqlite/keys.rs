//! The keys that a database file belongs to.

use super::schema::BUSY;
use crate::store::StoreError;
use crate::store::key_claim::{Claiming, KeyClaim, judge};
use kaifu_core::id::KeyFingerprint;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;

/// Made when there is something to note, so that a look changes nothing.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS server_keys (
    fingerprint BLOB PRIMARY KEY CHECK (length(fingerprint) = 32)
) STRICT, WITHOUT ROWID";

/// Asks the database at `path` for `keys`, on a connection of its own.
pub(crate) fn claim_keys(
    path: &Path,
    keys: &[KeyFingerprint],
    claiming: Claiming,
) -> Result<KeyClaim, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Mostly there is nothing to note, which a full disk does not hinder.
    let (claim, new) = look(&connection, keys)?;
    if new.is_empty() || claiming == Claiming::Look {
        return Ok(claim);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (claim, new) = look(&transaction, keys)?;
    transaction.execute_batch(TABLE)?;
    for key in new {
        transaction.execute("INSERT INTO server_keys VALUES (?1)", [key.0])?;
    }
    transaction.commit()?;
    Ok(claim)
}

fn look(
    connection: &Connection,
    keys: &[KeyFingerprint],
) -> rusqlite::Result<(KeyClaim, Vec<KeyFingerprint>)> {
    let has = |query: &str| connection.query_row(query, [], |row| row.get::<_, bool>(0));
    let known: Vec<_> =
        if has("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'server_keys')")? {
            connection
                .prepare("SELECT fingerprint FROM server_keys")?
                .query_map([], |row| row.get(0).map(KeyFingerprint))?
                .collect::<rusqlite::Result<_>>()?
        } else {
            Vec::new()
        };
    let has_accounts = has("SELECT EXISTS (SELECT 1 FROM accounts)")?;
    Ok(judge(keys, &known, has_accounts))
}
