//! Texts in the language of the browser's interface, from `_locales`. Needs no permission.
//! <https://developer.chrome.com/docs/extensions/reference/api/i18n>

use crate::sys::i18n as sys;

/// The text under `key`.
#[must_use]
pub fn text(key: &str) -> String {
    sys::get_message(key, Vec::new())
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
