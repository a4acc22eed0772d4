//! The theme of our own pages, which `theme.js` gives to each of them.

use kaifu_ui::dom::{document, element, listen, set};
use wasm_bindgen::JsValue;
use web_sys::{HtmlSelectElement, Storage};

/// Where the choice lies in the pages' own storage; nothing for what the system has.
const KEY: &str = "theme";

/// Shows what was chosen, and keeps what is.
///
/// # Errors
///
/// When an element is missing; the error names its id.
pub(crate) fn open() -> Result<(), JsValue> {
    let choice: HtmlSelectElement = element("theme")?;
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    choice.set_value(&kept.unwrap_or_default());
    listen(&choice.clone(), "change", move |_| {
        let theme = choice.value();
        if let Some(storage) = storage() {
            // A choice that cannot be kept holds for this page.
            let _ = storage.set_item(KEY, &theme);
        }
        if let Some(root) = document().ok().and_then(|it| it.document_element()) {
            set(&root, "data-theme", &theme);
        }
    });
    Ok(())
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
