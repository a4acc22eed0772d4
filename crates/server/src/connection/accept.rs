//! Accepting connections, with bounds on what each may cost.

use crate::connection::serve::Manners;
use crate::log_throttle::Failures;
use crate::metrics::{Gauge, Metrics};
use crate::settings::Limits;
use crate::site::Site;
use crate::tls;
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How large a request's head may be, in bytes.
const HEAD_MAX: usize = 16 * 1_024;

/// How long to leave a system alone that has no file descriptors or memory for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Where connections come from.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<Lock>,
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self {
            listener,
            tls: None,
        }
    }
}

/// What encrypts connections.
#[derive(Clone)]
pub(crate) struct Lock {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Lock {
    /// Encrypts `stream`, unless its client cannot, takes longer than `patience`, or is a
    /// certificate authority that has now seen what it wanted to see.
    async fn close<S>(&self, stream: S, patience: Duration) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let handshake = TlsAcceptor::from(Arc::clone(&self.config)).accept(stream);
        let Ok(Ok(mut stream)) = tokio::time::timeout(patience, handshake).await else {
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

/// A connection's place among those that may be open at once.
struct Place {
    counted: Arc<Gauge>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counted.fall();
    }
}

/// Serves connections until `shutdown` completes; then calls `on_stop`, accepts no more and waits
/// for requests under way, though not for ever.
pub(crate) async fn serve(
    Door { listener, tls }: Door,
    site: Site,
    limits: &Limits,
    counted: Arc<Gauge>,
    shutdown: impl Future<Output = ()>,
    on_stop: impl FnOnce(),
) {
    let (stop, _) = watch::channel(false);
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(HEAD_MAX)
        // An answer is small, so copying it together costs less than writing its parts.
        .writev(false);
    let manners = Arc::new(Manners {
        http,
        site,
        patience: limits.write_timeout,
    });
    let refused = Failures::default();
    let places = Arc::new(Semaphore::new(limits.connections));
    let accept = async {
        loop {
            // It is never closed.
            let permit = Arc::clone(&places).acquire_owned().await.ok();
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_the_clients(&error) => continue,
                Err(error) => {
                    if let Some(times) = refused.count(Instant::now()) {
                        tracing::error!(times, "cannot accept connections: {error}");
                    }
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            // Answers are single small writes, which must not wait for more.
            let _ = stream.set_nodelay(true);
            counted.rise();
            let place = Place {
                counted: Arc::clone(&counted),
                _permit: permit,
            };
            let (manners, mut stopping) = (Arc::clone(&manners), stop.subscribe());
            let Some(lock) = &tls else {
                tokio::spawn(async move {
                    manners.converse(stream, peer, stopping).await;
                    drop(place);
                });
                continue;
            };
            let (lock, patience) = (lock.clone(), limits.head_timeout);
            tokio::spawn(async move {
                let closed = tokio::select! {
                    _ = stopping.wait_for(|stopping| *stopping) => None,
                    closed = lock.close(stream, patience) => closed,
                };
                if let Some(stream) = closed {
                    manners.converse(stream, peer, stopping).await;
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        biased;
        () = shutdown => {}
        () = accept => {}
    }
    drop(listener);
    on_stop();
    stop.send_replace(true);
    if tokio::time::timeout(limits.drain_timeout, stop.closed())
        .await
        .is_err()
    {
        tracing::warn!("gave up on requests that were still under way");
    }
}

/// Whether an error of `accept` is about the one connection only.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
