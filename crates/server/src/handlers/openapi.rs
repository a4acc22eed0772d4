//! The API's description, for programs and for people.

use crate::pages;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../openapi.json");

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or(Value::Null));

/// `GET /v1/openapi.json`: the description in OpenAPI 3.1.
pub(crate) async fn show() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], TEXT).into_response()
}

/// `GET /docs`: the description as a page.
pub(crate) async fn docs() -> Response {
    pages::docs(&DOCUMENT)
}
