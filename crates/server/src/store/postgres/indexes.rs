//! The index by which a message's events are found, table by table.
//!
//! Making one takes a while where a table is large, and must keep nobody from storing events in it
//! meanwhile. So no migration does it: it is made beside the work, by one server, and what a former
//! try left behind is made anew. Tables of later weeks come with theirs.

use super::maintenance::Maintenance;
use super::session::Session;
use crate::logging::log;
use crate::store::StoreError;

/// Held by the server that makes indexes. The number stands for nothing.
const TURN: &str = "SELECT pg_try_advisory_lock(5208190331)";

/// What keeps the making of an index from being given up half-way.
const SETTINGS: &str = "SET statement_timeout = 0";

/// The tables of events without the index.
const LACKING: &str = "SELECT c.relname::text FROM pg_class c
    WHERE (c.oid = 'opens'::regclass
            OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass))
        AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisvalid
            AND pg_get_indexdef(x.indexrelid) LIKE '%(account, message, seq)')
    ORDER BY 1";

/// Indexes of events' tables that are not part of the one over all of them.
const APART: &str = "SELECT x.indexrelid::regclass::text FROM pg_index x
    WHERE x.indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass)
        AND x.indisvalid AND pg_get_indexdef(x.indexrelid) LIKE '%(account, message, seq)'
        AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = x.indexrelid)";

impl Maintenance {
    /// Makes the index wherever it is missing. Without it all works, and slowly.
    pub(super) async fn add_indexes(&self) {
        if let Err(error) = self.try_add_indexes().await {
            log!(
                Warn,
                "could not make the index of events by message: {error}"
            );
        }
    }

    async fn try_add_indexes(&self) -> Result<(), StoreError> {
        let is_complete = self
            .with(async |session| {
                let is_complete = lacking(&session).await?.is_empty();
                Ok((is_complete, session))
            })
            .await?;
        if is_complete {
            return Ok(());
        }
        // A connection of its own: what others wait for goes on meanwhile.
        let session = Session::connect(&self.address).await?;
        session.batch_execute(SETTINGS).await?;
        if !session.query_one(TURN, &[]).await?.get::<_, bool>(0) {
            return Ok(());
        }
        for table in lacking(&session).await? {
            log!(Info, "making the index of {table} by message");
            let index = format!("{table}_of_message");
            session
                .batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"))
                .await?;
            session
                .batch_execute(&format!(
                    "CREATE INDEX CONCURRENTLY {index} ON {table} (account, message, seq)"
                ))
                .await?;
        }
        for row in session.query(APART, &[]).await? {
            let index: String = row.get(0);
            let attach = format!("ALTER INDEX events_of_message ATTACH PARTITION {index}");
            session.batch_execute(&attach).await?;
        }
        Ok(())
    }
}

async fn lacking(session: &Session) -> Result<Vec<String>, StoreError> {
    let tables = session.query(LACKING, &[]).await?;
    Ok(tables.iter().map(|row| row.get(0)).collect())
}
