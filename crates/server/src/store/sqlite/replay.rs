//! Doing again, out of the journal, what a copy of the database does not know of.

use super::graves::bury;
use crate::store::StoreError;
use crate::store::journal::{Entry, Name};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::HashMap;

/// Does `entries` again and returns how many of them changed something.
pub(super) fn replay(database: &mut Connection, entries: &[Entry]) -> Result<usize, StoreError> {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let accounts = accounts(&transaction)?;
    let mut done = 0;
    let mut erased = HashMap::new();
    for entry in entries {
        match entry {
            Entry::Refusal {
                at,
                account,
                message,
            } => {
                let insert = "INSERT INTO refusals (account, message, at)
                    SELECT account, ?2, ?3 FROM accounts WHERE id = ?1 ON CONFLICT DO NOTHING";
                done += transaction.execute(insert, params![account.0, message.0, at.0])?;
            }
            Entry::Lift {
                account, message, ..
            } => {
                let delete = "DELETE FROM refusals WHERE message = ?2
                    AND account = (SELECT account FROM accounts WHERE id = ?1)";
                done += transaction.execute(delete, params![account.0, message.0])?;
            }
            Entry::Erasure { at, message } => {
                let last = erased.entry(*message).or_insert(*at);
                *last = (*last).max(*at);
            }
            Entry::Deletion { account, .. } => {
                if let Some(row) = accounts.get(account) {
                    done += usize::from(bury(&transaction, *row)?);
                }
            }
        }
    }
    done += erase(&transaction, &erased)?;
    transaction.commit()?;
    Ok(done)
}

/// The accounts by their names in the journal.
fn accounts(transaction: &Transaction<'_>) -> Result<HashMap<Name, i64>, StoreError> {
    let mut select = transaction.prepare("SELECT id, account FROM accounts")?;
    let accounts = select.query_map([], |row| {
        Ok((Name::of_account(AccountId(row.get(0)?)), row.get(1)?))
    })?;
    Ok(accounts.collect::<rusqlite::Result<_>>()?)
}

/// Hides the events of messages that were erased, up to then; the next server removes them.
fn erase(
    transaction: &Transaction<'_>,
    erased: &HashMap<Name, Millis>,
) -> Result<usize, StoreError> {
    if erased.is_empty() {
        return Ok(0);
    }
    let mut done = 0;
    for table in ["opens", "earlier_opens"] {
        let select = format!(
            "SELECT DISTINCT accounts.id, account, message
             FROM {table} JOIN accounts USING (account)"
        );
        let last = format!(
            "SELECT max(seq) FROM {table} WHERE account = ?1 AND message = ?2 AND at <= ?3"
        );
        let mut last = transaction.prepare(&last)?;
        let mut select = transaction.prepare(&select)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (id, account, message): (_, i64, _) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let name = Name::of_message(AccountId(id), MessageId(message));
            let Some(at) = erased.get(&name) else {
                continue;
            };
            let last: Option<i64> =
                last.query_row(params![account, message, at.0], |row| row.get(0))?;
            if let Some(last) = last {
                let insert = "INSERT INTO erasures VALUES (?1, ?2, ?3)
                    ON CONFLICT DO UPDATE SET up_to = max(up_to, excluded.up_to)";
                done += transaction.execute(insert, params![account, message, last])?;
            }
        }
    }
    let counts = "SELECT accounts.id, account, message FROM floods JOIN accounts USING (account)";
    let mut counts = transaction.prepare(counts)?;
    let mut rows = counts.query([])?;
    while let Some(row) = rows.next()? {
        let (id, account, message): (_, i64, _) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Some(at) = erased.get(&Name::of_message(AccountId(id), MessageId(message))) {
            let delete = "DELETE FROM floods WHERE account = ?1 AND message = ?2 AND at <= ?3";
            transaction.execute(delete, params![account, message, at.0])?;
        }
    }
    Ok(done)
}
