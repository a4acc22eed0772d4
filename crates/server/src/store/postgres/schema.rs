//! The tables in PostgreSQL.

use crate::logging::log;
use crate::store::StoreError;
use tokio_postgres::Client;

/// Names the lock that servers take while they create or upgrade the tables.
const LOCK: i64 = 0x6b61_6966_7500;

/// A step from one version of the tables to the next.
struct Migration {
    /// The oldest version of the tables whose programs may still use them afterwards.
    oldest: i64,
    sql: &'static [&'static str],
}

/// What brought the database from each version to the next. This list only grows, and no function in
/// it changes, as servers of earlier versions may go on calling it.
const MIGRATIONS: &[Migration] = &[
    Migration {
        oldest: 1,
        sql: &[FIRST],
    },
    Migration {
        oldest: 2,
        sql: &["
    -- Of the program that asked, where it is the reader's own.
    ALTER TABLE opens ADD COLUMN device SMALLINT;
    ALTER TABLE opens ADD COLUMN country TEXT;
    -- Who read, as far as one day's readers of the message can be told apart.
    ALTER TABLE opens ADD COLUMN reader BYTEA;
"],
    },
    Migration {
        oldest: 2,
        sql: &[include_str!("store_batch.sql")],
    },
    // A program of before would not find the new events.
    Migration {
        oldest: 4,
        sql: &[include_str!("events.sql"), include_str!("store_events.sql")],
    },
    // Each table gets its part from `indexes.rs`, while others go on storing events in it.
    Migration {
        oldest: 4,
        sql: &["
    CREATE INDEX events_of_message ON ONLY events (account, message, seq);
    CREATE INDEX floods_of_message ON floods (account, message);
"],
    },
    Migration {
        oldest: 4,
        sql: &[
            include_str!("presses.sql"),
            include_str!("store_presses.sql"),
        ],
    },
    // What a program of before makes and refuses does not end.
    Migration {
        oldest: 4,
        sql: &["
    -- The hour in which the account last asked for its events, or was made if it never has; 0 where
    -- that is not known. See `ends.rs`.
    ALTER TABLE accounts ADD COLUMN used BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN has_asked BOOLEAN NOT NULL DEFAULT TRUE;
    -- The last day, since 2020-01-01, on which a token of the message records anything.
    ALTER TABLE refusals ADD COLUMN until INT NOT NULL DEFAULT 65535;
"],
    },
];

const FIRST: &str = "
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
";

/// The version of the tables, and the oldest one whose programs may use them. The second column is
/// read so that it need not be there: earlier versions had none.
const VERSION: &str = "SELECT coalesce(max(version), 0),
        coalesce(max(coalesce((to_jsonb(m) ->> 'oldest')::bigint, version)), 0)
    FROM migrations m";

/// Which database this is: the cluster, its timeline, which a promotion changes, and the table of
/// accounts, which is another one after each restore of a dump.
const PLACE: &str = "SELECT concat_ws('/',
        CASE WHEN has_function_privilege('pg_control_system()', 'execute')
            THEN (SELECT system_identifier FROM pg_control_system()) END,
        substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
        'accounts'::regclass::oid)";

/// An era that has never been, whatever the store knew before it went back.
const RAISE: &str = "UPDATE store SET era = greatest(era + 1,
        floor(extract(epoch FROM now()) / 3600)::bigint - 438288)";

/// 2020-01-01, from which hours are counted, in hours since the Unix epoch.
pub(super) const ORIGIN: i64 = 438_288;

/// The hour by the database's clock.
pub(super) const NOW: &str = "floor(extract(epoch FROM now()) / 3600)::bigint - 438288";

/// How many hours a week has.
const WEEK: i64 = 168;

/// How many weeks ahead have a table of their own.
const AHEAD: i64 = 4;

/// Creates or upgrades the tables where needed, and raises the era where the database is another one
/// than before, or on another timeline: it may then lack what it once had. Returns which one it is.
pub(super) async fn upgrade(client: &Client) -> Result<String, StoreError> {
    let begin = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({LOCK});
         CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, oldest BIGINT)"
    );
    client.batch_execute(&begin).await?;
    let row = client.query_one(VERSION, &[]).await?;
    let (found, oldest): (i64, i64) = (row.get(0), row.get(1));
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found < 0 || found > known && oldest > known {
        client.batch_execute("ROLLBACK").await?;
        return Err(StoreError::Newer { found, known });
    }
    let done = usize::try_from(found).unwrap_or_default();
    for (migration, version) in MIGRATIONS.iter().skip(done).zip(found + 1..) {
        for sql in migration.sql {
            client.batch_execute(sql).await?;
        }
        client
            .execute("INSERT INTO migrations VALUES ($1)", &[&version])
            .await?;
        if version >= 4 {
            let note = "UPDATE migrations SET oldest = $2 WHERE version = $1";
            client.execute(note, &[&version, &migration.oldest]).await?;
        }
    }
    let place: String = client.query_one(PLACE, &[]).await?.get(0);
    let known = client.query_one("SELECT place FROM store FOR UPDATE", &[]);
    let known: String = known.await?.get(0);
    if known != place {
        if !known.is_empty() {
            log!(
                Warn,
                "the database is another one, or was promoted; numbers go on in a new era"
            );
            client.batch_execute(RAISE).await?;
        }
        client
            .execute("UPDATE store SET place = $1", &[&place])
            .await?;
    }
    if done < MIGRATIONS.len() {
        add_weeks(client).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(place)
}

/// Begins a new era: from now on each number is larger than any that was ever given out.
pub(super) async fn raise_era(client: &Client) -> Result<(), StoreError> {
    Ok(client.batch_execute(RAISE).await?)
}

/// Makes a table for this week and each of the next ones that has none.
pub(super) async fn add_weeks(client: &Client) -> Result<(), StoreError> {
    let this = format!("SELECT greatest(hour, {NOW}) FROM store");
    let hour: i64 = client.query_one(&this, &[]).await?.get(0);
    let this = hour.div_euclid(WEEK);
    for week in this..=this + AHEAD {
        let table = name(week);
        let find = "SELECT to_regclass($1) IS NULL";
        if client.query_one(find, &[&table]).await?.get(0) {
            let (from, to) = (begins(week), ends(week));
            // Attaching keeps nobody from the table, which creating it as a part would.
            let create = format!(
                "CREATE TABLE {table} (LIKE events INCLUDING DEFAULTS);
                 ALTER TABLE events ATTACH PARTITION {table} FOR VALUES FROM ({from}) TO ({to})"
            );
            client.batch_execute(&create).await?;
        }
    }
    Ok(())
}

/// The table of a week.
pub(super) fn name(week: i64) -> String {
    format!("events_week_{week}")
}

/// The first hour of a week.
pub(super) const fn begins(week: i64) -> i64 {
    week * WEEK
}

/// The first hour after a week.
pub(super) const fn ends(week: i64) -> i64 {
    (week + 1) * WEEK
}
