//! What each command does, up to its exit status.

use super::options::{KeyOptions, ListenOption, ServeOptions, StoreOptions};
use crate::clock::Clock;
use crate::data_dir::{DataDir, note_backup, private_file, sync_parent};
use crate::failure::{Failure, Listener};
use crate::keys::server_keys;
use crate::logging::log;
use crate::settings::Database;
use crate::{store, tls};
#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
///
/// [`Failure`] when the address, the data directory or the database cannot be used.
pub fn serve(options: ServeOptions) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    // Before anything that can take time: until its handler is there, each of them would end the
    // process, and systemd does not restart what SIGHUP has ended.
    let signals = runtime.block_on(async { Signals::listen() })?;
    let address = options.listen.listen;
    let settings = options.try_into()?;
    raise_file_limit();
    // On a worker, where what it starts need not be handed over to another thread.
    let serving = runtime.spawn(async move {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| Failure::Listen {
                listener: Listener::Public,
                address,
                source,
            })?;
        crate::serve(settings, listener, signals.stop()).await
    });
    runtime.block_on(serving).map_err(io::Error::from)?
}

/// The signals that a server answers to. SIGHUP has files looked at again, which a server that
/// starts does anyway.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    _hangup: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until the server is asked to stop.
    async fn stop(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        log!(Info, "stopping");
    }
}

/// Keeps keys and tokens out of core dumps, which backups and crash reporters take along. Where the
/// system does not let it, the unit's `LimitCORE=0` or the system's own setting has to.
pub fn forbid_dumps() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        log!(Warn, "cannot forbid core dumps: {error}");
    }
    // A dump that is piped to a program heeds no limit (core(5)).
    #[cfg(target_os = "linux")]
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        log!(Warn, "cannot forbid core dumps: {error}");
    }
}

/// Takes as many file descriptors as the system grants: each connection needs one.
fn raise_file_limit() {
    let granted = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: granted.maximum,
        ..granted
    };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        log!(Warn, "cannot raise the limit of open files: {error}");
    }
}

/// Writes a consistent copy of the database to `path`, which must not exist.
///
/// # Errors
///
/// [`Failure::Backup`] when `path` exists or cannot be written, [`Failure::Database`] when the
/// database cannot be read.
pub fn backup(options: &StoreOptions, path: &Path) -> Result<(), Failure> {
    let Database::Sqlite(database) = options.database()? else {
        return Err(Failure::NotForPostgres);
    };
    let mut keys = path.as_os_str().to_owned();
    keys.push(".key");
    let keys = PathBuf::from(keys);
    // First, so that what stands in the way is found before anything is written.
    copy_private(&options.keys.path(), &keys).map_err(|source| Failure::Backup {
        path: keys.clone(),
        source,
    })?;
    let data_dir = &options.keys.data_dir.data_dir;
    let database = data_dir.join(database);
    store::sqlite::backup(&database, path).map_err(|source| {
        // Half a backup is worse than none.
        let _ = std::fs::remove_file(&keys);
        Failure::Database {
            path: database,
            source,
        }
    })?;
    // A disk that has turned read-only is to be saved, too.
    if let Err(error) = note_backup(data_dir, Clock::default().now()) {
        log!(Warn, "cannot note when the last backup was made: {error}");
    }
    log!(
        Info,
        "copied the database and the server keys to {}",
        path.display()
    );
    Ok(())
}

/// Gives the space of deleted events back to the file system.
///
/// # Errors
///
/// [`Failure::Database`] when the database cannot be opened, is busy, or the disk is full.
pub fn vacuum(options: &StoreOptions) -> Result<(), Failure> {
    match options.database()? {
        Database::Sqlite(path) => {
            let path = options.keys.data_dir.data_dir.join(path);
            store::sqlite::vacuum(&path).map_err(|source| Failure::Database { path, source })
        }
        Database::Postgres(config) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(store::postgres::vacuum(&config))
            .map_err(|source| Failure::Postgres { source }),
    }
}

/// Copies a file whose copy only its owner may read, and which must not exist.
pub(super) fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = private_file().create_new(true).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()?;
    sync_parent(to)
}

/// Creates the server key, or adds a new one, and prints the file's path.
///
/// # Errors
///
/// [`Failure::Keys`] when there is one and none is to be added, or it cannot be written, and
/// [`Failure::DataDir`] when there is no directory for it.
pub fn keygen(options: &KeyOptions, rotate: bool) -> Result<(), Failure> {
    if options.key_file.is_none() {
        DataDir::open(&options.data_dir.data_dir)?;
    }
    let path = options.path();
    if rotate {
        server_keys::rotate(&path)?;
    } else {
        server_keys::create(&path)?;
    }
    Ok(writeln!(io::stdout(), "{}", path.display())?)
}

/// Asks the server on this machine whether it is well; `encrypted` when it speaks TLS. A server that
/// waits for its first certificate is: a restart would only have it wait longer.
///
/// # Errors
///
/// [`Failure::Unhealthy`] when it does not answer `200` within five seconds.
pub fn healthcheck(options: ListenOption, encrypted: bool) -> Result<(), Failure> {
    let address = reachable(options.listen);
    match status_line(address, encrypted) {
        Ok(line) if line.starts_with("HTTP/1.1 200 ") => Ok(()),
        Ok(line) => Err(Failure::Unhealthy {
            address,
            reason: format!("it answered {line:?}"),
        }),
        // The process answers, only that it has no certificate yet.
        Err(error) if encrypted && tls::is_refusal(&error) => Ok(()),
        Err(error) => Err(Failure::Unhealthy {
            address,
            reason: error.to_string(),
        }),
    }
}

/// Where a server that listens on `address` can be asked from this machine.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn status_line(address: SocketAddr, encrypted: bool) -> io::Result<String> {
    let patience = Duration::from_secs(5);
    let stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    if encrypted {
        ask(tls::trust_anyone(stream, address)?, address)
    } else {
        ask(stream, address)
    }
}

fn ask(mut stream: impl io::Read + io::Write, address: SocketAddr) -> io::Result<String> {
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(4_096).read_to_end(&mut answer)?;
    let line = answer
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    Ok(String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_interfaces_is_asked_on_loopback() {
        for (listen, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
