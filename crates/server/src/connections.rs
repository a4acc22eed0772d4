//! Accepting connections, with bounds on what each may cost.

use crate::conversation::Manners;
use crate::failures::Failures;
use crate::metrics::Gauge;
use crate::settings::Limits;
use crate::site::Site;
use hyper_util::rt::TokioTimer;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

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
            let counted = Arc::clone(&counted);
            counted.rise();
            let (manners, stopping) = (Arc::clone(&manners), stop.subscribe());
            tokio::spawn(async move {
                manners.converse(stream, peer, stopping).await;
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
