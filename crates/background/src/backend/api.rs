//! The server's HTTP API, as the worker calls it.

use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::JSON;
use kaifu_chrome::clock::{self, now};
use kaifu_chrome::convert::from_js;
use kaifu_core::backend::BackendUrl;
use kaifu_core::clock::Lead;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{EventsPage, NewAccount};
use kaifu_protocol::pages::Problem;
use serde::de::DeserializeOwned;
use web_sys::AbortSignal;

/// Why the server did not give what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BackendError {
    /// No answer came.
    #[error("the server does not answer")]
    Unreachable,
    /// It does not know this account.
    #[error("the server does not know this account")]
    Rejected,
    /// It asks for patience.
    #[error("the server asks for patience")]
    Busy,
    /// It answered something that no Kaifu server answers.
    #[error("the server answered something else")]
    Unintelligible,
}

impl From<BackendError> for Problem {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unreachable => Self::Unreachable,
            BackendError::Rejected => Self::Rejected,
            BackendError::Busy => Self::Busy,
            BackendError::Unintelligible => Self::Unintelligible,
        }
    }
}

/// Asks `backend` for a new account.
pub(crate) async fn create_account(backend: &BackendUrl) -> Result<NewAccount, BackendError> {
    let request = Request::post(&format!("{backend}/v1/accounts"))
        .header("content-type", "application/json")
        .body("{}")
        .map_err(|_| BackendError::Unintelligible)?;
    read(request.send().await).await
}

/// A page of events, and what its answer told of the server's clock.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The events.
    pub(crate) page: EventsPage,
    /// How far the server's clock is ahead; `None` when the answer did not say when it was made.
    pub(crate) lead: Option<Lead>,
}

/// Asks `backend` for the events after `cursor`, at most `limit`; waits up to `wait_secs` for one.
pub(crate) async fn events(
    backend: &BackendUrl,
    api_token: &str,
    cursor: u64,
    limit: u32,
    wait_secs: u32,
    signal: Option<&AbortSignal>,
) -> Result<Answer, BackendError> {
    let url = format!("{backend}/v1/events?after={cursor}&limit={limit}&wait={wait_secs}");
    let asked_at = now();
    let response = plain(Request::get(&url))
        .abort_signal(signal)
        .bearer(api_token)
        .send()
        .await;
    let lead = response.as_ref().ok().and_then(made_at).and_then(|made| {
        // The head of the answer is here and its body is not yet: the moment nearest to its making.
        Lead::of_answer(asked_at, now(), made)
    });
    let page = read(response).await?;
    Ok(Answer { page, lead })
}

/// When an answer says that it was made.
fn made_at(response: &Response) -> Option<Millis> {
    clock::parse(&response.headers().get("date")?)
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

async fn read<T: DeserializeOwned>(
    response: Result<Response, gloo_net::Error>,
) -> Result<T, BackendError> {
    let response = response.map_err(|_| BackendError::Unreachable)?;
    match response.status() {
        200 | 201 => {
            let text = response.text().await;
            let text = text.map_err(|_| BackendError::Unreachable)?;
            // The browser's own parser is there anyway; another one is a tenth of the worker.
            let value = JSON::parse(&text).map_err(|_| BackendError::Unintelligible)?;
            from_js(value).map_err(|_| BackendError::Unintelligible)
        }
        401 | 403 => Err(BackendError::Rejected),
        429 => Err(BackendError::Busy),
        500..=599 => Err(BackendError::Unreachable),
        _ => Err(BackendError::Unintelligible),
    }
}
