//! Connections to PostgreSQL.

use crate::store::StoreError;
use kaifu_core::id::AccountId;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode};
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long one host may take to make a connection: a database that hangs accepts it, and then says
/// nothing.
const HOST: Duration = Duration::from_millis(2_500);

/// How long the first statement on a connection may take.
const SET_UP: Duration = Duration::from_secs(2);

/// The channel on which servers tell each other of accounts with news.
pub(super) const CHANNEL: &str = "kaifu_news";

/// How many accounts one notification names: PostgreSQL takes less than 8000 bytes.
pub(super) const NOTIFIED: usize = 600;

/// Waits until every connection commits as durably as the first, whatever the database's defaults.
const SETTINGS: &str = "SET synchronous_commit = on;
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '30s'";

/// Where the database is, and how to speak to it.
#[derive(Clone)]
pub(super) struct Address {
    /// One for each host that the address names.
    hosts: Arc<[Config]>,
    /// The host that answered last, which is asked first.
    preferred: Arc<AtomicUsize>,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// With `sslmode=require` the database has to show a certificate that this system trusts;
    /// otherwise nothing is encrypted.
    pub(super) fn new(mut config: Config) -> Result<Self, StoreError> {
        // A database that is gone without a word is noticed in seconds.
        config
            .connect_timeout(HOST)
            .tcp_user_timeout(Duration::from_secs(10))
            .keepalives_idle(Duration::from_secs(10));
        if config.get_application_name().is_none() {
            config.application_name("kaifu-server");
        }
        let tls = if config.get_ssl_mode() == SslMode::Require {
            let (tls, _) =
                MakeRustlsConnect::with_native_certs().map_err(|_| StoreError::NoCertificates)?;
            Some(tls)
        } else {
            None
        };
        let hosts: Arc<[Config]> = split(&config).into();
        let first = if config.get_load_balance_hosts() == LoadBalanceHosts::Random {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(std::io::Error::from)?;
            usize::from_le_bytes(random) % hosts.len().max(1)
        } else {
            0
        };
        Ok(Self {
            hosts,
            preferred: Arc::new(AtomicUsize::new(first)),
            tls,
        })
    }

    /// Connects to the first host that answers in time, and has `driver` keep the connection going.
    pub(super) async fn connect<D: Driver>(
        &self,
        driver: D,
    ) -> Result<(Client, D::Handle), StoreError> {
        let (count, first) = (self.hosts.len(), self.preferred.load(Ordering::Relaxed));
        let mut failed = StoreError::Away;
        for place in (0..count).map(|step| (first + step) % count) {
            let config = &self.hosts[place];
            let connect = within(HOST, async {
                if let Some(tls) = &self.tls {
                    let (client, connection) = config.connect(tls.clone()).await?;
                    Ok((client, driver.drive(connection)))
                } else {
                    let (client, connection) = config.connect(NoTls).await?;
                    Ok((client, driver.drive(connection)))
                }
            });
            match connect.await {
                Ok(connected) => {
                    self.preferred.store(place, Ordering::Relaxed);
                    return Ok(connected);
                }
                // Whether a password is wrong is worth more than that another host is away.
                Err(error) if failed.is_lasting() => drop(error),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

/// The same settings for each host alone, so that none of them uses up the others' time.
fn split(config: &Config) -> Vec<Config> {
    let (addresses, ports) = (config.get_hostaddrs(), config.get_ports());
    let count = config.get_hosts().len().max(addresses.len());
    (0..count)
        .map(|place| {
            let mut one = Config::new();
            match config.get_hosts().get(place) {
                Some(Host::Tcp(host)) => drop(one.host(host)),
                Some(Host::Unix(path)) => drop(one.host_path(path)),
                None => {}
            }
            if let Some(address) = addresses.get(place) {
                one.hostaddr(*address);
            }
            if let Some(port) = ports.get(place).or(ports.first()) {
                one.port(*port);
            }
            copy_settings(config, &mut one);
            one
        })
        .collect()
}

fn copy_settings(from: &Config, to: &mut Config) {
    from.get_user().map(|user| to.user(user));
    from.get_password().map(|password| to.password(password));
    from.get_dbname().map(|name| to.dbname(name));
    from.get_options().map(|options| to.options(options));
    from.get_application_name()
        .map(|name| to.application_name(name));
    from.get_connect_timeout()
        .map(|timeout| to.connect_timeout(*timeout));
    from.get_tcp_user_timeout()
        .map(|timeout| to.tcp_user_timeout(*timeout));
    from.get_keepalives_interval()
        .map(|interval| to.keepalives_interval(interval));
    from.get_keepalives_retries()
        .map(|retries| to.keepalives_retries(retries));
    to.ssl_mode(from.get_ssl_mode())
        .ssl_negotiation(from.get_ssl_negotiation())
        .keepalives(from.get_keepalives())
        .keepalives_idle(from.get_keepalives_idle())
        .target_session_attrs(from.get_target_session_attrs())
        .channel_binding(from.get_channel_binding());
}

/// Keeps a connection going, with TLS or without.
pub(super) trait Driver {
    /// What ends it.
    type Handle;

    fn drive<T>(&self, connection: Connection<Socket, T>) -> Self::Handle
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static;
}

/// Answers questions and nothing else.
struct Asking;

impl Driver for Asking {
    type Handle = JoinHandle<()>;

    fn drive<T>(&self, connection: Connection<Socket, T>) -> JoinHandle<()>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tokio::spawn(async move {
            // Whoever waits for an answer is told by the client.
            let _ = connection.await;
        })
    }
}

/// A connection, which is closed when this is dropped.
pub(super) struct Session {
    client: Client,
    connection: JoinHandle<()>,
    /// Whether a question was not answered in time.
    is_hung: AtomicBool,
}

impl Session {
    pub(super) async fn connect(address: &Address) -> Result<Self, StoreError> {
        // A handshake is large, and whoever asks should not carry its space around.
        let (client, connection) = Box::pin(address.connect(Asking)).await?;
        let session = Self {
            client,
            connection,
            is_hung: AtomicBool::new(false),
        };
        within(SET_UP, async { Ok(session.batch_execute(SETTINGS).await?) }).await?;
        Ok(session)
    }

    /// Whether it can be used no more: it is closed, or a question on it was not answered in time.
    pub(super) fn is_over(&self) -> bool {
        self.is_closed() || self.is_hung.load(Ordering::Relaxed)
    }

    /// Has nobody use it any more.
    pub(super) fn give_up(&self) {
        self.is_hung.store(true, Ordering::Relaxed);
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Without this, a connection whose database hangs would stay with its question.
        self.connection.abort();
    }
}

/// Gives up on `work` after `patience`.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or(Err(StoreError::Away))
}

/// What tells other servers of `accounts`, a notification each.
pub(super) fn payloads(accounts: &[AccountId]) -> Vec<String> {
    accounts
        .chunks(NOTIFIED)
        .map(|chunk| chunk.iter().map(ToString::to_string).collect())
        .collect()
}

/// The accounts that a notification names.
pub(super) fn accounts_in(payload: &str) -> impl Iterator<Item = AccountId> + '_ {
    payload
        .as_bytes()
        .chunks(11)
        .filter_map(|id| std::str::from_utf8(id).ok()?.parse().ok())
}

/// Tells the other servers that `accounts` have news.
pub(super) async fn tell(client: &Client, accounts: &[AccountId]) -> Result<(), StoreError> {
    let notify = format!("SELECT pg_notify('{CHANNEL}', $1)");
    for payload in payloads(accounts) {
        client.query(&notify, &[&payload]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications_name_every_account() {
        let accounts: Vec<_> = (0..1_500u64)
            .map(|number| AccountId(number.to_be_bytes()))
            .collect();
        let payloads = payloads(&accounts);
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        let named: Vec<_> = payloads
            .iter()
            .flat_map(|payload| accounts_in(payload))
            .collect();
        assert_eq!(named, accounts);
    }

    #[test]
    fn each_host_has_all_settings() {
        let text = "postgres://kaifu:secret@a:1,b:2/events?target_session_attrs=read-write";
        let hosts = split(&text.parse().unwrap());
        for (config, (host, port)) in hosts.iter().zip([("a", 1), ("b", 2)]) {
            let expected = format!(
                "postgres://kaifu:secret@{host}:{port}/events?target_session_attrs=read-write"
            );
            assert_eq!(*config, expected.parse().unwrap());
        }
        assert_eq!(hosts.len(), 2);
    }
}
