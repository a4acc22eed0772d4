//! What is done to an account or message at once, and may have to be done again.

use super::batch::Age;
use super::graves::bury;
use super::session::tell;
use crate::store::row::{COLUMNS, Eight, REFUSE, Row, WIDTH};
use crate::store::{CredentialHash, StoreError};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use std::sync::Arc;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

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

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// Something is different now.
    Changed,
    /// All was so already.
    Nothing,
    /// There is no such account; after a failover another server may bring it back.
    NoAccount,
}

impl Done {
    const fn of(is_changed: bool) -> Self {
        if is_changed {
            Self::Changed
        } else {
            Self::Nothing
        }
    }
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

/// That the erasure, or a later one, is there already.
const IS_ERASED: &str = "SELECT EXISTS (SELECT FROM erasures
    WHERE account = $1 AND message = $2 AND at >= $3)";

/// Up to which number a message has nothing that came after an erasure which is done again.
const ERASED: &str = "SELECT coalesce(min(seq) FILTER (WHERE at > $3) - 1, max(seq), 0) FROM (
        SELECT seq, at FROM opens WHERE account = $1 AND message = $2
        UNION ALL SELECT seq, at FROM events WHERE account = $1 AND message = $2
    ) AS its";

/// Notes a refusal that held from one time until another.
const LIFTED: &str = "INSERT INTO lifted (account, message, at, until) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING";

/// A message's refusal, and its last one before a time and its first one after it.
fn refusals() -> String {
    format!(
        "SELECT (SELECT at FROM refusals WHERE account = $1 AND message = $2),
            max(at) FILTER (WHERE at <= $3), min(at) FILTER (WHERE at > $3)
        FROM events WHERE account = $1 AND message = $2 AND kind = {REFUSE}"
    )
}

impl Change {
    /// Does it, in a transaction of its own. What is done again leaves alone what came after it.
    pub(super) async fn apply(&self, client: &Client, age: Age) -> Result<Done, StoreError> {
        match self {
            Self::Account { id, credential, at } => {
                let credential = credential.0.as_slice();
                let values = [&Eight(id.0) as _, &credential as _, &at.0 as _];
                client.batch_execute("BEGIN").await?;
                client.query_one(ALONE, &[&Eight(id.0)]).await?;
                let made = client.execute(CREATE, &values).await?;
                client.batch_execute("COMMIT").await?;
                Ok(Done::of(made > 0))
            }
            Self::Deletion { id, at } => delete(client, *id, *at).await,
            Self::Lift(undo) => lift(client, undo, age).await,
            Self::Erasure { id, message, at } => {
                client.batch_execute("BEGIN").await?;
                let done = match hold(client, Eight(id.0)).await? {
                    Some(held) => erase(client, &held, *message, *at, age).await?,
                    None => Done::NoAccount,
                };
                client.batch_execute("COMMIT").await?;
                Ok(done)
            }
        }
    }
}

/// An account that nobody else stores events of until the transaction's end.
struct Held {
    account: i64,
    last_seq: i64,
}

async fn hold(client: &Client, id: Eight) -> Result<Option<Held>, StoreError> {
    let hold = "SELECT account, last_seq FROM accounts WHERE id = $1 FOR NO KEY UPDATE";
    let found = client.query_opt(hold, &[&id]).await?;
    Ok(found.map(|row| Held {
        account: row.get(0),
        last_seq: row.get(1),
    }))
}

async fn delete(client: &Client, id: AccountId, at: Millis) -> Result<Done, StoreError> {
    client.batch_execute("BEGIN").await?;
    client.query_one(ALONE, &[&Eight(id.0)]).await?;
    // Another server may have made it, and be about to bring it back.
    client.execute(GONE, &[&Eight(id.0), &at.0]).await?;
    // Whoever stores events of the account right now is waited for: what goes is what is there then.
    let found = hold(client, Eight(id.0)).await?;
    if let Some(held) = &found {
        let over = "SELECT account, id FROM accounts WHERE account = $2";
        client.execute(&bury(over), &[&at.0, &held.account]).await?;
        tell(client, &[id]).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(Done::of(found.is_some()))
}

/// Hides what the account has of the message. Where that is done again, it is what happened until
/// `at`, in whatever order it has been stored by now.
async fn erase(
    client: &Client,
    held: &Held,
    message: MessageId,
    at: Millis,
    age: Age,
) -> Result<Done, StoreError> {
    let (account, message) = (held.account, Eight(message.0));
    let about = [&account as _, &message as _, &at.0 as _];
    let mut last = held.last_seq;
    if age == Age::New {
        let delete = "DELETE FROM floods WHERE account = $1 AND message = $2";
        client.execute(delete, &about[..2]).await?;
    } else {
        if client.query_one(IS_ERASED, &about).await?.get(0) {
            return Ok(Done::Nothing);
        }
        let delete = "DELETE FROM floods WHERE account = $1 AND message = $2 AND at <= $3";
        client.execute(delete, &about).await?;
        last = client.query_one(ERASED, &about).await?.get(0);
        // The few that were stored behind something later.
        for table in ["opens", "events"] {
            let delete = format!(
                "DELETE FROM {table} WHERE account = $1 AND message = $2 AND at <= $3
                    AND seq > $4 AND kind <> {REFUSE}"
            );
            let values = [&account as _, &message as _, &at.0 as _, &last as _];
            client.execute(&delete, &values).await?;
        }
    }
    let values = [&account as _, &message as _, &at.0 as _, &last as _];
    client.execute(ERASE, &values).await?;
    Ok(Done::Changed)
}

/// Lifts a message's refusal and stores the event that says so.
async fn lift(client: &Client, undo: &Row, age: Age) -> Result<Done, StoreError> {
    client.batch_execute("BEGIN").await?;
    let done = match hold(client, undo.account).await? {
        Some(held) => lift_of(client, &held, undo, age).await?,
        None => Done::NoAccount,
    };
    if done == Done::Changed {
        tell(client, &[AccountId(undo.account.0)]).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(done)
}

/// Where it is done again, the refusal itself may be about to come again, too, and one that came
/// after it stands.
async fn lift_of(client: &Client, held: &Held, undo: &Row, age: Age) -> Result<Done, StoreError> {
    let account = held.account;
    let about = [&account as _, &undo.message as _, &undo.at as _];
    let row = client.query_one(&refusals(), &about).await?;
    let [refused, before, after]: [Option<i64>; 3] = [row.get(0), row.get(1), row.get(2)];
    let from = if age == Age::New {
        refused
    } else {
        let refused = refused.filter(|at| *at <= undo.at);
        before.or(refused).or(Some(undo.at))
    };
    let Some(from) = from else {
        return Ok(Done::Nothing);
    };
    let values = [&account as _, &undo.message as _, &from as _, &undo.at as _];
    let is_new = client.execute(LIFTED, &values).await? > 0;
    if !is_new && age != Age::New {
        return Ok(Done::Nothing);
    }
    if let Some(next) = after.filter(|_| age != Age::New) {
        let change = "UPDATE refusals SET at = $3
            WHERE account = $1 AND message = $2 AND at <= $4";
        let values = [&account as _, &undo.message as _, &next as _, &undo.at as _];
        client.execute(change, &values).await?;
    } else if age == Age::New || refused.is_some_and(|at| at <= undo.at) {
        let delete = "DELETE FROM refusals WHERE account = $1 AND message = $2";
        client.execute(delete, &about[..2]).await?;
    }
    store_undo(client, account, undo).await?;
    Ok(Done::Changed)
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
