//! Forgetting events after their time: whole weeks at once, and the rest in slices.

use super::maintenance::{Maintenance, SLICE};
use super::schema;
use super::slices::rest;
use crate::logging::log;
use crate::store::{StoreError, clock};
use std::time::{Duration, Instant};

/// How long a change of the tables may keep images waiting. It is tried again when that is not
/// enough.
const LOCKS: &str = "SET lock_timeout = '200ms'";

/// How often a week is tried to be dropped before it is left to the next time.
const TRIES: u32 = 20;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(250);

impl Maintenance {
    /// Removes all events that were stored longer than `retention` ago; returns the store's hour and
    /// about how many that were.
    pub(super) async fn purge(&self, retention: Duration) -> Result<(i64, u64), StoreError> {
        let hours = i64::try_from(retention.as_secs() / 3_600).unwrap_or(i64::MAX);
        let hour = self.advance().await?;
        let before = hour.saturating_sub(hours);
        self.add_weeks().await;
        let mut removed = 0;
        for (week, rows) in self.weeks().await? {
            if schema::ends(week) <= before {
                removed += self.drop_week(week, rows).await?;
            } else if schema::begins(week) < before {
                let table = schema::name(week);
                removed += self.remove_before(&table, "hour", before).await?;
            }
        }
        removed += self.remove_before("events_else", "hour", before).await?;
        let at = (before.saturating_add(schema::ORIGIN)).saturating_mul(3_600_000);
        removed += self.remove_before("opens", "at", at).await?;
        for forget in [
            "DELETE FROM erasures WHERE is_done AND at < $1",
            "DELETE FROM gone WHERE at < $1",
            "DELETE FROM lifted WHERE until < $1",
        ] {
            self.execute(forget, &[&at]).await?;
        }
        Ok((hour, removed))
    }

    /// Lets the store's hour go on, and returns it.
    async fn advance(&self) -> Result<i64, StoreError> {
        let mut allowance = self.allowance.lock().await;
        self.with(async |session| {
            let select = format!("SELECT hour, {} FROM store", schema::NOW);
            let row = session.query_one(&select, &[]).await?;
            let hour = allowance.advance(row.get(0), row.get(1), Instant::now());
            let update = "UPDATE store SET hour = greatest(hour, $1) RETURNING hour";
            let hour = session.query_one(update, &[&hour]).await?.get(0);
            self.clock.believe(clock::begins(hour));
            Ok((hour, session))
        })
        .await
    }

    /// Makes tables for the next weeks. Events of a week without one are kept all the same.
    async fn add_weeks(&self) {
        let added = self.with(async |session| {
            session.batch_execute(LOCKS).await?;
            schema::add_weeks(&session).await?;
            session.batch_execute("RESET lock_timeout").await?;
            Ok(((), session))
        });
        if let Err(error) = added.await {
            log!(Debug, "could not make tables for the next weeks: {error}");
        }
    }

    /// The weeks that have a table of their own, and about how many events lie in it.
    async fn weeks(&self) -> Result<Vec<(i64, u64)>, StoreError> {
        let select = "SELECT substr(c.relname, 13)::bigint, greatest(c.reltuples, 0)::bigint
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass AND c.relname ~ '^events_week_-?[0-9]+$'
            ORDER BY 1";
        self.with(async |session| {
            let found = session.query(select, &[]).await?;
            let weeks = found.iter().map(|row| {
                let rows: i64 = row.get(1);
                (row.get(0), u64::try_from(rows).unwrap_or_default())
            });
            Ok((weeks.collect(), session))
        })
        .await
    }

    /// Drops the table of a week. Whoever reads or stores is let go first, time and again.
    async fn drop_week(&self, week: i64, rows: u64) -> Result<u64, StoreError> {
        let drop = format!("DROP TABLE IF EXISTS {}", schema::name(week));
        for _ in 0..TRIES {
            let dropped = self.with(async |session| {
                session.batch_execute(LOCKS).await?;
                session.batch_execute(&drop).await?;
                session.batch_execute("RESET lock_timeout").await?;
                Ok(((), session))
            });
            match dropped.await {
                Ok(()) => return Ok(rows),
                Err(error) if error.is_about_locks() => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        }
        Ok(0)
    }

    /// Removes the rows of `table` whose `column` is less than `before`. Each slice goes on where the
    /// one before it ended, so that none looks at what is removed again.
    async fn remove_before(
        &self,
        table: &str,
        column: &str,
        before: i64,
    ) -> Result<u64, StoreError> {
        let slice = format!(
            "WITH old AS (
                SELECT ctid AS place FROM {table}
                WHERE ctid > $2::text::tid AND {column} < $1 LIMIT $3
            ), gone AS (DELETE FROM {table} t USING old WHERE t.ctid = old.place)
            SELECT count(*), max(place)::text FROM old"
        );
        let (mut removed, mut from) = (0, "(0,0)".to_owned());
        loop {
            let (values_from, start) = (from.clone(), Instant::now());
            let (count, last): (i64, Option<String>) = self
                .with(async |session| {
                    let values = [&before as _, &values_from as _, &SLICE as _];
                    let row = session.query_one(&slice, &values).await?;
                    Ok(((row.get(0), row.get(1)), session))
                })
                .await?;
            let Some(last) = last else { return Ok(removed) };
            removed += u64::try_from(count).unwrap_or_default();
            from = last;
            rest(start).await;
        }
    }
}
