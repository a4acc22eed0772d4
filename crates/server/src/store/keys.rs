//! Which server keys a database belongs to.
//!
//! A server with another key takes every token for forged and drops every event without a word, so
//! the database knows the fingerprints of its servers' keys, and a server asks before it serves.

pub(crate) use super::key_claim::{Claiming, KeyClaim};

use super::{StoreError, postgres, sqlite};
use crate::settings::Database;
use kaifu_core::id::KeyFingerprint;
use std::path::Path;

/// Asks `database`, whose relative path counts from `data_dir`, for `keys`. It is decided within one
/// transaction, so that of two servers that start with keys of their own one finds itself foreign.
///
/// # Errors
///
/// [`StoreError`] when the database does not answer, or cannot note what is new.
pub(crate) async fn claim_keys(
    database: &Database,
    data_dir: &Path,
    keys: Vec<KeyFingerprint>,
    claiming: Claiming,
) -> Result<KeyClaim, StoreError> {
    match database {
        Database::Postgres(config) => postgres::claim_keys(config, &keys, claiming).await,
        Database::Sqlite(path) => {
            let path = data_dir.join(path);
            let claim =
                tokio::task::spawn_blocking(move || sqlite::claim_keys(&path, &keys, claiming));
            claim.await.map_err(|_| StoreError::Closed)?
        }
    }
}
