//! What stands around every page: its head, its style sheet, and the script of the one that has any.

use super::language::Language;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style sheet of the pages that recipients see.
pub(super) const STYLE: &str = include_str!("recipient/style.css");

/// The script of the recipient's page: local times, and names that are sealed before they are sent.
pub(super) const SCRIPT: &str = include_str!("recipient/script.js");

/// The style sheet of the API's description.
pub(super) const DOCS_STYLE: &str = "\
    :root{color-scheme:light dark;font:1rem/1.6 system-ui,sans-serif}\
    body{max-width:42rem;margin:2rem auto;padding:0 1rem}\
    h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.1rem;margin-top:2rem}\
    table{border-collapse:collapse;width:100%}\
    td{text-align:start;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #8886}\
    code{overflow-wrap:anywhere}";

/// What stands around a page's body.
pub(crate) struct Shell<'a> {
    /// One of the style sheets that the policy knows.
    pub(super) style: &'static str,
    /// The script that the policy knows.
    pub(super) script: Option<&'static str>,
    /// The document's title.
    pub(super) title: &'a str,
    /// `ltr` or `rtl`.
    pub(super) direction: &'a str,
}

/// A whole page.
pub(super) fn page(
    status: StatusCode,
    language: Language,
    shell: &Shell<'_>,
    body: &Markup,
) -> Response {
    let whole = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=[(shell.direction != "ltr").then_some(shell.direction)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                title { (shell.title) }
                style { (PreEscaped(shell.style)) }
            }
            body {
                (body)
                @if let Some(script) = shell.script { script { (PreEscaped(script)) } }
            }
        }
    };
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let content_language = HeaderValue::from_static(language.code());
    (
        status,
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_LANGUAGE, content_language),
        ],
        whole.into_string(),
    )
        .into_response()
}
