//! Following a tracked link.

use crate::app::App;
use crate::http::middleware::Client;
use crate::pages::{self, Language};
use crate::recorder::Requester;
use crate::settings::Links;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use kaifu_core::state::EventKind;
use kaifu_core::token::{Token, TokenKind};

/// What a link may lead to; a program or script is nothing that a mail links to.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// `GET /l/<token>?u=<target>`: leads to the target, which the token's tag covers, at once or by a
/// page in between. Where the operator allows no links there is nothing.
pub(crate) async fn follow(
    State(app): State<App>,
    Extension(Client(client)): Extension<Client>,
    uri: Uri,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    if app.links == Links::Off {
        return pages::no_links(language);
    }
    let found = target(query.as_deref().unwrap_or_default())
        .and_then(|target| destination(&app, pages::token_in(&uri), target));
    let Some((token, target)) = found else {
        return pages::not_found(language);
    };
    // The link works either way.
    let requester = Requester {
        client,
        head: method == Method::HEAD,
        headers: &headers,
    };
    let _ = app
        .recorder
        .record(token, EventKind::Link, &requester)
        .await;
    match (app.links, HeaderValue::from_str(&target)) {
        (Links::Redirect, Ok(target)) => {
            (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
        }
        _ => pages::onward(&target, language),
    }
}

/// The one `u` of `query`, percent-decoded. A plus sign stays one, as in the path of an address.
fn target(query: &str) -> Option<String> {
    let query = query.replace('+', "%2B");
    let mut targets = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "u");
    let target = targets.next()?.1.into_owned();
    targets.next().is_none().then_some(target)
}

fn destination(app: &App, text: &str, target: String) -> Option<(Token, String)> {
    let token = app.verify(TokenKind::Link, text, target.as_bytes())?;
    let is_known = SCHEMES.iter().any(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    // Spaces and control characters could make a browser read another address than was signed.
    let is_plain = target.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    (is_known && is_plain).then_some((token, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_read_as_it_was_signed() {
        for (query, expected) in [
            (
                "u=https%3A%2F%2Fexample.org%2F%3Fa%3D1%26b%3D2",
                Some("https://example.org/?a=1&b=2"),
            ),
            ("u=https://example.org/a+b", Some("https://example.org/a+b")),
            (
                "u=https://example.org/a%2Bb%20c",
                Some("https://example.org/a+b c"),
            ),
            (
                "x=1&u=mailto:me%40example.org",
                Some("mailto:me@example.org"),
            ),
            ("u=https://example.org&u=https://example.com", None),
            ("", None),
            ("U=https://example.org", None),
        ] {
            assert_eq!(target(query).as_deref(), expected, "{query}");
        }
    }
}
