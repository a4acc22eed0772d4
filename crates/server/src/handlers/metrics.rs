//! Counting requests, and showing what was counted.

use crate::app::App;
use crate::connection::parked::Poll;
use crate::data_dir::{last_backup, room};
use crate::metrics::{Now, Route};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::time::Instant;

/// Times every request that goes through the table of routes.
pub(crate) async fn observe(
    State(app): State<App>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let route = Route::of(request.uri().path());
    // A poll that waited was asked long ago.
    let start = request
        .extensions()
        .get::<Poll>()
        .map_or_else(Instant::now, |poll| poll.asked.into_std());
    let response = next.run(request).await;
    app.metrics
        .request(route, response.status().as_u16(), start.elapsed());
    response
}

/// `GET /metrics` on the operator's listener.
pub(crate) async fn show(State(app): State<App>) -> Response {
    let health = app.store.health();
    let text = app.metrics.text(&Now {
        waiters: app.polls.waiters().count(),
        woken: app.polls.waiters().woken(),
        crowded_out: app.clients.accounts.crowded_out() + app.clients.errors.crowded_out(),
        spooled: health.spooled,
        database_up: health.database_up,
        disk_free: room(&app.folder).ok().map(|room| room.free),
        last_backup: last_backup(&app.data_dir),
        database_readable: health.readers_up,
        is_disk_low: app.recorder.room().is_low(),
    });
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
