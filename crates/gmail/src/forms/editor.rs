//! The tracking image in a mail's editor.

use crate::page::dom::document;
use crate::page::selectors::QUOTE;
use kaifu_core::mail::pixel::Pixels;
use web_sys::{Element, Event, EventInit};

/// Puts the image at `url` at the end of the typed part, before any quoted mail. False when the
/// page would not have it.
pub(crate) fn insert(editor: &Element, url: &str) -> bool {
    let Ok(image) = document().create_element("img") else {
        return false;
    };
    for (name, value) in [("src", url), ("width", "1"), ("height", "1"), ("alt", "")] {
        if image.set_attribute(name, value).is_err() {
            return false;
        }
    }
    let placed = match QUOTE
        .find(editor)
        .and_then(|quote| quote.parent_node().zip(Some(quote)))
    {
        Some((parent, quote)) => parent.insert_before(&image, Some(&quote)),
        None => editor.append_child(&image),
    };
    placed.is_ok() && announce(editor)
}

/// Takes this account's images out, raw or behind Gmail's proxy, typed or quoted. True when there
/// was one.
pub(crate) fn remove_own(editor: &Element, pixels: &Pixels) -> bool {
    let Ok(images) = editor.query_selector_all("img[src]") else {
        return false;
    };
    let mut removed = false;
    for image in crate::page::selectors::elements(&images) {
        if image
            .get_attribute("src")
            .is_some_and(|src| pixels.is_own(&src))
        {
            image.remove();
            removed = true;
        }
    }
    removed && announce(editor)
}

/// Says that the editor's content changed: Gmail reads some editors again only when told.
fn announce(editor: &Element) -> bool {
    let init = EventInit::new();
    init.set_bubbles(true);
    Event::new_with_event_init_dict("input", &init)
        .is_ok_and(|event| editor.dispatch_event(&event).is_ok())
}
