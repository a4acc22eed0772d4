//! Texts in the language of the browser's interface, from `_locales`. Needs no permission.
//! <https://developer.chrome.com/docs/extensions/reference/api/i18n>

use crate::error::ChromeError;
use crate::sys::i18n as sys;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The text under `key`.
#[must_use]
pub fn text(key: &str) -> String {
    sys::get_text(key)
}

/// The text under `key`, with `$1` replaced by `value`.
#[must_use]
pub fn text_about(key: &str, value: &str) -> String {
    sys::get_text_about(key, value)
}

/// The text under `key`, with `$1` to `$9` replaced by `values`.
#[must_use]
pub fn text_with(key: &str, values: &[&str]) -> String {
    sys::get_message(
        key,
        values.iter().map(|value| (*value).to_owned()).collect(),
    )
}

/// The language tag of the browser's interface, such as `ja` or `en-GB`.
#[must_use]
pub fn language() -> String {
    sys::get_ui_language()
}

/// The texts of one language, whatever the browser's interface speaks.
#[derive(Debug)]
pub struct Texts(JsValue);

/// The file of the texts of `language`.
#[must_use]
pub fn file(language: &str) -> String {
    ["_locales/", language, "/messages.json"].concat()
}

/// The texts of one language, from its [`file()`] at this `address` among the extension's own.
///
/// # Errors
///
/// When there is no such file.
pub async fn texts_at(address: &str) -> Result<Texts, ChromeError> {
    let answer = sys::fetch(address).await?;
    Ok(Texts(answer.json().await?))
}

impl Texts {
    /// The text under `key`, with its placeholders as they stand in the file; empty where there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        let entry = Reflect::get(&self.0, &key.into());
        let text = entry.and_then(|entry| Reflect::get(&entry, &"message".into()));
        let text = text.ok().and_then(|text| text.as_string());
        text.unwrap_or_default()
    }
}
