//! The pages that people see: plain HTML without any script.

mod docs;
mod language;
mod receipt;
mod words;

pub(crate) use docs::docs;
pub(crate) use language::Language;
pub(crate) use receipt::{Done, Receipt, receipt};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = "\
    :root{color-scheme:light dark;font:1rem/1.6 system-ui,sans-serif}\
    body{max-width:42rem;margin:2rem auto;padding:0 1rem}\
    h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.1rem;margin-top:2rem}\
    table{border-collapse:collapse;width:100%}\
    th,td{text-align:start;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8886}\
    form{margin:1rem 0}button{font:inherit;padding:.5rem 1rem;min-width:14rem}\
    .done{border-inline-start:.3rem solid #2a7;padding:.5rem 1rem}\
    code{overflow-wrap:anywhere}small{display:block}";

/// Nothing but the one style sheet above, and forms that stay here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
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
    let words = words::of(language);
    let body = html! { p { (words.not_found) } };
    page(
        StatusCode::NOT_FOUND,
        language,
        words.not_found_title,
        &body,
    )
}

/// The server leads nowhere.
pub(crate) fn no_links(language: Language) -> Response {
    let words = words::of(language);
    let body = html! { p { (words.no_links) } };
    page(
        StatusCode::NOT_FOUND,
        language,
        words.not_found_title,
        &body,
    )
}

/// Where a link leads, for its reader to decide.
pub(crate) fn onward(target: &str, language: Language) -> Response {
    let words = words::of(language);
    let body = html! {
        p { (words.onward) }
        p { a href=(target) rel="noreferrer nofollow" { code { (target) } } }
        p { (words.onward_note) }
    };
    page(StatusCode::OK, language, words.onward_title, &body)
}

/// What was asked for could not be done; nothing has changed.
pub(crate) fn unavailable(language: Language) -> Response {
    let words = words::of(language);
    let body = html! { p { (words.unavailable) } };
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        language,
        words.unavailable_title,
        &body,
    )
}

/// A button was pressed more often than one day has room for; nothing has changed.
pub(crate) fn too_often(language: Language) -> Response {
    let words = words::of(language);
    let body = html! { p { (words.too_often) } };
    page(
        StatusCode::TOO_MANY_REQUESTS,
        language,
        words.too_often_title,
        &body,
    )
}

/// A whole page.
pub(crate) fn page(status: StatusCode, language: Language, title: &str, body: &Markup) -> Response {
    let whole = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let content_language = HeaderValue::from_static(language.code());
    (
        status,
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_LANGUAGE, content_language),
        ],
        whole.into_string(),
    )
        .into_response()
}
