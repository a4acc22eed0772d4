//! The backend: records when a tracking image is fetched and tells the account that minted it.
//!
//! One process with an embedded database serves everything. It keeps a verdict about each fetch and
//! never an address or user agent.

pub use client_address::TrustedProxy;
pub use clock::Clock;

pub mod cli;
pub mod logging;
pub mod settings;

mod app;
mod client_address;
mod clock;
mod connection;
mod data_dir;
mod handlers;
mod http;
mod keys;
mod log_throttle;
mod metrics;
mod pages;
mod rate_limit;
mod recorder;
mod reload;
mod router;
mod site;
mod store;
mod tasks;
mod tls;
mod waiters;

use crate::app::App;
use crate::connection::accept::{self, Door, Lock};
use crate::data_dir::DataDir;
use crate::keys::reader_keys::ReaderKeys;
use crate::keys::server_keys::{KeyFile, ServerKeys};
use crate::metrics::{Gauge, Metrics};
use crate::reload::Reload;
use crate::settings::{Database, Settings};
use crate::site::Site;
use crate::waiters::Waiters;
use kaifu_core::backend::{BackendUrl, Reach};
use kaifu_core::fetch::RULES_VERSION;
use kaifu_networks::{Files, TableError, Tables};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Why the server or one of its commands could not do its work.
///
/// The messages name the flag to look at, and never a secret.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The address is taken, not local, or not allowed.
    #[error("--listen {address}: cannot listen: {source}")]
    Listen {
        /// What was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address for metrics is taken, not local, or not allowed.
    #[error("--metrics-listen {address}: cannot listen: {source}")]
    MetricsListen {
        /// What was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address for requests by plain http is taken, not local, or not allowed.
    #[error("--redirect-listen {address}: cannot listen: {source}")]
    RedirectListen {
        /// What was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody knows where requests by plain http are to be sent on to.
    #[error("--redirect-listen: needs a --public-url that starts with https://, or --acme-domain")]
    RedirectWhere,
    /// A certificate or its key cannot be read.
    #[error("{flag}: {path}: {source}")]
    TlsFile {
        /// Which of the two.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate and its key cannot be used, or not together.
    #[error("--tls-cert, --tls-key: {path}: {source}")]
    Certificate {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        source: tls::InvalidCertificate,
    },
    /// A file or directory below the data directory cannot be used.
    #[error("--data-dir: {path}: {source}")]
    DataDir {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another server works in the same data directory.
    #[error("--data-dir {0}: another kaifu-server is using it")]
    InUse(PathBuf),
    /// Another server works with the same database file.
    #[error("--database: {0}: another kaifu-server is using it")]
    DatabaseInUse(PathBuf),
    /// The key file holds something else.
    #[error(
        "--key-file: {0} does not hold server keys: 1 to 8 lines of 43 characters in base64url"
    )]
    MalformedKey(PathBuf),
    /// The key file cannot be read or written.
    #[error("--key-file: {path}: {source}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `keygen --rotate` found as many keys as there may be.
    #[error("{0} holds 8 keys already; take out the last one, whose mails then become untrackable")]
    TooManyKeys(PathBuf),
    /// `keygen` found a key. Replacing it would kill every token.
    #[error("{0} exists already; --rotate adds a key and leaves the mails sent so far trackable")]
    KeyExists(PathBuf),
    /// What was given as the database is none. The text is not repeated, as it may hold a password.
    #[error("--database: {0}")]
    InvalidDatabase(#[from] settings::InvalidDatabase),
    /// The database cannot be opened or was made by a newer version.
    #[error("--database {path}: {source}")]
    Database {
        /// The database file.
        path: PathBuf,
        /// What went wrong.
        source: store::StoreError,
    },
    /// PostgreSQL refuses, or was set up by a newer version.
    #[error("--database: PostgreSQL: {source}")]
    Postgres {
        /// What went wrong.
        source: store::StoreError,
    },
    /// PostgreSQL has tools of its own for that.
    #[error("--database: back up PostgreSQL with pg_dump, and keep the server key as well")]
    NotForPostgres,
    /// A backup's target cannot be written.
    #[error("cannot write the backup to {path}: {source}")]
    Backup {
        /// The target.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table of networks in the data directory cannot be used.
    #[error("--data-dir: {0}")]
    Tables(#[from] TableError),
    /// The system refused threads, signals or the like.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// The server did not answer, or not well.
    #[error("{address} is not healthy: {reason}")]
    Unhealthy {
        /// Who was asked.
        address: std::net::SocketAddr,
        /// What was wrong with the answer.
        reason: String,
    },
}

impl Failure {
    /// Whether the command line is to blame.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::InvalidDatabase(_) | Self::RedirectWhere)
    }
}

/// Serves on `listener` until `shutdown` completes, then drains and returns.
///
/// Draining means: no new connections, every long poll answered at once, requests under way
/// finished, everything acknowledged written.
///
/// # Errors
///
/// [`Failure`] when the data directory, the server key or the database cannot be used.
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let data_dir = DataDir::open(&settings.data_dir)?;
    let _lock = data_dir.lock()?;
    let _database_lock = match &settings.database {
        Database::Sqlite(path) => data_dir.lock_database(&settings.data_dir.join(path))?,
        Database::Postgres(_) => None,
    };
    let keys = ServerKeys::open(&settings.key_file, settings.limits.new_key_wait)?;
    let keys = Arc::new(keys);
    let readers = Arc::new(ReaderKeys::open(&settings.data_dir, settings.clock.now())?);
    let tables = Tables::load(&Files::within(&settings.data_dir))?;
    tracing::info!(
        "judging by rules version {RULES_VERSION}, with tables of {} kB",
        tables.bytes() / 1024
    );
    for spot in tables.blind_spots() {
        tracing::info!("{spot}");
    }
    let waiters = Arc::new(Waiters::new(settings.limits.waiters_per_account));
    let metrics = Arc::new(Metrics::default());
    let (for_store, counted) = (Arc::clone(&waiters), Arc::clone(&metrics));
    let store = match &settings.database {
        Database::Sqlite(path) => {
            store::sqlite::open(&settings.data_dir.join(path), for_store, counted)?
        }
        Database::Postgres(config) => {
            store::postgres::open(config, &settings.data_dir, for_store, counted).await?
        }
    };
    let mut tls = tls::open(&settings, &metrics)?;
    let lock = tls.as_ref().map(|tls| Lock {
        config: Arc::clone(&tls.config),
        metrics: Arc::clone(&metrics),
    });
    let address = listener.local_addr()?;
    let for_operators = metrics_listener(&settings).await?;
    let for_redirects = redirect_listener(&settings).await?;
    let scheme = if lock.is_some() { "https" } else { "http" };
    announce(scheme, address, settings.public_url.as_ref());

    // What goes on beside the requests ends with this.
    let mut beside = JoinSet::new();
    beside.spawn(tasks::retention::run(
        Arc::clone(&store),
        Arc::clone(&readers),
        settings.clock.clone(),
        settings.retention,
        settings.limits.purge_every,
    ));
    let mut files: Vec<Box<dyn Reload>> = Vec::new();
    let key_file = KeyFile::new(settings.key_file.clone(), Arc::clone(&keys));
    files.push(Box::new(key_file));
    if let Some(tls) = &mut tls {
        if let Some(keeper) = tls.keeper.take() {
            beside.spawn(keeper.run(settings.limits.certificate_retry));
        }
        files.extend(tls.files.take().map(|file| Box::new(file) as _));
    }
    beside.spawn(reload::run(files, settings.limits.reload_every));
    let app = App::new(
        keys,
        Arc::clone(&store),
        waiters,
        metrics,
        tables,
        readers,
        &settings,
    );
    beside.spawn(recorder::flood::settle(
        app.clone(),
        settings.limits.settle_every,
    ));
    let aside = [
        for_operators.map(|listener| (listener, router::for_operators(app.clone()))),
        for_redirects.map(|(listener, to)| (listener, router::for_redirects(&to))),
    ];
    for (listener, router) in aside.into_iter().flatten() {
        let (site, limits) = (Site::new(None, router), settings.limits.clone());
        beside.spawn(async move {
            let counted = Arc::<Gauge>::default();
            let never = std::future::pending();
            accept::serve(listener.into(), site, &limits, counted, never, || {}).await;
        });
    }
    let site = Site::new(Some(app.clone()), router::router(app.clone()));
    let open = Arc::clone(&app.metrics.connections);
    let door = Door {
        listener,
        tls: lock,
    };
    accept::serve(door, site, &settings.limits, open, shutdown, || {
        app.stop();
    })
    .await;

    beside.shutdown().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn redirect_listener(
    settings: &Settings,
) -> Result<Option<(TcpListener, BackendUrl)>, Failure> {
    let Some((address, to)) = &settings.redirect else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| Failure::RedirectListen {
            address: *address,
            source,
        })?;
    tracing::info!("redirecting http://{} to {to}", listener.local_addr()?);
    Ok(Some((listener, to.clone())))
}

async fn metrics_listener(settings: &Settings) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = settings.metrics_listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| Failure::MetricsListen { address, source })?;
    tracing::info!("metrics at http://{}/metrics", listener.local_addr()?);
    Ok(Some(listener))
}

/// Logs where the server can be reached. Parent processes read the first line.
fn announce(scheme: &str, address: std::net::SocketAddr, public_url: Option<&BackendUrl>) {
    tracing::info!("listening on {scheme}://{address}");
    let Some(url) = public_url else {
        tracing::info!("no --public-url given: only this machine's mail programs can load images");
        return;
    };
    match url.reach() {
        Reach::Public => tracing::info!("public address {url}"),
        Reach::Insecure => {
            tracing::warn!("--public-url {url}: many mail programs refuse images by plain http");
        }
        Reach::Private => {
            tracing::warn!(
                "--public-url {url}: recipients elsewhere cannot load images from there"
            );
        }
    }
}
