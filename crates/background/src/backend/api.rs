//! The server's HTTP API, as the worker calls it.

use crate::backend::question::Question;
use crate::backend::refusal::BackendError;
use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Array, JSON, Reflect};
use kaifu_chrome::clock::{self, now};
use kaifu_chrome::convert::from_js;
use kaifu_core::backend::BackendUrl;
use kaifu_core::clock::Lead;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{ErrorBody, Event, EventsPage, NewAccount};
use kaifu_protocol::page::Raw;
use wasm_bindgen::{JsCast as _, JsValue};

/// Asks `backend` for a new account. It comes with how far the server's clock is ahead, where the
/// answer says when it was made.
pub(crate) async fn create_account(
    backend: &BackendUrl,
    question: &Question,
) -> Result<(NewAccount, Option<Lead>), BackendError> {
    let request = Request::post(&format!("{backend}/v1/accounts"))
        .credentials(web_sys::RequestCredentials::Omit)
        .header("content-type", "application/json")
        .abort_signal(question.signal().as_ref())
        .body("{}")
        .map_err(|_| BackendError::Unintelligible)?;
    let asked_at = now();
    let sent = request.send().await;
    let lead = lead(asked_at, &sent);
    let read = read(sent).await;
    question.unless_ended()?;
    let given = from_js(read?).map_err(|_| BackendError::Unintelligible)?;
    Ok((given, lead))
}

/// Has `backend` delete the account of a bearer token with all its events.
pub(crate) async fn delete_account(
    backend: &BackendUrl,
    api_token: &str,
    question: &Question,
) -> Result<(), BackendError> {
    let sent = plain(Request::delete(&format!("{backend}/v1/account")))
        .abort_signal(question.signal().as_ref())
        .bearer(api_token)
        .send()
        .await;
    match sent {
        Ok(response) if response.status() == 204 => Ok(()),
        sent => {
            let read = read(sent).await;
            question.unless_ended()?;
            read.and(Err(BackendError::Unintelligible))
        }
    }
}

/// A page of events, and what its answer told of the server's clock.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The events that this version can keep, and where to go on.
    pub(crate) page: EventsPage,
    /// Whether there may be more behind them.
    pub(crate) full: bool,
    /// How far the server's clock is ahead; `None` when the answer did not say when it was made.
    pub(crate) lead: Option<Lead>,
}

/// Which events are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The account's bearer token.
    pub(crate) api_token: &'a str,
    /// The cursor behind which they lie.
    pub(crate) after: u64,
    /// At most how many.
    pub(crate) limit: u32,
    /// How long the server may wait for one, in seconds.
    pub(crate) wait_secs: u32,
}

/// Asks `backend` for events.
pub(crate) async fn events(
    backend: &BackendUrl,
    asked: Asked<'_>,
    question: &Question,
) -> Result<Answer, BackendError> {
    let Asked {
        api_token,
        after,
        limit,
        wait_secs,
    } = asked;
    let url = format!("{backend}/v1/events?after={after}&limit={limit}&wait={wait_secs}");
    let asked_at = now();
    let response = plain(Request::get(&url))
        .abort_signal(question.signal().as_ref())
        .bearer(api_token)
        .send()
        .await;
    let lead = lead(asked_at, &response);
    let read = read(response).await;
    question.unless_ended()?;
    let raw = raw(&read?).ok_or(BackendError::Unintelligible)?;
    Ok(Answer {
        full: raw.len() >= limit as usize,
        page: raw.page(after),
        lead,
    })
}

/// The events one by one, so that one that cannot be read costs none of the others.
fn raw(value: &JsValue) -> Option<Raw> {
    let events: Array = Reflect::get(value, &"events".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let mut raw = Raw::new(from_js(Reflect::get(value, &"cursor".into()).ok()?).ok()?);
    for event in events.iter() {
        let seq = Reflect::get(&event, &"seq".into()).ok();
        let seq = seq.and_then(|seq| from_js(seq).ok());
        raw.push(seq, from_js::<Event>(event).ok());
    }
    Some(raw)
}

/// What an answer to what was asked at `asked_at` tells of the server's clock, while its head is here
/// and its body is not yet: the moment nearest to its making.
fn lead(asked_at: Millis, response: &Result<Response, gloo_net::Error>) -> Option<Lead> {
    let date = response.as_ref().ok()?.headers().get("date")?;
    Lead::of_answer(asked_at, now(), clock::parse(&date)?)
}

/// Without cookies and past every cache.
fn plain(request: RequestBuilder) -> RequestBuilder {
    request
        .credentials(web_sys::RequestCredentials::Omit)
        .cache(web_sys::RequestCache::NoStore)
}

trait Bearer {
    fn bearer(self, token: &str) -> Self;
}

impl Bearer for RequestBuilder {
    fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }
}

/// The JSON of a success.
async fn read(response: Result<Response, gloo_net::Error>) -> Result<JsValue, BackendError> {
    let response = response.map_err(|_| BackendError::Unreachable)?;
    let text = response.text().await;
    let text = text.map_err(|_| BackendError::Unreachable)?;
    // The browser's own parser is there anyway; another one is a tenth of the worker.
    let value = JSON::parse(&text).ok();
    match (response.status(), value) {
        (200 | 201, Some(value)) => Ok(value),
        (200 | 201, None) => Err(BackendError::Unintelligible),
        (status, value) => {
            let body = value.and_then(|value| from_js::<ErrorBody>(value).ok());
            let code = body.as_ref().map(|body| body.error.code.as_str());
            Err(BackendError::of_answer(status, code))
        }
    }
}
