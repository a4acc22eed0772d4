//! The recipient's own page and its buttons.

mod form;

use crate::app::App;
use crate::http::error::Error;
use crate::http::middleware::{Client, whole_seconds};
use crate::keys::page_proofs::Pace;
use crate::logging::log;
use crate::pages::{self, Button, Language, Notice, RecipientPage, Undo};
use crate::recorder::{self, NotRecorded, Outcome, Pressing, Requester};
use crate::store::{MessageRecord, Press, StoreError};
use axum::Extension;
use axum::extract::rejection::StringRejection;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use form::{Asked, Form};
use kaifu_core::id::EventId;
use kaifu_core::state::EventKind;
use kaifu_core::token::{Token, TokenKind};
use kaifu_protocol::api::Kind;

/// `GET /r/<token>`: what the recipient can do, and what is recorded about the message.
///
/// Looking at the page is not recorded, and changes nothing.
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
    let asked = Asked::of(query.as_deref().unwrap_or_default());
    page(&app, token, language, asked).await
}

/// `POST /r/<token>/<button>`: a press of a button.
///
/// Only a page of ours that is less than a day old can press. Without its nonce the page is shown
/// again, and nothing happens.
pub(crate) async fn press(
    State(app): State<App>,
    Extension(Client(client)): Extension<Client>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Response {
    let language = Language::of(&headers);
    if is_foreign(&headers) {
        return Error::ForeignOrigin.into_response();
    }
    let body = match body {
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Error::BodyTooLarge.into_response();
        }
        body => body.unwrap_or_default(),
    };
    let button = uri.path().rsplit('/').next().and_then(Button::named);
    let verified = app.verify_page(pages::token_in(&uri));
    let (Some(token), Some(button)) = (verified, button) else {
        return pages::not_found(language);
    };
    let form = Form::of(&body);
    let now = app.clock.now();
    let Some(pressed) = app.keys.pressed(&token, &form.nonce, button.name(), now) else {
        return page(&app, token, language, Notice::Stale.into()).await;
    };
    let requester = Requester {
        client,
        head: false,
        headers: &headers,
    };
    let press = Pressing {
        kind: EventKind::Read,
        id: pressed.event,
        is_quick: pressed.pace == Pace::Quick,
        press: Press::default(),
    };
    let recorded = match button {
        Button::Read | Button::Agree => answer(&app, token, button, form, press, &requester).await,
        Button::Refuse => refuse(&app, token, press, &requester).await,
        Button::Erase => erase(&app, token).await,
        Button::Undo => undo(&app, token, form, press, &requester).await,
        Button::Allow => allow(&app, token, press, &requester).await,
    };
    match recorded {
        Ok(asked) => back(token, &asked),
        Err(Failed::Gone) => pages::not_found(language),
        Err(Failed::TooMany) => too_often(&app, language),
        // A button must not claim what has not happened.
        Err(Failed::NotStored) => pages::unavailable(language),
    }
}

/// Why a press came to nothing.
enum Failed {
    /// The account is gone.
    Gone,
    /// The button was pressed as often as it can be today.
    TooMany,
    /// The store failed, which was counted and logged.
    NotStored,
}

impl From<NotRecorded> for Failed {
    fn from(_: NotRecorded) -> Self {
        Self::NotStored
    }
}

/// "I've read this" and "I agree": for the sender to know. An answer that only the other kind of
/// page offers is none.
async fn answer(
    app: &App,
    token: Token,
    button: Button,
    form: Form,
    pressing: Pressing,
    requester: &Requester<'_>,
) -> Result<Asked, Failed> {
    let asks_for_consent = token.kind() == TokenKind::ConsentPage;
    let kind = match button {
        Button::Agree if asks_for_consent => EventKind::Agree,
        Button::Read if !asks_for_consent => EventKind::Read,
        _ => return Ok(Notice::Stale.into()),
    };
    let (id, is_quick) = (pressing.id.to_string(), pressing.is_quick);
    let press = Press {
        undoes: None,
        sealed: form.sealed(),
    };
    let pressing = Pressing {
        kind,
        press,
        ..pressing
    };
    Ok(
        match app.recorder.press(token, pressing, requester).await? {
            // The page says that nothing is recorded any more.
            Outcome::Expired => Notice::None.into(),
            Outcome::TooMany => return Err(Failed::TooMany),
            Outcome::Recorded if is_quick => Notice::Unsure.into(),
            Outcome::Recorded => Asked {
                notice: Notice::Done(button),
                undo: Some(Undo {
                    proof: app.keys.undo_proof(&token, &id, app.clock.now()),
                    of: id,
                }),
            },
        },
    )
}

/// Nothing is recorded about the message from now on, on any server.
async fn refuse(
    app: &App,
    token: Token,
    pressing: Pressing,
    requester: &Requester<'_>,
) -> Result<Asked, Failed> {
    let pressing = Pressing {
        kind: EventKind::Refuse,
        // Whoever declines is not asked twice.
        is_quick: false,
        ..pressing
    };
    done(
        app.recorder.press(token, pressing, requester).await?,
        Button::Refuse,
    )
}

/// Forgets what was recorded about the message, but for a refusal.
async fn erase(app: &App, token: Token) -> Result<Asked, Failed> {
    let _turn = app.turns.take(token.account()).await;
    if !app.recorder.may_press(&token, recorder::Button::Erase) {
        return Err(Failed::TooMany);
    }
    let erased = app.store.erase(token.account(), token.message()).await;
    erased.map_err(|error| failed(app, &error))?;
    Ok(Notice::Done(Button::Erase).into())
}

/// Takes an answer back, for the page that answered it a moment ago.
async fn undo(
    app: &App,
    token: Token,
    form: Form,
    pressing: Pressing,
    requester: &Requester<'_>,
) -> Result<Asked, Failed> {
    let now = app.clock.now();
    let undoes = form.of.parse::<EventId>().ok();
    if undoes.is_none() || !app.keys.may_undo(&token, &form.of, &form.proof, now) {
        return Ok(Notice::Late.into());
    }
    let pressing = Pressing {
        kind: EventKind::Undo,
        is_quick: false,
        press: Press {
            undoes,
            sealed: None,
        },
        ..pressing
    };
    done(
        app.recorder.press(token, pressing, requester).await?,
        Button::Undo,
    )
}

/// Lifts a refusal, so that what comes from now on is recorded again.
async fn allow(
    app: &App,
    token: Token,
    pressing: Pressing,
    requester: &Requester<'_>,
) -> Result<Asked, Failed> {
    let record = record(app, token).await?.ok_or(Failed::Gone)?;
    let refusal = record.events.iter().find(|it| it.kind == Kind::Refuse);
    let pressing = Pressing {
        kind: EventKind::Undo,
        is_quick: false,
        press: Press {
            undoes: refusal.and_then(|it| it.id.parse().ok()),
            sealed: None,
        },
        ..pressing
    };
    done(
        app.recorder.allow(token, pressing, requester).await?,
        Button::Allow,
    )
}

/// What to say of a press that came to `outcome`.
fn done(outcome: Outcome, button: Button) -> Result<Asked, Failed> {
    match outcome {
        Outcome::TooMany => Err(Failed::TooMany),
        Outcome::Recorded | Outcome::Expired => Ok(Notice::Done(button).into()),
    }
}

/// What is stored about the token's message.
async fn record(app: &App, token: Token) -> Result<Option<MessageRecord>, Failed> {
    let _turn = app.turns.take(token.account()).await;
    let record = app.store.message(token.account(), token.message()).await;
    record.map_err(|error| failed(app, &error))
}

async fn page(app: &App, token: Token, language: Language, asked: Asked) -> Response {
    let record = match record(app, token).await {
        Ok(Some(record)) => record,
        Ok(None) | Err(Failed::Gone) => return pages::not_found(language),
        Err(Failed::NotStored | Failed::TooMany) => return pages::unavailable(language),
    };
    let now = app.clock.now();
    let may_undo = |undo: &Undo| {
        let is_stored = record.events.iter().any(|event| event.id == undo.of);
        is_stored && app.keys.may_undo(&token, &undo.of, &undo.proof, now)
    };
    pages::recipient(&RecipientPage {
        language,
        token: &token.to_string(),
        kind: token.kind(),
        record: &record,
        records: app.recorder.records(&token),
        retention: app.retention,
        nonce: app.keys.nonce(&token, now),
        undo: asked.undo.filter(may_undo),
        notice: asked.notice,
        operator: &app.operator,
        now,
    })
}

/// Whether another site's page has pressed the button: the recipient's own page sends no referrer,
/// so its `Origin` says nothing, but browsers say what the two sites are to each other.
fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Back to the page, so that a reload does not press the button again. A browser keeps what stands
/// behind the address, the key of sealed names.
fn back(token: Token, asked: &Asked) -> Response {
    let location = format!("/r/{token}{}", asked.query());
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

fn failed(app: &App, error: &StoreError) -> Failed {
    if matches!(error, StoreError::TooLong) {
        app.metrics.searches_ended.add(1);
    }
    log!(Error, "storage failed: {error}");
    Failed::NotStored
}
