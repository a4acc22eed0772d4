//! Creating and deleting accounts.

use crate::app::App;
use crate::handlers::credential::{self, Credential};
use crate::http::error::Error;
use crate::http::json::json;
use crate::http::middleware::{self, Client, whole_seconds};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kaifu_core::api_token::ApiToken;
use kaifu_core::id::AccountId;
use kaifu_protocol::api::NewAccount;
use std::time::Instant;

/// `POST /v1/accounts` with the body `{}`: a new account, with its key and bearer token.
pub(crate) async fn create(
    State(app): State<App>,
    Extension(Client(client)): Extension<Client>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    check_origin(&headers)?;
    check_type(&headers)?;
    check_body(body)?;
    if app.recorder.room().is_low() {
        app.metrics.without_room.add(1);
        return Err(Error::DiskLow);
    }
    let place = app
        .clients
        .accounts
        .reserve(client, Instant::now())
        .map_err(|wait| {
            app.metrics.limited_accounts.add(1);
            Error::TooManyAccounts {
                retry_after_secs: whole_seconds(wait),
            }
        })?;
    let account = make(&app).await?;
    place.commit();
    Ok(json(StatusCode::CREATED, &account))
}

async fn make(app: &App) -> Result<NewAccount, Error> {
    let (secret, credential) = credential::create()?;
    let account = loop {
        let mut id = [0; 8];
        getrandom::fill(&mut id)?;
        let id = AccountId(id);
        if app
            .store
            .create_account(id, credential, app.clock.now())
            .await?
        {
            break id;
        }
    };
    let key = app.keys.account_key(account, Instant::now());
    let key = key.ok_or(Error::NoKey)?.reveal();
    Ok(NewAccount {
        account: account.to_string(),
        key,
        api_token: ApiToken { account, secret }.reveal(),
    })
}

/// `DELETE /v1/account`: everything of the account is gone, and its tokens are dead.
pub(crate) async fn delete(
    State(app): State<App>,
    credential: Credential,
) -> Result<Response, Error> {
    let account = credential.account(&app).await?;
    app.store.delete_account(account).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes JSON that says so, which a form or a script of a foreign web page cannot send without
/// asking first.
fn check_type(headers: &HeaderMap) -> Result<(), Error> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|given| given.to_str().ok())
        .and_then(|given| given.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Error::UnsupportedMediaType)
    }
}

/// Refuses web pages: browsers say where a request comes from, and other clients say nothing.
fn check_origin(headers: &HeaderMap) -> Result<(), Error> {
    match headers.get(header::ORIGIN) {
        Some(origin) if !middleware::is_extension(origin) => Err(Error::ForeignOrigin),
        _ => Ok(()),
    }
}

/// Takes any JSON object, so that later versions may say more.
fn check_body(body: Result<Bytes, BytesRejection>) -> Result<(), Error> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge,
        _ => Error::Invalid {
            code: "unreadable_body",
            message: "the body could not be read",
        },
    })?;
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body)
        .map(|_| ())
        .map_err(|_| Error::Invalid {
            code: "invalid_body",
            message: "the body is a JSON object, such as {}",
        })
}
