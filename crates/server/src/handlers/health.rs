//! Whether the server is well.

use crate::app::App;
use crate::error::Error;
use crate::http;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    http::json(StatusCode::OK, &Health { status: "ok" })
}

/// `GET /readyz`: events can be stored and read.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Response, Error> {
    if app.is_stopping() {
        return Err(Error::Stopping);
    }
    app.store.check().await?;
    Ok(http::json(StatusCode::OK, &Health { status: "ready" }))
}
