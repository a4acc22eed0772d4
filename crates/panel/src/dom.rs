//! Short forms for what is often asked of the page.

use kaifu_core::mail::line::cut;
use web_sys::Element;

/// An element within `around`, with attributes such as `role=radio type=button`; none where the page refuses
/// it.
pub(crate) fn add(around: &Element, name: &str, attributes: &str) -> Option<Element> {
    let element = around.owner_document()?.create_element(name).ok()?;
    let mut rest = attributes;
    while let Some((name, behind)) = cut(rest, b'=') {
        let (value, behind) = cut(behind, b' ').unwrap_or((behind, ""));
        set(&element, name, value);
        rest = behind;
    }
    around.append_child(&element).ok()?;
    Some(element)
}

/// Sets an attribute.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    // One that the page does not take leaves the element as it was.
    let _ = element.set_attribute(name, value);
}

/// Says that something is so, or not.
pub(crate) fn set_flag(element: &Element, name: &str, is_so: bool) {
    set(element, name, if is_so { "true" } else { "false" });
}

/// Puts a text into an element.
pub(crate) fn say(element: &Element, text: &str) {
    element.set_text_content(Some(text));
}
