//! The tracking image.

use crate::app::App;
use crate::http::error::Error;
use crate::recorder::Requester;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Response, header};
use axum::response::IntoResponse;
use kaifu_core::state::EventKind;
use kaifu_core::token::{Token, TokenKind};
use std::net::SocketAddr;
use std::time::Instant;

/// The smallest image that every mail program shows: one transparent pixel.
const GIF: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\
    !\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;";

/// Whether a request is for an image: `GET|HEAD /p/<token>.gif`, or whatever else lies under `/p/`.
pub(crate) fn is_asked(method: &Method, path: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && path.starts_with("/p/")
}

/// Always the image. A fetch with a token of ours in `path`, the request's in its usual spelling, is
/// stored before the answer; whatever else happens shows in the answer by nothing but its time.
pub(crate) async fn show(
    app: &App,
    peer: SocketAddr,
    request: &Parts,
    path: &str,
) -> Response<Body> {
    let start = Instant::now();
    if let Some(token) = token_in(path, app) {
        // The image is served either way.
        let requester = Requester {
            client: app.clients.address(peer, &request.headers),
            head: request.method == Method::HEAD,
            headers: &request.headers,
        };
        let _ = app
            .recorder
            .record(token, EventKind::Pixel, &requester)
            .await;
    }
    let mut response = Response::new(Body::from(GIF.as_slice()));
    let answer = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "image/gif"),
        (header::CONTENT_LENGTH, "43"),
        (
            header::CACHE_CONTROL,
            "no-store, no-cache, must-revalidate, private, max-age=0",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        answer.insert(name, HeaderValue::from_static(value));
    }
    app.metrics.image(start.elapsed());
    response
}

/// Any other method at the image's address.
pub(crate) async fn refuse_method() -> impl IntoResponse {
    ([(header::ALLOW, "GET,HEAD")], Error::MethodNotAllowed)
}

fn token_in(path: &str, app: &App) -> Option<Token> {
    let text = path.strip_prefix("/p/")?.strip_suffix(".gif")?;
    app.verify(TokenKind::Image, text, b"")
}
