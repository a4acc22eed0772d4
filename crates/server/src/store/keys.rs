//! Which server keys a database belongs to.
//!
//! A server with another key takes every token for forged and drops every event without a word, so
//! the database knows the fingerprints of its servers' keys, and a server asks before it serves.

use super::{StoreError, postgres, sqlite};
use crate::settings::Database;
use kaifu_core::id::KeyFingerprint;
use std::path::Path;

/// What a database says of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyClaim {
    /// It knew no keys before. With accounts, it was made by a version that did not note them.
    First {
        /// Whether there are accounts.
        has_accounts: bool,
    },
    /// It knows one of them, at least.
    Fits {
        /// How many keys it knows that are not among them.
        missing: usize,
    },
    /// It knows other keys.
    Foreign,
}

/// Whether a claim is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claiming {
    /// Keys of a database that knows none, or that knows one of them, are noted, all at once.
    Note,
    /// Nothing is changed.
    Look,
}

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

/// Judges `keys` by those that are `known`, and says which are to be noted.
pub(super) fn judge(
    keys: &[KeyFingerprint],
    known: &[KeyFingerprint],
    has_accounts: bool,
) -> (KeyClaim, Vec<KeyFingerprint>) {
    let new = || {
        let keys = keys.iter().filter(|key| !known.contains(key));
        keys.copied().collect()
    };
    if known.is_empty() {
        return (KeyClaim::First { has_accounts }, new());
    }
    if !keys.iter().any(|key| known.contains(key)) {
        return (KeyClaim::Foreign, Vec::new());
    }
    let missing = known.iter().filter(|key| !keys.contains(key)).count();
    (KeyClaim::Fits { missing }, new())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: KeyFingerprint = KeyFingerprint([1; 32]);
    const B: KeyFingerprint = KeyFingerprint([2; 32]);
    const C: KeyFingerprint = KeyFingerprint([3; 32]);

    #[test]
    fn keys_fit_when_one_is_known_or_none_are() {
        let first = KeyClaim::First { has_accounts: true };
        for (keys, known, claim, new) in [
            (&[A][..], &[][..], first, &[A][..]),
            (&[], &[], first, &[]),
            (&[], &[A], KeyClaim::Foreign, &[]),
            (&[B], &[A], KeyClaim::Foreign, &[]),
            (&[B, A], &[A], KeyClaim::Fits { missing: 0 }, &[B]),
            (&[B, C], &[A, B], KeyClaim::Fits { missing: 1 }, &[C]),
        ] {
            assert_eq!(judge(keys, known, true), (claim, new.to_vec()));
        }
    }
}
