//! A page's document: its elements, its texts and its events.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt as _};
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

/// Sets an attribute of `element`.
///
/// # Panics
///
/// When `name` is no name of an attribute.
pub fn set(element: &Element, name: &str, value: &str) {
    element
        .set_attribute(name, value)
        .expect_throw("the attribute's name is well-formed");
}

/// Puts the texts into the elements with `data-i18n`, as hints into the fields with
/// `data-i18n-placeholder` and as names onto the buttons without words, those with `data-i18n-title`,
/// and onto what only screen readers name, with `data-i18n-label`; and says which language they are in.
///
/// # Errors
///
/// What the browser throws.
pub fn fill_texts(text: impl Fn(&str) -> String, language: &str) -> Result<(), JsValue> {
    let document = document()?;
    for (key, places) in [
        ("data-i18n", &[][..]),
        ("data-i18n-placeholder", &["placeholder"]),
        ("data-i18n-title", &["title", "aria-label"]),
        ("data-i18n-label", &["aria-label"]),
    ] {
        let found = document.query_selector_all(&["[", key, "]"].concat())?;
        for element in (0..found.length()).filter_map(|index| found.item(index)) {
            let element: Element = element.unchecked_into();
            let text = text(&element.get_attribute(key).unwrap_or_default());
            if places.is_empty() {
                element.set_text_content(Some(&text));
            }
            for place in places {
                element.set_attribute(place, &text)?;
            }
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

/// Calls `react` at each `event` of `target`, for as long as the page lives; it may keep the browser
/// from doing what it does at such an event.
pub fn listen_instead(
    target: &EventTarget,
    event: &'static str,
    react: impl FnMut(&Event) + 'static,
) {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(target, event, options, react).forget();
}

/// Whether the user can see the page: not so in a tab behind others, or a window behind a lock.
#[must_use]
pub fn is_visible() -> bool {
    document().is_ok_and(|document| document.visibility_state() == VisibilityState::Visible)
}
