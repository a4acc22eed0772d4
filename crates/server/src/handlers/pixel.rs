//! The tracking image.

use crate::app::App;
use crate::clock;
use crate::store::NewOpen;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use kaifu_core::fetch::{Fetch, classify};
use kaifu_core::state::EventKind;
use kaifu_core::token::{Kind, Token};
use std::time::Instant;

/// The smallest image that every mail program shows: one transparent pixel.
const GIF: &[u8; 43] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\
    !\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;";

/// `GET|HEAD /p/<token>.gif`: always the image. A fetch with a token of ours is stored before the
/// answer; whatever else happens shows in the answer by nothing but its time.
pub(crate) async fn show(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if let Some(token) = token_in(uri.path(), &app) {
        record(&app, token, method == Method::HEAD, &headers).await;
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
    Token::verify(text, &app.key, b"")
        .ok()
        .filter(|token| token.kind() == Kind::Pixel)
}

async fn record(app: &App, token: Token, head: bool, headers: &HeaderMap) {
    let verdict = classify(&Fetch {
        head,
        user_agent: &headers
            .get(header::USER_AGENT)
            .map_or("".into(), |agent| String::from_utf8_lossy(agent.as_bytes())),
        prefetch: ["purpose", "sec-purpose"]
            .iter()
            .any(|name| announces_prefetch(headers, name)),
        ..Fetch::default()
    });
    let stored = app.store.record(NewOpen {
        account: token.account(),
        message: token.message(),
        kind: EventKind::Pixel,
        at: clock::now(),
        verdict,
    });
    let reason = match tokio::time::timeout(app.limits.record_timeout, stored).await {
        Ok(Ok(_)) => return app.metrics.open(verdict.class),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "storage does not answer".to_owned(),
    };
    app.metrics.lost.add(1);
    if let Some(events) = app.lost_events.count(Instant::now()) {
        tracing::error!(
            events,
            "images were answered without an event being acknowledged: {reason}"
        );
    }
}

/// Whether the header says that nobody has asked to see the image yet, as in
/// `Sec-Purpose: prefetch;prerender`.
fn announces_prefetch(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        ["prefetch", "prerender", "preview"]
            .iter()
            .any(|purpose| value.contains(purpose))
    })
}
