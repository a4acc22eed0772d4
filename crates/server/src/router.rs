//! The table of routes, for everything but images.

use crate::app::App;
use crate::handlers::{accounts, events, health, link, metrics, openapi, pixel, receipt};
use crate::http::error::Error;
use crate::http::host::{self, Hosts};
use crate::http::middleware;
use crate::pages;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{any, delete, get, post};
use kaifu_core::backend::BackendUrl;

/// How large a body may be, in bytes.
const BODY_MAX: usize = 1_024;

/// What recipients and clients are answered who ask by one of `hosts`.
pub(crate) fn router(app: App, hosts: &Hosts) -> Router {
    let quick = app.request_timeout;

    let v1 = Router::new()
        .route("/v1/openapi.json", get(openapi::show))
        .route("/v1/accounts", post(accounts::create))
        .route("/v1/account", delete(accounts::delete))
        .route("/v1/events", get(events::list))
        .layer(from_fn_with_state(quick, middleware::time_limit))
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(from_fn_with_state(app.clone(), middleware::know_client))
        .layer(middleware::cors());

    let pages = Router::new()
        .route("/docs", get(openapi::docs))
        .route("/l/{token}", get(link::follow))
        .route("/r/{token}", get(receipt::show))
        .route("/r/{token}/read", post(receipt::press))
        .route("/r/{token}/agree", post(receipt::press))
        .route("/r/{token}/refuse", post(receipt::press))
        .route("/r/{token}/erase", post(receipt::press))
        .route("/r/{token}/undo", post(receipt::press))
        .route("/r/{token}/allow", post(receipt::press))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(quick, middleware::time_limit))
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(from_fn_with_state(app.clone(), middleware::know_client))
        .layer(from_fn_with_state(hosts.clone(), host::check))
        .layer(from_fn(pages::guard));

    let health = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(from_fn_with_state(quick, middleware::time_limit));

    Router::new()
        .merge(v1)
        .merge(health)
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(hosts.clone(), host::check))
        .layer(from_fn(middleware::guard))
        .merge(pages)
        // Images are answered before it comes to this table.
        .route("/p/{*name}", any(pixel::refuse_method))
        .layer(from_fn_with_state(app.clone(), middleware::transport))
        .layer(from_fn_with_state(app.clone(), metrics::observe))
        .with_state(app)
}

/// What stands on the second listener.
pub(crate) fn for_operators(app: App, hosts: Hosts) -> Router {
    Router::new()
        .route("/metrics", get(metrics::show))
        .fallback(async || Error::NotFound)
        .layer(from_fn_with_state(hosts, host::check))
        .layer(from_fn(middleware::guard))
        .with_state(app)
}

/// What answers to plain http where connections are encrypted: the same address under `to`.
pub(crate) fn for_redirects(to: &BackendUrl) -> Router {
    let to = to.to_string();
    Router::new()
        .fallback(async move |uri: Uri| {
            let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
            Redirect::permanent(&format!("{to}{target}"))
        })
        .layer(from_fn(middleware::guard))
}
