//! The end of an account: all goes at once but its events, which the sweeper removes in slices.

use rusqlite::Connection;

/// What else says something about the account, and that its events are to be removed.
const LEFT: [&str; 4] = [
    "DELETE FROM floods WHERE account = ?1",
    "DELETE FROM refusals WHERE account = ?1",
    "DELETE FROM erasures WHERE of_account = ?1",
    "INSERT INTO graves VALUES (?1) ON CONFLICT DO NOTHING",
];

/// Ends the account in row `account`; returns whether it was there.
pub(super) fn bury(connection: &Connection, account: i64) -> rusqlite::Result<bool> {
    let end = "DELETE FROM accounts WHERE account = ?1";
    if connection.prepare_cached(end)?.execute([account])? == 0 {
        return Ok(false);
    }
    for sql in LEFT {
        connection.prepare_cached(sql)?.execute([account])?;
    }
    Ok(true)
}
