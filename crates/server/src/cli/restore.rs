//! `restore`: checks a backup and puts it in place, or tells a restored dump what it does not know.

use super::commands::copy_private;
use super::options::StoreOptions;
use crate::clock::Clock;
use crate::data_dir::{DataDir, lock_database};
use crate::failure::Failure;
use crate::keys::KeyError;
use crate::keys::server_keys;
use crate::logging::log;
use crate::settings::Database;
use crate::store::keys::{Claiming, KeyClaim};
use crate::store::sqlite::{self, Since};
use crate::store::{self, StoreError};
use kaifu_core::id::ServerKey;
use std::path::{Path, PathBuf};
use tokio_postgres::Config;

/// With SQLite, puts the one backup in `files` in place of the database, and its keys where there are
/// none. With PostgreSQL, where a dump has been restored by its own tools, does again what the
/// journals say.
///
/// # Errors
///
/// [`Failure`] when a server uses the database, the backup is damaged or belongs to other keys, a
/// file is no journal, or something cannot be written; then nothing has changed.
pub fn restore(options: &StoreOptions, files: &[PathBuf]) -> Result<(), Failure> {
    match (options.database()?, files) {
        (Database::Postgres(config), _) => replay(&config, files),
        (Database::Sqlite(path), [backup]) => replace(options, &path, backup),
        (Database::Sqlite(_), _) => Err(Failure::SeveralBackups),
    }
}

fn replay(config: &Config, journals: &[PathBuf]) -> Result<(), Failure> {
    let restored = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(store::postgres::restore(config, journals));
    let done = restored.map_err(|source| match source {
        StoreError::NoJournal { .. } => Failure::Journals { source },
        _ => Failure::Postgres { source },
    })?;
    log!(
        Info,
        "{done} refusals, erasures and deletions since the dump stood in the journals and hold in \
         it as well; numbers of events go on in a new era"
    );
    Ok(())
}

fn replace(options: &StoreOptions, path: &Path, backup: &Path) -> Result<(), Failure> {
    let folder = &options.keys.data_dir.data_dir;
    let data_dir = DataDir::open(folder)?;
    let _lock = data_dir.lock()?;
    let target = folder.join(path);
    let _database_lock = if target.exists() {
        Some(lock_database(&target)?)
    } else {
        None
    };
    let mut keys_of_backup = backup.as_os_str().to_owned();
    keys_of_backup.push(".key");
    let keys_of_backup = PathBuf::from(keys_of_backup);
    let key_file = options.keys.path();
    let keys = if key_file.exists() {
        &key_file
    } else {
        &keys_of_backup
    };
    check_keys(keys, backup)?;
    let failed = |source| Failure::Database {
        path: backup.to_owned(),
        source,
    };
    let since = sqlite::restore(backup, &target, Clock::default().now()).map_err(failed)?;
    if !key_file.exists() {
        copy_private(&keys_of_backup, &key_file).map_err(|source| KeyError::File {
            path: key_file.clone(),
            source,
        })?;
    }
    tell(since, backup, &target);
    Ok(())
}

/// The keys that will be used have to be those of the backup.
fn check_keys(keys: &Path, backup: &Path) -> Result<(), Failure> {
    let found = server_keys::read(keys)?;
    let fingerprints: Vec<_> = found.iter().map(ServerKey::fingerprint).collect();
    let claim = sqlite::claim_keys(backup, &fingerprints, Claiming::Look);
    match claim {
        Ok(KeyClaim::Foreign) => Err(KeyError::Foreign(keys.to_owned()).into()),
        Ok(_) => Ok(()),
        Err(source) => Err(Failure::Database {
            path: backup.to_owned(),
            source,
        }),
    }
}

fn tell(since: Since, backup: &Path, target: &Path) {
    log!(
        Info,
        "{} is in place; what was there before is {}.before-restore",
        backup.display(),
        target.display()
    );
    match since {
        Since::Replayed {
            refusals,
            accounts,
            events,
        } => log!(
            Info,
            "since the backup, {refusals} emails were refused, {accounts} accounts deleted and \
             {events} events erased or past their time: that holds in it as well"
        ),
        Since::Journaled(done) => log!(
            Info,
            "the database of before is missing, damaged or another one; {done} refusals, erasures \
             and deletions since the backup stood in its journal and hold in it as well"
        ),
        Since::Unknown => log!(
            Warn,
            "the database of before is missing, damaged or another one, and there is no journal \
             beside it, so what was refused, \
             erased or deleted since the backup is not known and may be back"
        ),
    }
}
