//! Bringing a server up and down: open, listen, spawn tasks, accept.

use crate::app::{App, Clients, FoundReady, Parts, Polls};
use crate::connection::accept::{Acceptor, Endpoint, TlsLayer};
use crate::connection::places::Places;
use crate::data_dir::{DataDir, Lock, is_open_to_others, lock_database, parent_of};
use crate::failure::{Failure, Listener};
use crate::http::host::Hosts;
use crate::keys::KeyError;
use crate::keys::reader_keys::ReaderKeys;
use crate::keys::server_keys::{self, KeyFile, ServerKeys};
use crate::logging::log;
use crate::metrics::{Gauge, Metrics};
use crate::recorder::{Recorder, Room};
use crate::reload::{self, Reload};
use crate::router;
use crate::settings::{Database, Encryption, Settings};
use crate::site::Site;
use crate::store::keys::{Claiming, KeyClaim, claim_keys};
use crate::store::{self, Store, Turns};
use crate::tasks;
use crate::tasks::keys::KeyCheck;
use crate::tls::{self, Tls};
use crate::waiters::Waiters;
use kaifu_core::backend::{BackendUrl, Reach};
use kaifu_core::fetch::RULES_VERSION;
use kaifu_core::id::KeyFingerprint;
use kaifu_networks::{Files, Tables};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Serves on `listener` until `shutdown` completes, then drains and returns.
///
/// Draining means: no new connections, every long poll answered at once, requests under way
/// finished, everything acknowledged written.
///
/// # Errors
///
/// [`Failure`] when the data directory, the server key or the database cannot be used, or an
/// address is taken.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut opened = open(&settings).await?;
    let side_listeners = listen(&settings, &listener, opened.tls.is_some()).await?;
    let mut tasks = spawn_tasks(&mut opened, side_listeners, &settings);
    let Opened {
        app,
        tls,
        key_check,
        locks,
    } = opened;
    let (store, app_at_end) = (Arc::clone(&app.store), app.clone());
    let mut misfit = None;
    let end = async {
        tokio::select! {
            () = shutdown => {}
            error = key_check.run(settings.limits.reload_every) => misfit = Some(error),
        }
    };
    let accepted = accept(app, tls, listener, &settings, end).await;

    tasks.shutdown().await;
    tasks::shares::tell(&app_at_end).await;
    store.close().await;
    drop((store, app_at_end));
    drop(locks);
    log!(Info, "stopped");
    accepted?;
    misfit.map_or(Ok(()), |error| Err(error.into()))
}

/// What a server works with, before it answers anybody.
struct Opened {
    app: App,
    tls: Option<Tls>,
    key_check: KeyCheck,
    /// Held for longer than the store.
    locks: (Lock, Option<Lock>),
}

/// Opens the files and the database, each of which may refuse.
async fn open(settings: &Settings) -> Result<Opened, Failure> {
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

/// The listeners beside the main one.
struct SideListeners {
    /// For the operator's metrics.
    metrics: Option<(TcpListener, Hosts)>,
    /// For plain http, and where its requests are sent on to.
    redirects: Option<(TcpListener, BackendUrl)>,
}

/// Listens wherever else that is asked for, and logs where the server can be reached. The main
/// address comes last: parent processes take the others to be known then.
async fn listen(
    settings: &Settings,
    listener: &TcpListener,
    encrypted: bool,
) -> Result<SideListeners, Failure> {
    let metrics = match settings.metrics_listen {
        Some(address) => {
            let hosts = Hosts::of(address.ip(), settings);
            Some((bind(Listener::Metrics, address).await?, hosts))
        }
        None => None,
    };
    if let Some((listener, _)) = &metrics {
        log!(Info, "metrics at http://{}/metrics", listener.local_addr()?);
    }
    let redirects = match &settings.redirect {
        Some((address, to)) => Some((bind(Listener::Redirect, *address).await?, to.clone())),
        None => None,
    };
    if let Some((listener, to)) = &redirects {
        log!(
            Info,
            "redirecting http://{} to {to}",
            listener.local_addr()?
        );
    }
    let scheme = if encrypted { "https" } else { "http" };
    announce(scheme, listener.local_addr()?, settings.public_url.as_ref());
    Ok(SideListeners { metrics, redirects })
}

async fn bind(listener: Listener, address: SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| Failure::Listen {
        listener,
        address,
        source,
    })
}

/// Logs where the server can be reached.
fn announce(scheme: &str, address: SocketAddr, public_url: Option<&BackendUrl>) {
    log!(Info, "listening on {scheme}://{address}");
    let Some(url) = public_url else {
        log!(
            Info,
            "no --public-url given: only this machine's mail programs can load images"
        );
        return;
    };
    match url.reach() {
        Reach::Public => log!(Info, "public address {url}"),
        Reach::Insecure => {
            log!(
                Warn,
                "--public-url {url}: many mail programs refuse images by plain http"
            );
        }
        Reach::Private => {
            log!(
                Warn,
                "--public-url {url}: recipients elsewhere cannot load images from there"
            );
        }
    }
}

/// Starts what goes on beside the requests, and ends with what is returned.
fn spawn_tasks(
    opened: &mut Opened,
    side_listeners: SideListeners,
    settings: &Settings,
) -> JoinSet<()> {
    let (app, limits) = (&opened.app, &settings.limits);
    let mut tasks = JoinSet::new();
    tasks.spawn(tasks::retention::run(
        Arc::clone(&app.store),
        Arc::clone(&app.metrics),
        settings.clock.clone(),
        settings.retention,
        limits.purge_every,
    ));
    tasks.spawn(tasks::floods::run(
        Arc::clone(&app.store),
        Arc::clone(app.recorder.floods()),
        settings.clock.clone(),
        limits.settle_every,
    ));
    tasks.spawn(tasks::forget::run(app.clone()));
    tasks.spawn(tasks::shares::run(app.clone()));
    let key_file = KeyFile::new(settings.key_file.clone(), Arc::clone(&app.keys));
    let mut files: Vec<Box<dyn Reload>> = vec![Box::new(key_file)];
    if let Some(tls) = &mut opened.tls {
        if let Some(renewer) = tls.renewer.take() {
            tasks.spawn(renewer.run(limits.certificate_retry));
        }
        files.extend(tls.files.take().map(|file| Box::new(file) as _));
    }
    tasks.spawn(reload::run(files, limits.reload_every));
    let sites = [
        side_listeners
            .metrics
            .map(|(listener, hosts)| (listener, router::for_operators(app.clone(), hosts))),
        side_listeners
            .redirects
            .map(|(listener, to)| (listener, router::for_redirects(&to))),
    ];
    for (listener, router) in sites.into_iter().flatten() {
        let site = Site::new(None, router);
        let (counted, metrics) = (Arc::<Gauge>::default(), Arc::clone(&app.metrics));
        let places = Places::new(limits.connections, 0, Vec::new(), counted, metrics);
        let acceptor = Acceptor::new(listener.into(), site, limits, places);
        tasks.spawn(acceptor.run(std::future::pending(), || {}));
    }
    tasks
}

/// Answers recipients and clients until `shutdown` completes.
async fn accept(
    app: App,
    tls: Option<Tls>,
    listener: TcpListener,
    settings: &Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let hosts = Hosts::of_public(listener.local_addr()?.ip(), settings);
    let tls = tls.map(|tls| TlsLayer {
        config: tls.config,
        metrics: Arc::clone(&app.metrics),
    });
    let counted = Arc::clone(&app.metrics.connections);
    let site = Site::new(Some(app.clone()), router::router(app.clone(), &hosts));
    let endpoint = Endpoint { listener, tls };
    let limits = &settings.limits;
    let places = Places::new(
        limits.connections,
        limits.connections_per_network,
        settings.trusted_proxies.clone(),
        counted,
        Arc::clone(&app.metrics),
    );
    Acceptor::new(endpoint, site, limits, places)
        .run(shutdown, || app.polls.stop())
        .await;
    Ok(())
}
