//! The end of accounts that nobody asks for, and of refusals that keep nothing out any more.

use super::transaction::Batch;
use crate::store::{AccountRow, UNASKED, UNUSED};
use kaifu_core::id::{AccountId, MessageId};
use rusqlite::{Connection, params};

/// How many accounts end in one transaction, so that it delays nobody.
pub(super) const SLICE: u16 = 100;

/// Whether an account's time is over at the hour `?1`. One of which nothing is known has not begun.
fn is_over() -> String {
    format!("used > 0 AND used < ?1 - CASE has_asked WHEN 0 THEN {UNASKED} ELSE {UNUSED} END")
}

/// The accounts behind number `from` whose time is over at `hour`, in order.
pub(super) fn accounts(
    connection: &Connection,
    hour: i64,
    from: i64,
) -> rusqlite::Result<Vec<AccountRow>> {
    let select = format!(
        "SELECT account, id FROM accounts WHERE account > ?2 AND {} ORDER BY account LIMIT {SLICE}",
        is_over()
    );
    let mut found = connection.prepare_cached(&select)?;
    let found = found.query_map([hour, from], |row| {
        Ok(AccountRow {
            row: row.get(0)?,
            id: AccountId(row.get(1)?),
        })
    })?;
    found.collect()
}

/// The refusals behind `from` whose last day is before `day`, in order.
pub(super) fn refusals(
    connection: &Connection,
    day: i64,
    from: (i64, MessageId),
) -> rusqlite::Result<Vec<(i64, MessageId)>> {
    let select = "SELECT account, message FROM refusals
        WHERE (account, message) > (?2, ?3) AND until < ?1 ORDER BY account, message LIMIT 1000";
    let mut found = connection.prepare_cached(select)?;
    let found = found.query_map(params![day, from.0, from.1.0], |row| {
        Ok((row.get(0)?, MessageId(row.get(1)?)))
    })?;
    found.collect()
}

/// Whether there are accounts of which nothing is known.
pub(super) fn has_unknown(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM accounts WHERE used = 0 LIMIT 1")?
        .exists([])
}

/// Whether the account has ever asked.
pub(super) fn is_in_use(connection: &Connection, account: AccountId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM accounts WHERE id = ?1 AND has_asked = 1")?
        .exists([account.0])
}

impl Batch<'_> {
    pub(super) fn note_asked(&self, accounts: &[AccountId]) -> rusqlite::Result<u64> {
        let now = self.clock.max(self.hour);
        let note = "UPDATE accounts SET used = max(used, ?2), has_asked = 1 WHERE id = ?1";
        (accounts.iter()).try_fold(0, |noted, account| {
            Ok(noted + self.execute(note, &[&account.0, &now])?)
        })
    }

    pub(super) fn begin_times(&self) -> rusqlite::Result<u64> {
        self.execute(
            "UPDATE accounts SET used = ?1 WHERE used = 0",
            &[&self.hour],
        )
    }

    /// Those that have asked meanwhile stay.
    pub(super) fn end_accounts(&mut self, accounts: &[AccountRow]) -> rusqlite::Result<u64> {
        let hour = self.hour;
        let select = format!(
            "SELECT 1 FROM accounts WHERE account = ?2 AND {}",
            is_over()
        );
        let mut ended = 0;
        for account in accounts {
            if self.exists(&select, &[&hour, &account.row])? {
                ended += self.delete_account(*account)?;
            }
        }
        Ok(ended)
    }

    pub(super) fn end_refusals(&self, refusals: &[(i64, MessageId)]) -> rusqlite::Result<u64> {
        // One that was pressed again with a later token stays.
        let delete = "DELETE FROM refusals WHERE account = ?1 AND message = ?2 AND until < ?3";
        let day = self.hour.div_euclid(24);
        (refusals.iter()).try_fold(0, |ended, (account, message)| {
            Ok(ended + self.execute(delete, &[account, &message.0, &day])?)
        })
    }
}
