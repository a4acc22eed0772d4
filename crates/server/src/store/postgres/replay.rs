//! Doing again, out of journals, what a restored dump does not know of.

use super::graves::bury;
use super::session::Session;
use crate::store::StoreError;
use crate::store::journal::{ACCOUNT, Entry, MESSAGE, Name};
use crate::store::row::{Eight, REFUSE};

const REFUSE_AGAIN: &str = "INSERT INTO refusals (account, message, at)
    SELECT account, $2, $3 FROM accounts WHERE id = $1 ON CONFLICT DO NOTHING";

const ALLOW_AGAIN: &str = "DELETE FROM refusals r USING accounts a
    WHERE a.id = $1 AND r.account = a.account AND r.message = $2";

/// Ends the accounts that are to go.
fn delete() -> String {
    bury(&format!(
        "SELECT account, id FROM accounts
        WHERE substr(sha256('{ACCOUNT}'::bytea || id), 1, 16) = ANY ($2) ORDER BY id FOR UPDATE"
    ))
}

/// The messages that were erased, and when. Each of them is named once, however many events it has.
fn find_erased() -> String {
    format!(
        "CREATE TEMP TABLE its ON COMMIT DROP AS
        SELECT m.account, m.message, n.at FROM (
            SELECT account, message FROM opens UNION SELECT account, message FROM events
            UNION SELECT account, message FROM floods
        ) AS m
        JOIN accounts a ON a.account = m.account
        JOIN (SELECT name, max(at) AS at FROM erased_names GROUP BY name) n
            ON n.name = substr(sha256('{MESSAGE}'::bytea || a.id || m.message), 1, 16)"
    )
}

/// Hides what they had until then; a server removes it.
fn erase() -> String {
    let part = |table| {
        format!(
            "SELECT o.account, o.message, o.seq, its.at FROM {table} o JOIN its
                ON o.account = its.account AND o.message = its.message AND o.at <= its.at
                AND o.kind <> {REFUSE}"
        )
    };
    format!(
        "INSERT INTO erasures (account, message, at, last_seq)
        SELECT account, message, at, max(seq) FROM ({} UNION ALL {}) AS o
        GROUP BY account, message, at
        ON CONFLICT (account, message) DO UPDATE SET at = greatest(erasures.at, excluded.at),
            last_seq = greatest(erasures.last_seq, excluded.last_seq), is_done = FALSE",
        part("opens"),
        part("events"),
    )
}

/// Does `entries` again, which come in their order, and returns how many of them changed something.
pub(super) async fn replay(session: &Session, entries: &[Entry]) -> Result<usize, StoreError> {
    session.batch_execute("BEGIN").await?;
    let mut done = 0;
    let (mut deleted, mut erased, mut last) = (Vec::new(), (Vec::new(), Vec::new()), 0);
    for entry in entries {
        last = entry.at().0;
        match entry {
            Entry::Refusal {
                at,
                account,
                message,
            } => {
                let about = [&Eight(account.0) as _, &Eight(message.0) as _, &at.0 as _];
                done += session.execute(REFUSE_AGAIN, &about).await?;
            }
            Entry::Lift {
                account, message, ..
            } => {
                let about = [&Eight(account.0) as _, &Eight(message.0) as _];
                done += session.execute(ALLOW_AGAIN, &about).await?;
            }
            Entry::Erasure { at, message } => {
                erased.0.push(message.bytes().as_slice());
                erased.1.push(at.0);
            }
            Entry::Deletion { account, .. } => deleted.push(Name::bytes(account).as_slice()),
        }
    }
    if !deleted.is_empty() {
        done += session.execute(&delete(), &[&last, &deleted]).await?;
    }
    if !erased.0.is_empty() {
        session
            .batch_execute("CREATE TEMP TABLE erased_names (name BYTEA, at BIGINT) ON COMMIT DROP")
            .await?;
        let fill = "INSERT INTO erased_names SELECT * FROM unnest($1::bytea[], $2::bigint[])";
        session.execute(fill, &[&erased.0, &erased.1]).await?;
        session.batch_execute(&find_erased()).await?;
        done += session.execute(&erase(), &[]).await?;
        let counts = "DELETE FROM floods f USING its
            WHERE f.account = its.account AND f.message = its.message AND f.at <= its.at";
        session.execute(counts, &[]).await?;
    }
    session.batch_execute("COMMIT").await?;
    Ok(usize::try_from(done).unwrap_or(usize::MAX))
}
