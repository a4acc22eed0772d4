//! Short forms for what is often asked of the page.

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, Event, Window};

/// The page's window.
pub(crate) fn window() -> Window {
    web_sys::window().expect("a content script runs in a window")
}

/// The page's document.
pub(crate) fn document() -> Document {
    window()
        .document()
        .expect("a content script runs in a document")
}

/// The document's outermost element.
pub(crate) fn page() -> Element {
    document()
        .document_element()
        .expect("the content script is started when the page has an element")
}

/// The element that an event is about.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// An attribute's value; `None` where it is missing or blank.
pub(crate) fn attribute(element: &Element, name: &str) -> Option<String> {
    element
        .get_attribute(name)
        .filter(|value| !value.trim().is_empty())
}
