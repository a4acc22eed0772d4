//! What an email is given, in its editor.

use crate::page::dom::document;
use crate::page::selectors::{QUOTE, elements};
use kaifu_core::mail::insertion::{Insertion, place};
use kaifu_core::mail::pixel::{Pixels, attributes};
use web_sys::{Element, Event, EventInit};

/// Puts in what an email is given, at the end of the typed part and before any quoted email. False
/// where the page does not take it.
pub(crate) fn insert(editor: &Element, insertion: &Insertion) -> bool {
    let Ok(image) = document().create_element("img") else {
        return false;
    };
    for (name, value) in attributes(&insertion.image) {
        if image.set_attribute(name, value).is_err() {
            return false;
        }
    }
    let quote = QUOTE.find(editor);
    if is_behind_cut(editor, quote.as_ref()) {
        return editor.prepend_with_node_1(&image).is_ok() && announce(editor);
    }
    let placed = match quote.and_then(|quote| quote.parent_node().zip(Some(quote))) {
        Some((parent, quote)) => parent.insert_before(&image, Some(&quote)),
        None => editor.append_child(&image),
    };
    placed.is_ok() && announce(editor)
}

/// Whether the end of the typed part is behind Gmail's cut.
fn is_behind_cut(editor: &Element, quote: Option<&Element>) -> bool {
    let (all, quoted) = (editor.inner_html(), quote.map(Element::outer_html));
    let end = all.len() - quoted.map_or(0, |quoted| quoted.len().min(all.len()));
    place(end) == 0 && end > 0
}

/// Takes this account's images out, raw or behind Gmail's proxy, typed or quoted. True when there
/// was one.
pub(crate) fn remove_own(editor: &Element, pixels: &Pixels) -> bool {
    let Ok(images) = editor.query_selector_all("img[src]") else {
        return false;
    };
    let mut removed = false;
    for image in elements(&images) {
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
