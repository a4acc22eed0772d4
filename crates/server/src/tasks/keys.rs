//! Having the database know the keys of this server.

use crate::keys::KeyError;
use crate::keys::server_keys::ServerKeys;
use crate::logging::log;
use crate::settings::Database;
use crate::store::keys::{Claiming, KeyClaim, claim_keys};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is to be told to the database, and which file it is about.
pub(crate) struct KeyCheck {
    /// The keys in use.
    pub(crate) keys: Arc<ServerKeys>,
    /// The file they come from.
    pub(crate) key_file: PathBuf,
    /// Where they are noted.
    pub(crate) database: Database,
    /// From where a relative path of the database counts.
    pub(crate) data_dir: PathBuf,
    /// Whether the database has answered since the start.
    pub(crate) is_done: bool,
}

impl KeyCheck {
    /// Tells the database of keys that are new, and returns when it belongs to others: a server that
    /// started while it was away must not go on then.
    pub(crate) async fn run(mut self, every: Duration) -> KeyError {
        let mut told = self.is_done.then(|| self.keys.fingerprints());
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let keys = self.keys.fingerprints();
            if told.as_ref() == Some(&keys) {
                continue;
            }
            let claim = claim_keys(&self.database, &self.data_dir, keys.clone(), Claiming::Note);
            match claim.await {
                Ok(KeyClaim::Foreign) => return KeyError::Foreign(self.key_file),
                Ok(claim) => {
                    warn_of_missing(claim, &self.key_file);
                    self.is_done = true;
                    told = Some(keys);
                }
                Err(error) => log!(Debug, "the database cannot be told of the keys: {error}"),
            }
        }
    }
}

/// Says when the database knows keys that this server does not.
pub(crate) fn warn_of_missing(claim: KeyClaim, key_file: &std::path::Path) {
    if let KeyClaim::Fits { missing } = claim
        && missing > 0
    {
        log!(
            Warn,
            "{} lacks {missing} of the keys that the database knows: emails of their accounts are \
             not tracked by this server",
            key_file.display()
        );
    }
}
