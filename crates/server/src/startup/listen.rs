//! Listening, and saying where.

use crate::failure::{Failure, Listener};
use crate::http::host::Hosts;
use crate::logging::log;
use crate::settings::Settings;
use kaifu_core::backend::{BackendUrl, Reach};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// The listeners beside the main one.
pub(super) struct SideListeners {
    /// For the operator's metrics.
    pub(super) metrics: Option<(TcpListener, Hosts)>,
    /// For plain http, and where its requests are sent on to.
    pub(super) redirects: Option<(TcpListener, BackendUrl)>,
}

/// Listens wherever else that is asked for, and logs where the server can be reached. The main
/// address comes last: parent processes take the others to be known then.
pub(super) async fn listen(
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
