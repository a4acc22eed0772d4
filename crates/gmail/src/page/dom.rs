//! Short forms for what is often asked of the page.

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Document, Element, Event, EventTarget, Window};

#[wasm_bindgen]
extern "C" {
    // The same as in `web_sys`, for where the page is asked thousands of times: selectors and names
    // are the page's own values, as copying and decoding a text costs more than the call that it is
    // for, and there is no way for an error, as the selectors are known to be right.

    /// An element to ask about.
    #[wasm_bindgen(extends = Element)]
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) type Scope;

    #[wasm_bindgen(method, getter, js_name = childNodes)]
    pub(crate) fn child_nodes(this: &Scope) -> Nodes;

    #[wasm_bindgen(method, getter, js_name = children)]
    pub(crate) fn elements(this: &Scope) -> Nodes;

    #[wasm_bindgen(method, js_name = querySelectorAll)]
    pub(crate) fn find_all(this: &Scope, selector: &JsValue) -> Nodes;

    #[wasm_bindgen(method, js_name = matches)]
    pub(crate) fn fits(this: &Scope, selector: &JsValue) -> bool;

    #[wasm_bindgen(method, js_name = closest)]
    pub(crate) fn around(this: &Scope, selector: &JsValue) -> Option<Scope>;

    #[wasm_bindgen(method, js_name = hasAttribute)]
    pub(crate) fn holds(this: &Scope, name: &JsValue) -> bool;

    #[wasm_bindgen(method, js_name = getAttribute)]
    pub(crate) fn value(this: &Scope, name: &JsValue) -> Option<String>;

    /// A list of nodes; some may be no elements.
    pub(crate) type Nodes;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn length(this: &Nodes) -> u32;

    #[wasm_bindgen(method, indexing_getter)]
    pub(crate) fn get(this: &Nodes, place: u32) -> Scope;
}

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

/// Calls `handle` at each event of `kind` that reaches `target`, for as long as the listener lives.
///
/// Every listener goes through here: each type of closure that JavaScript may call weighs half a
/// kilobyte, and a box is always the same type.
pub(crate) fn listen(
    target: &EventTarget,
    kind: &'static str,
    options: EventListenerOptions,
    handle: Box<dyn FnMut(&Event)>,
) -> EventListener {
    EventListener::new_with_options(target, kind, options, handle)
}

/// Calls `act` once, in `millis` milliseconds; never where the timeout is dropped before. A box for
/// the same reason as with [`listen`].
pub(crate) fn later(millis: u32, act: Box<dyn FnOnce()>) -> Timeout {
    Timeout::new(millis, act)
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

/// An element with these attributes; none where the page refuses it.
pub(crate) fn element(name: &str, attributes: &[(&str, &str)]) -> Option<Element> {
    let element = document().create_element(name).ok()?;
    for (name, value) in attributes {
        element.set_attribute(name, value).ok()?;
    }
    Some(element)
}

/// A drawing of paths, each with its class, in a box of that size; none where the page refuses it.
pub(crate) fn drawing(view_box: &str, paths: &[(&str, &str)]) -> Option<Element> {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    let document = document();
    let svg = document.create_element_ns(SVG, "svg").ok()?;
    svg.set_attribute("viewBox", view_box).ok()?;
    svg.set_attribute("aria-hidden", "true").ok()?;
    for (class, shape) in paths {
        let path = document.create_element_ns(SVG, "path").ok()?;
        path.set_attribute("class", class).ok()?;
        path.set_attribute("d", shape).ok()?;
        svg.append_child(&path).ok()?;
    }
    Some(svg)
}
