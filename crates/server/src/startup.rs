//! Bringing a server up and down: open, listen, spawn tasks, accept.

mod listen;
mod open;

use crate::app::App;
use crate::connection::accept::{Acceptor, Endpoint, TlsLayer};
use crate::connection::places::Places;
use crate::failure::Failure;
use crate::http::host::Hosts;
use crate::keys::server_keys::KeyFile;
use crate::logging::log;
use crate::metrics::Gauge;
use crate::reload::{self, Reload};
use crate::router;
use crate::settings::Settings;
use crate::site::Site;
use crate::tasks;
use crate::tls::Tls;
use listen::{SideListeners, listen};
use open::{Opened, open};
use std::future::Future;
use std::io;
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
