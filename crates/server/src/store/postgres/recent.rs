//! What this server acknowledged lately. A database that went back, as a standby does that was
//! behind when it was promoted, gets it again.

use super::batch::Age;
use super::session::tell;
use crate::store::row::{COLUMNS, Eight, Row, WIDTH};
use crate::store::{CredentialHash, StoreError};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// How long it is kept. A thousand events a second come to some 10 MB.
const KEPT: Duration = Duration::from_mins(1);

/// How many events are kept at most, whatever their age.
const EVENTS: usize = 200_000;

/// How many changes are kept at most.
const CHANGES: usize = 10_000;

/// The batches of the last minute, oldest first.
#[derive(Default)]
pub(super) struct RecentBatches {
    batches: VecDeque<(i64, Instant, Arc<Vec<Row>>)>,
    events: usize,
}

impl RecentBatches {
    /// Keeps a batch that is stored, or may be.
    pub(super) fn remember(&mut self, number: i64, rows: Arc<Vec<Row>>, now: Instant) {
        self.events += rows.len();
        self.batches.push_back((number, now, rows));
        let is_over = |at: Instant| now.saturating_duration_since(at) > KEPT;
        while let Some((_, at, rows)) = self.batches.front()
            && (is_over(*at) || self.events > EVENTS)
        {
            self.events -= rows.len();
            self.batches.pop_front();
        }
    }

    /// Takes out the batches behind `last`, which the database lacks.
    pub(super) fn take_after(&mut self, last: i64) -> Vec<Arc<Vec<Row>>> {
        let place = self.batches.partition_point(|(number, ..)| *number <= last);
        let lacking = self.batches.split_off(place);
        self.events -= lacking.iter().map(|(_, _, rows)| rows.len()).sum::<usize>();
        lacking.into_iter().map(|(_, _, rows)| rows).collect()
    }
}

/// Something that was done to an account or message. Doing it twice does no harm.
#[derive(Clone)]
pub(super) enum Change {
    /// The account was made.
    Account {
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    },
    /// The account was deleted.
    Deletion { id: AccountId, at: Millis },
    /// A message's refusal was lifted, which the event says.
    Lift(Arc<Row>),
    /// The message's events of until then were erased.
    Erasure {
        id: AccountId,
        message: MessageId,
        at: Millis,
    },
}

const CREATE: &str = "INSERT INTO accounts (id, credential, created_at, used, has_asked)
    SELECT $1::bytea, $2::bytea, $3::bigint,
        greatest(s.hour, floor(extract(epoch FROM now()) / 3600)::bigint - 438288), FALSE
    FROM store s WHERE NOT EXISTS (SELECT FROM gone WHERE hash = sha256($1::bytea))
    ON CONFLICT (id) DO NOTHING";

/// Waits until no other server makes or deletes the account, or takes another one's turn by chance.
/// What is asked next sees what they did: one that brings an account back and one that deletes it
/// would else miss each other, and the account would stay.
const ALONE: &str = "SELECT pg_advisory_xact_lock(118066124, hashtext(encode($1, 'hex')))";

const GONE: &str = "INSERT INTO gone (hash, at) VALUES (sha256($1::bytea), $2)
    ON CONFLICT DO NOTHING";

const ERASE: &str = "INSERT INTO erasures (account, message, at, last_seq)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (account, message) DO UPDATE SET at = greatest(erasures.at, excluded.at),
        last_seq = greatest(erasures.last_seq, excluded.last_seq), is_done = FALSE";

const LIFTED: &str = "INSERT INTO lifted (account, message, at, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account, message) DO UPDATE SET at = least(lifted.at, excluded.at),
        until = excluded.until
    WHERE lifted.until < excluded.until";

/// The last event of before an erasure that is done again.
const ERASED: &str = "SELECT greatest(
        (SELECT max(seq) FROM events WHERE account = $1 AND message = $2 AND at <= $3),
        (SELECT max(seq) FROM opens WHERE account = $1 AND message = $2 AND at <= $3), 0)";

impl Change {
    /// Does it, in a transaction of its own; returns whether it changed anything. What is done again
    /// leaves alone what came after it.
    pub(super) async fn apply(&self, client: &Client, age: Age) -> Result<bool, StoreError> {
        match self {
            Self::Account { id, credential, at } => {
                let credential = credential.0.as_slice();
                let values = [&Eight(id.0) as _, &credential as _, &at.0 as _];
                client.batch_execute("BEGIN").await?;
                client.query_one(ALONE, &[&Eight(id.0)]).await?;
                let made = client.execute(CREATE, &values).await?;
                client.batch_execute("COMMIT").await?;
                Ok(made > 0)
            }
            Self::Deletion { id, at } => {
                client.batch_execute("BEGIN").await?;
                client.query_one(ALONE, &[&Eight(id.0)]).await?;
                // Another server may have made it, and be about to bring it back.
                client.execute(GONE, &[&Eight(id.0), &at.0]).await?;
                // Whoever stores events of the account right now is waited for.
                let delete = "DELETE FROM accounts WHERE id = $1 RETURNING account";
                let found = client.query_opt(delete, &[&Eight(id.0)]).await?;
                if let Some(row) = &found {
                    let account: i64 = row.get(0);
                    for table in ["floods", "refusals", "lifted", "erasures"] {
                        let delete = format!("DELETE FROM {table} WHERE account = $1");
                        client.execute(&delete, &[&account]).await?;
                    }
                    let bury = "INSERT INTO graves VALUES ($1) ON CONFLICT DO NOTHING";
                    client.execute(bury, &[&account]).await?;
                    tell(client, &[*id]).await?;
                }
                client.batch_execute("COMMIT").await?;
                Ok(found.is_some())
            }
            Self::Lift(undo) => lift(client, undo, age).await,
            Self::Erasure { id, message, at } => {
                client.batch_execute("BEGIN").await?;
                let hold = "SELECT account, last_seq FROM accounts
                    WHERE id = $1 FOR NO KEY UPDATE";
                let found = client.query_opt(hold, &[&Eight(id.0)]).await?;
                if let Some(row) = &found {
                    let (account, message): (i64, _) = (row.get(0), Eight(message.0));
                    let delete = "DELETE FROM floods WHERE account = $1 AND message = $2";
                    client.execute(delete, &[&account, &message]).await?;
                    let last: i64 = match age {
                        Age::New => row.get(1),
                        Age::Late => {
                            let values = [&account as _, &message as _, &at.0 as _];
                            client.query_one(ERASED, &values).await?.get(0)
                        }
                    };
                    let values = [&account as _, &message as _, &at.0 as _, &last as _];
                    client.execute(ERASE, &values).await?;
                }
                client.batch_execute("COMMIT").await?;
                Ok(found.is_some())
            }
        }
    }
}

/// Lifts a message's refusal and stores the event that says so. Where it is done again, the refusal
/// itself may be about to come again, too.
async fn lift(client: &Client, undo: &Row, age: Age) -> Result<bool, StoreError> {
    client.batch_execute("BEGIN").await?;
    let hold = "SELECT account FROM accounts WHERE id = $1 FOR NO KEY UPDATE";
    let found = client.query_opt(hold, &[&undo.account]).await?;
    let mut is_lifted = false;
    if let Some(row) = found {
        let account: i64 = row.get(0);
        let select = "SELECT at FROM refusals WHERE account = $1 AND message = $2";
        let refusal = client.query_opt(select, &[&account, &undo.message]).await?;
        let at = refusal.map(|row| row.get::<_, i64>(0));
        // One that came after it stands.
        let is_over = |at: i64| age == Age::New || at <= undo.at;
        if let Some(at) = at.filter(|at| is_over(*at)) {
            let delete = "DELETE FROM refusals WHERE account = $1 AND message = $2";
            client.execute(delete, &[&account, &undo.message]).await?;
            let values = [&account as _, &undo.message as _, &at as _, &undo.at as _];
            client.execute(LIFTED, &values).await?;
            is_lifted = true;
        } else if age == Age::Late && at.is_none() {
            let values = [
                &account as _,
                &undo.message as _,
                &undo.at as _,
                &undo.at as _,
            ];
            is_lifted = client.execute(LIFTED, &values).await? > 0;
        }
        if is_lifted {
            store_undo(client, account, undo).await?;
            tell(client, &[AccountId(undo.account.0)]).await?;
        }
    }
    client.batch_execute("COMMIT").await?;
    Ok(is_lifted)
}

/// Stores the event as the next one of the account, which is held.
async fn store_undo(client: &Client, account: i64, undo: &Row) -> Result<(), StoreError> {
    let places: Vec<_> = (2..2 + WIDTH).map(|place| format!("${place}")).collect();
    let insert = format!(
        "WITH next AS (
            UPDATE accounts a SET last_seq = greatest(a.last_seq, s.era << 32) + 1
            FROM store s WHERE a.account = $1 RETURNING a.last_seq, s.hour
        )
        INSERT INTO events (account, seq, hour, {COLUMNS})
        SELECT $1, next.last_seq,
            greatest(next.hour, floor(extract(epoch FROM now()) / 3600)::bigint - 438288),
            {}
        FROM next",
        places.join(", ")
    );
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&account];
    values.extend(undo.postgres_values());
    client.execute(&insert, &values).await?;
    Ok(())
}

/// The changes of the last minute, oldest first.
#[derive(Default)]
pub(super) struct RecentChanges {
    changes: Mutex<VecDeque<(Instant, Change)>>,
    /// The database that has them.
    place: Mutex<Option<String>>,
}

impl RecentChanges {
    /// Keeps a change that was acknowledged.
    pub(super) fn remember(&self, change: Change) {
        let now = Instant::now();
        let mut changes = self.changes();
        changes.push_back((now, change));
        while let Some((at, _)) = changes.front()
            && (now.saturating_duration_since(*at) > KEPT || changes.len() > CHANGES)
        {
            changes.pop_front();
        }
    }

    /// Does all of them again, in their order.
    pub(super) async fn apply(&self, client: &Client) -> Result<(), StoreError> {
        let changes: Vec<_> = self.changes().iter().map(|(_, it)| it.clone()).collect();
        for change in changes {
            change.apply(client, Age::Late).await?;
        }
        Ok(())
    }

    /// Whether `place` is another database, or another timeline, than at the last connection.
    pub(super) fn is_elsewhere(&self, place: String) -> bool {
        let mut known = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = known.as_ref().is_some_and(|known| *known != place);
        *known = Some(place);
        is_other
    }

    /// Whether the account was made here lately, with that credential: where it is not found, the
    /// database went back and has not got it again yet, or another server deleted it.
    pub(super) fn has_made(&self, account: AccountId, credential: CredentialHash) -> bool {
        let now = Instant::now();
        let mut is_made = false;
        for (at, change) in self.changes().iter() {
            match change {
                Change::Account {
                    id, credential: of, ..
                } if *id == account => {
                    let is_late = now.saturating_duration_since(*at) > KEPT;
                    is_made = *of == credential && !is_late;
                }
                Change::Deletion { id, .. } if *id == account => is_made = false,
                _ => {}
            }
        }
        is_made
    }

    fn changes(&self) -> MutexGuard<'_, VecDeque<(Instant, Change)>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::sample;

    #[test]
    fn what_a_database_lacks_is_known_for_a_minute() {
        let mut recent = RecentBatches::default();
        let start = Instant::now();
        for number in 1..=4 {
            let at = start + Duration::from_secs(20 * number);
            let rows = Arc::new(vec![sample(u8::try_from(number).unwrap())]);
            recent.remember(i64::try_from(number).unwrap(), rows, at);
        }
        let messages = |recent: &mut RecentBatches, last| -> Vec<u8> {
            let lacking = recent.take_after(last);
            lacking.iter().map(|rows| rows[0].message.0[0]).collect()
        };
        assert_eq!(messages(&mut recent, 2), [3, 4]);
        assert_eq!(messages(&mut recent, 0), [1, 2]);
        assert_eq!(recent.events, 0);
        recent.remember(5, Arc::new(vec![sample(5)]), start);
        recent.remember(6, Arc::new(vec![sample(6)]), start + 2 * KEPT);
        assert_eq!(messages(&mut recent, 0), [6]);
    }
}
