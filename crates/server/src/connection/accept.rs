//! Accepting connections, with bounds on what each may cost.

use super::places::{Place, Places};
use super::serve::{Answer, ConnectionConfig};
use crate::logging::log;
use crate::metrics::Metrics;
use crate::settings::Limits;
use crate::tls;
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How large a request's head may be, in bytes.
const HEAD_MAX: usize = 16 * 1_024;

/// How long to leave a system alone that has no file descriptors or memory for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Where connections come from, and how they are encrypted.
pub(crate) struct Endpoint {
    /// Where clients connect.
    pub(crate) listener: TcpListener,
    /// What encrypts, where this server does.
    pub(crate) tls: Option<TlsLayer>,
}

impl From<TcpListener> for Endpoint {
    fn from(listener: TcpListener) -> Self {
        Self {
            listener,
            tls: None,
        }
    }
}

/// What encrypts connections.
#[derive(Clone)]
pub(crate) struct TlsLayer {
    /// Certificates and protocols.
    pub(crate) config: Arc<ServerConfig>,
    /// Where failed handshakes are counted.
    pub(crate) metrics: Arc<Metrics>,
}

impl TlsLayer {
    /// Encrypts `stream`, unless its client cannot, takes longer than `timeout`, or is a
    /// certificate authority that has now seen what it wanted to see.
    async fn accept<S>(&self, stream: S, timeout: Duration) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let handshake = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream);
        let Ok(Ok(mut stream)) = tokio::time::timeout(timeout, handshake).await else {
            self.metrics.failed_handshakes.add(1);
            return None;
        };
        if stream.get_ref().1.alpn_protocol() == Some(tls::CHALLENGE) {
            // Whether it hears of the end does not matter.
            let _ = stream.shutdown().await;
            return None;
        }
        Some(stream)
    }
}

/// Accepts connections and has `answer` answer what is asked on them.
pub(crate) struct Acceptor<A> {
    endpoint: Endpoint,
    config: Arc<ConnectionConfig<A>>,
    limits: Limits,
    places: Arc<Places>,
}

impl<A: Answer> Acceptor<A> {
    /// An acceptor within `limits`, whose connections have `places`.
    pub(crate) fn new(endpoint: Endpoint, answer: A, limits: &Limits, places: Places) -> Self {
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_timeout)
            // A client that has asked and closes its sending half still wants the answer.
            .half_close(true)
            .max_buf_size(HEAD_MAX)
            // An answer is small, so copying it together costs less than writing its parts.
            .writev(false);
        let config = Arc::new(ConnectionConfig {
            http,
            answer,
            write_timeout: limits.write_timeout,
        });
        Self {
            endpoint,
            config,
            limits: limits.clone(),
            places: Arc::new(places),
        }
    }

    /// Accepts connections until `shutdown` completes; then calls `on_stop`, accepts no more and
    /// waits for requests under way, up to the time limit for that.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>, on_stop: impl FnOnce()) {
        let (stop, _) = watch::channel(false);
        tokio::select! {
            biased;
            () = shutdown => {}
            () = self.accept_all(&stop) => {}
        }
        let drain_timeout = self.limits.drain_timeout;
        drop(self);
        on_stop();
        stop.send_replace(true);
        if tokio::time::timeout(drain_timeout, stop.closed())
            .await
            .is_err()
        {
            log!(Warn, "gave up on requests that were still under way");
        }
    }

    async fn accept_all(&self, stop: &watch::Sender<bool>) {
        loop {
            match self.endpoint.listener.accept().await {
                Ok((stream, peer)) => {
                    // Answers are single small writes, which must not wait for more.
                    let _ = stream.set_nodelay(true);
                    if let Some(place) = self.places.take(peer).await {
                        self.spawn(stream, peer, place, stop.subscribe());
                    }
                }
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    log!(Error, "cannot accept connections: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves a connection in a task of its own, encrypted where this server encrypts.
    fn spawn(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: Place,
        mut stopping: watch::Receiver<bool>,
    ) {
        let config = Arc::clone(&self.config);
        let Some(tls) = self.endpoint.tls.clone() else {
            tokio::spawn(async move {
                config.serve(stream, peer, place, stopping).await;
            });
            return;
        };
        let timeout = self.limits.handshake_timeout;
        tokio::spawn(async move {
            let encrypted = tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => None,
                () = place.closing() => None,
                encrypted = tls.accept(stream, timeout) => encrypted,
            };
            if let Some(stream) = encrypted {
                config.serve(stream, peer, place, stopping).await;
            }
        });
    }
}

/// Whether an error of `accept` is about the one connection only.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
