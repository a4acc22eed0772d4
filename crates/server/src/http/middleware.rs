//! What stands before every handler of the API.

use super::error::Error;
use crate::app::App;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header, request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long an address of the API may be, in bytes.
const URI_MAX: usize = 2_048;

/// Who is at the other end of the connection. Only for limits; never stored and never logged.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Whose request it is. Only for limits; never stored and never logged.
#[derive(Clone, Copy)]
pub(crate) struct Client(pub(crate) IpAddr);

/// `wait` in seconds, rounded up.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Finds out whose request it is. Of a network whose requests have failed too often, those that fail
/// once more are told so, and nothing else; those that are right are answered whatever others did.
pub(crate) async fn know_client(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let headers = request.headers();
    let client = app.clients.address(peer, headers);
    request.extensions_mut().insert(Client(client));
    let response = next.run(request).await;
    let status = response.status();
    // Who was told to come later has not failed.
    if !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return response;
    }
    match app.clients.errors.take(client, Instant::now()) {
        Ok(()) => response,
        Err(wait) => {
            app.metrics.limited_errors.add(1);
            Error::TooManyErrors {
                retry_after_secs: whole_seconds(wait),
            }
            .into_response()
        }
    }
}

/// Lets browser extensions call the API, and no web page.
pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _: &request::Parts| {
            is_extension(origin)
        }))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_hours(1))
}

/// Whether a request comes from a browser extension.
pub(crate) fn is_extension(origin: &HeaderValue) -> bool {
    let host = |scheme: &str| {
        origin
            .to_str()
            .ok()?
            .strip_prefix(scheme)
            .map(str::to_owned)
    };
    host("chrome-extension://")
        .or_else(|| host("moz-extension://"))
        .is_some_and(|host| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Says to browsers that an answer of the API is data, for its caller alone.
pub(crate) async fn guard(request: Request<Body>, next: Next) -> Response {
    let target = request
        .uri()
        .path_and_query()
        .map_or("", |target| target.as_str());
    let mut response = if target.len() > URI_MAX {
        Error::UriTooLong.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Has browsers come by https alone from now on, where this server speaks it.
pub(crate) async fn transport(
    State(app): State<App>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if app.is_encrypted {
        let name = header::STRICT_TRANSPORT_SECURITY;
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(name, year);
    }
    response
}

/// Gives up on a request that is not answered within `limit`.
pub(crate) async fn time_limit(
    State(limit): State<Duration>,
    request: Request<Body>,
    next: Next,
) -> Response {
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| Error::Timeout.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_extensions_are_let_in() {
        for (origin, expected) in [
            ("chrome-extension://abcdefghijklmnopabcdefghijklmnop", true),
            ("moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc", true),
            ("chrome-extension://", false),
            ("chrome-extension://a/b", false),
            ("https://chrome-extension.example.org", false),
            ("https://example.org", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(
                is_extension(&HeaderValue::from_static(origin)),
                expected,
                "{origin}"
            );
        }
    }
}
