//! The keys that a database belongs to.

use super::session::{Address, Session};
use crate::store::StoreError;
use crate::store::key_claim::{Claiming, KeyClaim, judge};
use kaifu_core::id::KeyFingerprint;
use std::time::Duration;
use tokio_postgres::Config;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Taken while keys are compared and noted, so that servers do so one after the other. The number
/// stands for nothing.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4919277203)";

/// Made when there is something to note, so that a look changes nothing.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS server_keys (
    fingerprint bytea PRIMARY KEY CHECK (length(fingerprint) = 32)
)";

/// Asks the database for `keys`, on a connection of its own.
pub(crate) async fn claim_keys(
    config: &Config,
    keys: &[KeyFingerprint],
    claiming: Claiming,
) -> Result<KeyClaim, StoreError> {
    let ask = async {
        let address = Address::new(config.clone())?;
        let session = Session::connect(&address).await?;
        session.batch_execute("BEGIN").await?;
        session.batch_execute(LOCK).await?;
        let (claim, new) = look(&session, keys).await?;
        if claiming == Claiming::Note && !new.is_empty() {
            session.batch_execute(TABLE).await?;
            for key in new {
                session
                    .execute("INSERT INTO server_keys VALUES ($1)", &[&&key.0[..]])
                    .await?;
            }
        }
        session.batch_execute("COMMIT").await?;
        Ok(claim)
    };
    tokio::time::timeout(PATIENCE, ask)
        .await
        .unwrap_or(Err(StoreError::Away))
}

async fn look(
    session: &Session,
    keys: &[KeyFingerprint],
) -> Result<(KeyClaim, Vec<KeyFingerprint>), StoreError> {
    let exists =
        "SELECT to_regclass('server_keys') IS NOT NULL, to_regclass('accounts') IS NOT NULL";
    let row = session.query_one(exists, &[]).await?;
    let (has_keys, has_table): (bool, bool) = (row.get(0), row.get(1));
    let mut known = Vec::new();
    if has_keys {
        for row in session
            .query("SELECT fingerprint FROM server_keys", &[])
            .await?
        {
            let fingerprint = row.get::<_, &[u8]>(0).try_into();
            known.push(KeyFingerprint(
                fingerprint.map_err(|_| StoreError::Damaged)?,
            ));
        }
    }
    let has_accounts = has_table && {
        let row = session
            .query_one("SELECT EXISTS (SELECT 1 FROM accounts)", &[])
            .await?;
        row.get(0)
    };
    Ok(judge(keys, &known, has_accounts))
}
