//! The pages that people see: plain HTML that works without any script.

mod docs;
mod language;
mod recipient;
mod shell;
mod words;

pub(crate) use docs::docs;
pub(crate) use language::Language;
pub(crate) use recipient::{Button, Notice, RecipientPage, Undo, recipient};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::html;
use sha2::{Digest as _, Sha256};
use shell::{DOCS_STYLE, SCRIPT, STYLE, Shell, page};
use std::sync::LazyLock;

/// Nothing but the style sheets and the script that are ours, and forms that stay here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}' 'sha256-{}'; script-src 'sha256-{}'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(DOCS_STYLE),
        hash(SCRIPT),
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What every page and link says to browsers and search engines.
pub(crate) async fn guard(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "accept-language"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("x-robots-tag"),
            "noindex, nofollow, noarchive",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The token in a path such as `/r/<token>/read`, whatever it is worth.
pub(crate) fn token_in(uri: &Uri) -> &str {
    uri.path().split('/').nth(2).unwrap_or_default()
}

/// There is nothing at that address.
pub(crate) fn not_found(language: Language) -> Response {
    let words = language.words();
    let (title, text) = (&words.not_found_title, &words.not_found);
    message(StatusCode::NOT_FOUND, language, title, text)
}

/// The server leads nowhere.
pub(crate) fn no_links(language: Language) -> Response {
    let words = language.words();
    let (title, text) = (&words.not_found_title, &words.no_links);
    message(StatusCode::NOT_FOUND, language, title, text)
}

/// Where a link leads, for its reader to decide.
pub(crate) fn onward(target: &str, language: Language) -> Response {
    let words = language.words();
    let body = html! {
        main {
            h1 { (&*words.onward_title) }
            p.lead { (&*words.onward) }
            p { a href=(target) rel="noreferrer nofollow" { code { (target) } } }
            p.lead { (&*words.onward_note) }
        }
    };
    page(
        StatusCode::OK,
        language,
        &plain(language, &words.onward_title),
        &body,
    )
}

/// What was asked for could not be done; nothing has changed.
pub(crate) fn unavailable(language: Language) -> Response {
    let words = language.words();
    let (title, text) = (&words.unavailable_title, &words.unavailable);
    message(StatusCode::SERVICE_UNAVAILABLE, language, title, text)
}

/// A button was pressed more often than one day has room for; nothing has changed.
pub(crate) fn too_often(language: Language) -> Response {
    let words = language.words();
    let (title, text) = (&words.too_often_title, &words.too_often);
    message(StatusCode::TOO_MANY_REQUESTS, language, title, text)
}

/// A page that says one thing.
fn message(status: StatusCode, language: Language, title: &str, text: &str) -> Response {
    let body = html! { main { h1 { (title) } p.lead { (text) } } };
    page(status, language, &plain(language, title), &body)
}

/// The shell of a page that needs no script.
fn plain(language: Language, title: &str) -> Shell<'_> {
    Shell {
        style: STYLE,
        script: None,
        title,
        direction: &language.words().direction,
    }
}
