//! A page's document: its elements, its texts and its events.

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventTarget, VisibilityState};

/// The page's document.
///
/// # Errors
///
/// When this does not run in a page.
pub fn document() -> Result<Document, JsValue> {
    web_sys::window()
        .and_then(|window| window.document())
        .ok_or_else(|| JsValue::from_str("no document"))
}

/// The element with that id, as a `T`.
///
/// # Errors
///
/// When the page has none, or one of another kind; the error names the id.
pub fn element<T: JsCast>(id: &str) -> Result<T, JsValue> {
    document()?
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into().ok())
        .ok_or_else(|| JsValue::from_str(id))
}

/// Puts the texts into the elements with `data-i18n`, and says which language they are in.
///
/// # Errors
///
/// What the browser throws.
pub fn fill_texts(text: impl Fn(&str) -> String, language: &str) -> Result<(), JsValue> {
    let document = document()?;
    let places = document.query_selector_all("[data-i18n]")?;
    for place in (0..places.length()).filter_map(|index| places.item(index)) {
        if let Some(key) = place
            .dyn_ref::<Element>()
            .and_then(|element| element.get_attribute("data-i18n"))
        {
            place.set_text_content(Some(&text(&key)));
        }
    }
    if let Some(root) = document.document_element() {
        root.set_attribute("lang", language)?;
    }
    Ok(())
}

/// Calls `react` at each `event` of `target`, for as long as the page lives.
pub fn listen(target: &EventTarget, event: &'static str, react: impl FnMut(&Event) + 'static) {
    // A page's listeners end with it, so none is ever taken off.
    EventListener::new(target, event, react).forget();
}

/// Whether the user can see the page: not so in a tab behind others, or a window behind a lock.
#[must_use]
pub fn is_visible() -> bool {
    document().is_ok_and(|document| document.visibility_state() == VisibilityState::Visible)
}
