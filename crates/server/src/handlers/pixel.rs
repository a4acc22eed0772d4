//! The tracking image.

use crate::app::App;
use crate::client_address;
use crate::handlers::record::{Asked, record};
use crate::http::Peer;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use kaifu_core::state::EventKind;
use kaifu_core::token::{Kind, Token};

/// The smallest image that every mail program shows: one transparent pixel.
const GIF: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\
    !\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;";

/// `GET|HEAD /p/<token>.gif`: always the image. A fetch with a token of ours is stored before the
/// answer; whatever else happens shows in the answer by nothing but its time.
pub(crate) async fn show(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if let Some(token) = token_in(uri.path(), &app) {
        // The image is served either way.
        let asked = Asked {
            client: client_address::of(peer, &headers, &app.trusted_proxies),
            head: method == Method::HEAD,
            headers: &headers,
        };
        let _ = record(&app, token, EventKind::Pixel, &asked).await;
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
    response
}

fn token_in(path: &str, app: &App) -> Option<Token> {
    let text = path.strip_prefix("/p/")?.strip_suffix(".gif")?;
    app.verify(Kind::Pixel, text, b"")
}
