//! Connections to PostgreSQL.

use crate::store::StoreError;
use kaifu_core::id::AccountId;
use std::future::Future;
use std::ops::Deref;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

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
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// With `sslmode=require` the database has to show a certificate that this system trusts;
    /// otherwise nothing is encrypted.
    pub(super) fn new(mut config: Config) -> Result<Self, StoreError> {
        // A database that is gone without a word is noticed in seconds.
        config
            .connect_timeout(Duration::from_secs(3))
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
        Ok(Self { config, tls })
    }

    /// Connects, and has `drive` keep the connection going.
    pub(super) async fn connect<D: Drive>(
        &self,
        drive: D,
    ) -> Result<(Client, D::Driving), StoreError> {
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await?;
            Ok((client, drive.drive(connection)))
        } else {
            let (client, connection) = self.config.connect(NoTls).await?;
            Ok((client, drive.drive(connection)))
        }
    }
}

/// Keeps a connection going, with TLS or without.
pub(super) trait Drive {
    type Driving;

    fn drive<T>(self, connection: Connection<Socket, T>) -> Self::Driving
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static;
}

/// Answers questions and nothing else.
struct Ask;

impl Drive for Ask {
    type Driving = JoinHandle<()>;

    fn drive<T>(self, connection: Connection<Socket, T>) -> JoinHandle<()>
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
}

impl Session {
    pub(super) async fn connect(address: &Address) -> Result<Self, StoreError> {
        // A handshake is large, and whoever asks should not carry its space around.
        let connect = Box::pin(async {
            let (client, connection) = address.connect(Ask).await?;
            let session = Self { client, connection };
            session.batch_execute(SETTINGS).await?;
            Ok(session)
        });
        within(CONNECT, connect).await
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
}
