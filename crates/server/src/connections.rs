//! Accepting connections, with bounds on what each may cost.

use crate::failures::Failures;
use crate::impatient::Impatient;
use crate::metrics::Gauge;
use crate::settings::Limits;
use crate::site::Site;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How large a request's head may be, in bytes.
const HEAD_MAX: usize = 16 * 1_024;

/// How long to leave a system alone that has no file descriptors or memory for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until `shutdown` completes; then calls `on_stop`, accepts no more and waits
/// for requests under way, though not for ever.
pub(crate) async fn serve(
    listener: TcpListener,
    site: Site,
    limits: &Limits,
    counted: Arc<Gauge>,
    shutdown: impl Future<Output = ()>,
    on_stop: impl FnOnce(),
) {
    let connections = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(HEAD_MAX)
        // An answer is small, so copying it together costs less than writing its parts.
        .writev(false);
    let refused = Failures::default();
    let places = Arc::new(Semaphore::new(limits.connections));
    let accept = async {
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
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
            let site = site.clone();
            let service = service_fn(move |request| {
                let site = site.clone();
                async move { site.answer(peer, request).await }
            });
            let connection = http.serve_connection(
                TokioIo::new(Impatient::new(stream, limits.write_timeout)),
                service,
            );
            let connection = connections.watch(connection);
            let counted = Arc::clone(&counted);
            counted.rise();
            tokio::spawn(async move {
                // A connection that breaks is its client's affair.
                let _ = connection.await;
                counted.fall();
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
    if tokio::time::timeout(limits.drain_timeout, connections.shutdown())
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
