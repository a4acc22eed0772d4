//! Opening the files and the database.

use crate::app::{App, Clients, FoundReady, Parts, Polls};
use crate::data_dir::{DataDir, Lock, is_open_to_others, lock_database, parent_of};
use crate::failure::Failure;
use crate::keys::KeyError;
use crate::keys::reader_keys::ReaderKeys;
use crate::keys::server_keys::{self, ServerKeys};
use crate::logging::log;
use crate::metrics::Metrics;
use crate::recorder::{Recorder, Room};
use crate::settings::{Database, Encryption, Settings};
use crate::store::keys::{Claiming, KeyClaim, claim_keys};
use crate::store::{self, Store, Turns};
use crate::tasks;
use crate::tasks::keys::KeyCheck;
use crate::tls::{self, Tls};
use crate::waiters::Waiters;
use kaifu_core::fetch::RULES_VERSION;
use kaifu_core::id::KeyFingerprint;
use kaifu_networks::{Files, Tables};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a server works with, before it answers anybody.
pub(super) struct Opened {
    pub(super) app: App,
    pub(super) tls: Option<Tls>,
    pub(super) key_check: KeyCheck,
    /// Held for longer than the store.
    pub(super) locks: (Lock, Option<Lock>),
}

/// Opens the files and the database, each of which may refuse.
pub(super) async fn open(settings: &Settings) -> Result<Opened, Failure> {
    let data_dir = DataDir::open(&settings.data_dir)?;
    let lock = data_dir.lock()?;
    let database_lock = match &settings.database {
        Database::Sqlite(path) => Some(lock_database(&settings.data_dir.join(path))?),
        Database::Postgres(_) => None,
    };
    warn_of_open_folders(settings);
    let reader_keys = ReaderKeys::open(&settings.data_dir, settings.clock.now());
    let tables = Tables::load(&Files::within(&settings.data_dir))?;
    log!(
        Info,
        "judging by rules version {RULES_VERSION}, with tables of {} kB",
        tables.bytes() / 1024
    );
    // One line, as one place in the code logs once a second.
    if !tables.blind_spots().is_empty() {
        log!(Info, "{}", tables.blind_spots().join("; "));
    }
    let waiters = Arc::new(Waiters::new(settings.limits.waiters_per_account));
    let metrics = Arc::new(Metrics::default());
    let store = open_store(settings, &waiters, &metrics).await?;
    let key_check = open_keys(settings, store.health().database_up).await?;
    let keys = Arc::clone(&key_check.keys);
    let tls = tls::open(settings, &metrics)?;
    let app = App::new(Parts {
        recorder: Recorder::new(
            Arc::clone(&store),
            Arc::clone(&metrics),
            tables,
            reader_keys,
            Room::new(folder(settings), settings.limits.reserve),
            settings,
        ),
        clients: Clients::new(settings, Arc::clone(&metrics)),
        keys,
        polls: Polls::new(waiters),
        readiness: FoundReady::default(),
        store,
        turns: Turns::default(),
        metrics,
        clock: settings.clock.clone(),
        data_dir: settings.data_dir.clone(),
        folder: folder(settings),
        operator: settings.operator.clone(),
        retention: settings.retention,
        links: settings.links,
        is_encrypted: tls.is_some(),
        request_timeout: settings.limits.request_timeout,
    });
    Ok(Opened {
        app,
        tls,
        key_check,
        locks: (lock, database_lock),
    })
}

/// Names the folders of secrets in which others may put files in the place of ours.
fn warn_of_open_folders(settings: &Settings) {
    let mut folders = vec![settings.data_dir.as_path(), parent_of(&settings.key_file)];
    if let Encryption::Files { certificate, key } = &settings.encryption {
        folders.extend([parent_of(certificate), parent_of(key)]);
    }
    folders.dedup();
    folders.retain(|folder| is_open_to_others(folder));
    if !folders.is_empty() {
        let names: Vec<_> = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        log!(
            Warn,
            "others can put files in the place of the server's in {}: chmod go-w it",
            names.join(" and ")
        );
    }
}

/// Where the disk fills.
fn folder(settings: &Settings) -> PathBuf {
    let database = match &settings.database {
        Database::Sqlite(path) => settings.data_dir.join(path),
        Database::Postgres(_) => return settings.data_dir.clone(),
    };
    database
        .parent()
        .map_or(settings.data_dir.clone(), Path::to_owned)
}

/// The keys in the file, once the database has said that it belongs to them. A file that is missing
/// is made only where the database has no use for another one.
async fn open_keys(settings: &Settings, database_up: bool) -> Result<KeyCheck, Failure> {
    let path = &settings.key_file;
    let claim = |keys: Vec<KeyFingerprint>| {
        claim_keys(&settings.database, &settings.data_dir, keys, Claiming::Note)
    };
    let is_made = !path.exists();
    if is_made {
        match claim(Vec::new()).await {
            Ok(KeyClaim::First {
                has_accounts: false,
            }) => server_keys::create(path)?,
            Ok(_) => return Err(KeyError::Missing(path.clone()).into()),
            Err(error) => {
                let reason = error.to_string();
                let path = path.clone();
                return Err(KeyError::CannotAsk { path, reason }.into());
            }
        }
        log!(Info, "created the server key {}", path.display());
    }
    let keys = ServerKeys::open(path, settings.limits.new_key_wait)?;
    let answer = if database_up || is_made {
        claim(keys.fingerprints()).await.ok()
    } else {
        None
    };
    match answer {
        Some(KeyClaim::Foreign) => {
            if is_made {
                // Another server has made its own at the same moment, which is to be copied here.
                std::fs::remove_file(path)?;
            }
            return Err(KeyError::Foreign(path.clone()).into());
        }
        Some(claim) => tasks::keys::warn_of_missing(claim, path),
        None => {}
    }
    Ok(KeyCheck {
        keys: Arc::new(keys),
        key_file: path.clone(),
        database: settings.database.clone(),
        data_dir: settings.data_dir.clone(),
        is_done: answer.is_some(),
    })
}

async fn open_store(
    settings: &Settings,
    waiters: &Arc<Waiters>,
    metrics: &Arc<Metrics>,
) -> Result<Arc<dyn Store>, Failure> {
    let (waiters, metrics) = (Arc::clone(waiters), Arc::clone(metrics));
    let clock = settings.clock.clone();
    match &settings.database {
        Database::Sqlite(path) => {
            let path = settings.data_dir.join(path);
            store::sqlite::open(&path, waiters, metrics, clock)
                .map_err(|source| Failure::Database { path, source })
        }
        Database::Postgres(config) => {
            let surroundings = store::postgres::Surroundings {
                waiters,
                metrics,
                clock,
            };
            let needs_standby = settings.needs_standby;
            store::postgres::open(config, &settings.data_dir, needs_standby, surroundings)
                .await
                .map_err(|source| Failure::Postgres { source })
        }
    }
}
