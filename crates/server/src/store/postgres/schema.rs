//! The tables in PostgreSQL.

use crate::store::StoreError;
use tokio_postgres::Client;

/// Names the lock that servers take while they create or upgrade the tables.
const LOCK: i64 = 0x6b61_6966_7500;

/// What brought the database from each version to the next. This list only grows, and no function in
/// it changes, as servers of earlier versions may go on calling it.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE accounts (
        account BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id BYTEA NOT NULL UNIQUE,
        credential BYTEA NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        last_seq BIGINT NOT NULL DEFAULT 0
    ) WITH (fillfactor = 70);

    CREATE TABLE opens (
        account BIGINT NOT NULL,
        seq BIGINT NOT NULL,
        message BYTEA NOT NULL,
        kind SMALLINT NOT NULL,
        at BIGINT NOT NULL,
        class SMALLINT NOT NULL,
        claim SMALLINT NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        repeats BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (account, seq)
    );
    -- Rows lie nearly in the order of their times, so a few kilobytes lead to the oldest.
    CREATE INDEX opens_at ON opens USING brin (at);

    CREATE TABLE floods (
        minute BIGINT NOT NULL,
        account BIGINT NOT NULL,
        message BYTEA NOT NULL,
        kind SMALLINT NOT NULL,
        class SMALLINT NOT NULL,
        at BIGINT NOT NULL,
        claim SMALLINT NOT NULL,
        reason TEXT NOT NULL,
        client TEXT,
        times BIGINT NOT NULL,
        PRIMARY KEY (minute, account, message, kind, class)
    );

    CREATE TABLE refusals (
        account BIGINT NOT NULL,
        message BYTEA NOT NULL,
        PRIMARY KEY (account, message)
    );

    -- Which batch each server has stored last, and who may store the next.
    CREATE TABLE servers (
        server BYTEA PRIMARY KEY,
        epoch BIGINT NOT NULL,
        last_batch BIGINT NOT NULL
    ) WITH (fillfactor = 50);
",
    "
    -- Of the program that asked, where it is the reader's own.
    ALTER TABLE opens ADD COLUMN device SMALLINT;
    ALTER TABLE opens ADD COLUMN country TEXT;
    -- Who read, as far as one day's readers of the message can be told apart.
    ALTER TABLE opens ADD COLUMN reader BYTEA;
",
    include_str!("store_batch.sql"),
];

/// Creates or upgrades the tables where needed.
pub(super) async fn upgrade(client: &Client) -> Result<(), StoreError> {
    let begin = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({LOCK});
         CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)"
    );
    client.batch_execute(&begin).await?;
    let found: i64 = client
        .query_one("SELECT coalesce(max(version), 0) FROM migrations", &[])
        .await?
        .get(0);
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let missing = usize::try_from(found)
        .ok()
        .and_then(|done| MIGRATIONS.get(done..));
    let Some(missing) = missing else {
        client.batch_execute("ROLLBACK").await?;
        return Err(StoreError::Newer { found, known });
    };
    for (migration, version) in missing.iter().zip(found + 1..) {
        client.batch_execute(migration).await?;
        client
            .execute("INSERT INTO migrations VALUES ($1)", &[&version])
            .await?;
    }
    Ok(client.batch_execute("COMMIT").await?)
}
