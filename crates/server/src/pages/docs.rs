//! The API's description as a page.

use super::language::Language;
use super::shell::{DOCS_STYLE, Shell, page};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};

/// Shows an OpenAPI document.
pub(crate) fn docs(document: &Value) -> Response {
    let info = &document["info"];
    let body = html! {
        p { (text(&info["summary"])) }
        p { (text(&info["description"])) }
        p { a href="/v1/openapi.json" { "openapi.json" } }
        @for tag in document["tags"].as_array().into_iter().flatten() {
            h2 { (text(&tag["name"])) }
            p { (text(&tag["description"])) }
            @for (path, methods) in entries(&document["paths"]) {
                @for (method, operation) in entries(methods) {
                    @if operation["tags"][0] == tag["name"] {
                        (self::operation(document, method, path, operation))
                    }
                }
            }
        }
        h2 { "Shapes" }
        @for (name, schema) in entries(&document["components"]["schemas"]) {
            h3 id=(name) { (name) }
            (properties(schema))
        }
    };
    let title = text(&info["title"]);
    let shell = Shell {
        style: DOCS_STYLE,
        script: None,
        title,
        direction: "ltr",
    };
    let body = html! { main { h1 { (title) } (body) } };
    page(StatusCode::OK, Language::english(), &shell, &body)
}

fn operation(document: &Value, method: &str, path: &str, operation: &Value) -> Markup {
    html! {
        h3 { code { (method.to_ascii_uppercase()) " " (path) } }
        p { (text(&operation["summary"])) ". " (text(&operation["description"])) }
        @if operation["security"].is_array() {
            p { "Needs the header " code { "Authorization: Bearer <api_token>" } "." }
        }
        table {
            tbody {
                @for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    tr {
                        td { code { (text(&parameter["name"])) } }
                        td { (text(&parameter["description"])) " " (range(&parameter["schema"])) }
                    }
                }
                @for (status, response) in entries(&operation["responses"]) {
                    @let response = resolve(document, response);
                    tr {
                        td { (status) }
                        td { (text(&response["description"])) " " (shape(response)) }
                    }
                }
            }
        }
    }
}

fn properties(schema: &Value) -> Markup {
    html! {
        table {
            tbody {
                @for (name, property) in entries(&schema["properties"]) {
                    tr {
                        td { code { (name) } }
                        td { (text(&property["description"])) " " (range(property)) (link(property)) }
                    }
                }
            }
        }
    }
}

/// The bounds and values of a schema, in words.
fn range(schema: &Value) -> String {
    let bounds = [
        ("minimum", "from "),
        ("maximum", "to "),
        ("default", "by default "),
    ];
    let mut parts: Vec<String> = bounds
        .iter()
        .filter_map(|(key, word)| schema.get(key).map(|value| format!("{word}{value}")))
        .collect();
    if let Some(values) = schema["enum"].as_array() {
        parts.extend(values.iter().map(|value| text(value).to_owned()));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("({})", parts.join(", "))
    }
}

/// A link to the shape of a JSON answer.
fn shape(response: &Value) -> Markup {
    link(&response["content"]["application/json"]["schema"])
}

fn link(schema: &Value) -> Markup {
    let reference = text(&schema["$ref"]);
    html! {
        @if let Some(name) = reference.strip_prefix("#/components/schemas/") {
            a href={ "#" (name) } { (name) }
        }
    }
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    text(&value["$ref"])
        .strip_prefix('#')
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(key, value)| (key.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
