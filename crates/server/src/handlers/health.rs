//! Whether the server is well.

use crate::app::App;
use crate::http::error::Error;
use crate::http::json::json;
use crate::store::Readiness;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use std::time::Instant;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// Events that wait for the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    spooled: Option<u64>,
}

impl Health {
    const fn new(status: &'static str) -> Self {
        Self {
            status,
            spooled: None,
        }
    }
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    json(StatusCode::OK, &Health::new("ok"))
}

/// `GET /readyz`: events can be stored and read.
pub(crate) async fn readyz(State(app): State<App>) -> Result<Response, Error> {
    if app.polls.is_stopping() {
        return Err(Error::Stopping);
    }
    if app.readiness.is_fresh(Instant::now()) {
        return Ok(json(StatusCode::OK, &Health::new("ready")));
    }
    let health = match app.store.check().await? {
        Readiness::Ready => {
            app.readiness.note(Instant::now());
            Health::new("ready")
        }
        // Images are what must not be turned away.
        Readiness::Unreadable => Health::new("unreadable"),
        // A proxy that sends readers only to servers that are ready must still send them here.
        Readiness::Spooling => Health {
            spooled: Some(app.store.health().spooled),
            ..Health::new("spooling")
        },
    };
    Ok(json(StatusCode::OK, &health))
}
