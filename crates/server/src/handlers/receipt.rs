//! The recipient's own page and its buttons.

use crate::app::App;
use crate::http::error::Error;
use crate::http::middleware::{Client, whole_seconds};
use crate::logging::log;
use crate::pages::{self, Done, Language, Receipt};
use crate::recorder::{Button, Outcome, Requester};
use crate::store::StoreError;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use kaifu_core::state::EventKind;
use kaifu_core::token::Token;
use kaifu_protocol::api::Kind;

/// `GET /r/<token>`: what is recorded about the message, and what its recipient can do.
///
/// Looking at the page is not recorded.
pub(crate) async fn show(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    let Some(token) = app.verify_page(pages::token_in(&uri)) else {
        return pages::not_found(language);
    };
    let _turn = app.turns.take(token.account()).await;
    match app.store.message(token.account(), token.message()).await {
        Ok(Some(record)) => pages::receipt(&Receipt {
            language,
            token: pages::token_in(&uri),
            record: &record,
            records: app.recorder.records(&token),
            retention: app.retention,
            done: query.as_deref().and_then(Done::named),
        }),
        Ok(None) => pages::not_found(language),
        Err(error) => unavailable(&app, &error, language),
    }
}

/// `POST /r/<token>/read`: the recipient says that they have read the message.
pub(crate) async fn read(
    State(app): State<App>,
    client: Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let done = (EventKind::Read, Done::Read);
    press(&app, client, pages::token_in(&uri), done, &headers).await
}

/// `POST /r/<token>/refuse`: nothing is recorded about the message from now on.
pub(crate) async fn refuse(
    State(app): State<App>,
    client: Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let done = (EventKind::Refuse, Done::Refuse);
    press(&app, client, pages::token_in(&uri), done, &headers).await
}

/// `POST /r/<token>/erase`: forgets what was recorded about the message, but for a refusal.
pub(crate) async fn erase(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    if is_foreign(&headers) {
        return Error::ForeignOrigin.into_response();
    }
    let language = Language::of(&headers);
    let Some(token) = app.verify_page(pages::token_in(&uri)) else {
        return pages::not_found(language);
    };
    let _turn = app.turns.take(token.account()).await;
    if !app.recorder.may_press(&token, Button::Erase) {
        return too_often(&app, language);
    }
    match app.store.erase(token.account(), token.message()).await {
        Ok(()) => back(token, Some(Done::Erase)),
        Err(error) => unavailable(&app, &error, language),
    }
}

/// `POST /r/<token>/allow`: lifts a refusal, so that what comes from now on is recorded again.
pub(crate) async fn allow(
    State(app): State<App>,
    Extension(Client(client)): Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if is_foreign(&headers) {
        return Error::ForeignOrigin.into_response();
    }
    let language = Language::of(&headers);
    let Some(token) = app.verify_page(pages::token_in(&uri)) else {
        return pages::not_found(language);
    };
    let _turn = app.turns.take(token.account()).await;
    let record = match app.store.message(token.account(), token.message()).await {
        Ok(Some(record)) => record,
        Ok(None) => return pages::not_found(language),
        Err(error) => return unavailable(&app, &error, language),
    };
    let refusal = record
        .events
        .iter()
        .find(|event| event.kind == Kind::Refuse);
    let of = refusal.and_then(|event| event.id.parse().ok());
    let requester = Requester {
        client,
        head: false,
        headers: &headers,
    };
    match app.recorder.allow(token, of, &requester).await {
        Ok(Outcome::TooMany) => too_often(&app, language),
        Ok(_) => back(token, None),
        Err(_) => pages::unavailable(language),
    }
}

async fn press(
    app: &App,
    Extension(Client(client)): Extension<Client>,
    text: &str,
    (kind, done): (EventKind, Done),
    headers: &HeaderMap,
) -> Response {
    let language = Language::of(headers);
    if is_foreign(headers) {
        return Error::ForeignOrigin.into_response();
    }
    let Some(token) = app.verify_page(text) else {
        return pages::not_found(language);
    };
    let requester = Requester {
        client,
        head: false,
        headers,
    };
    match app.recorder.record(token, kind, &requester).await {
        Ok(Outcome::Recorded) => back(token, Some(done)),
        Ok(Outcome::TooMany) => too_often(app, language),
        // The page says that nothing is recorded any more.
        Ok(Outcome::Expired) => back(token, None),
        // A button must not claim what has not happened.
        Err(_) => pages::unavailable(language),
    }
}

/// Whether another site's page has pressed the button: the recipient's own page sends no referrer,
/// so its `Origin` says nothing, but browsers say what the two sites are to each other.
fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Back to the page, so that a reload does not press the button again.
fn back(token: Token, done: Option<Done>) -> Response {
    let done = done.map_or_else(String::new, |done| format!("?done={}", done.name()));
    let location = format!("/r/{token}{done}");
    match HeaderValue::from_str(&location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NO_CONTENT.into_response(),
    }
}

/// The button was pressed as often as it can be today.
fn too_often(app: &App, language: Language) -> Response {
    let wait = whole_seconds(app.recorder.until_tomorrow());
    let mut response = pages::too_often(language);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, wait.into());
    response
}

fn unavailable(app: &App, error: &StoreError, language: Language) -> Response {
    if matches!(error, StoreError::TooLong) {
        app.metrics.searches_ended.add(1);
    }
    log!(Error, "storage failed: {error}");
    pages::unavailable(language)
}
