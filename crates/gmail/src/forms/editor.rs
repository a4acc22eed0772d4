//! What an email is given, in its editor.

use crate::page::dom::{document, element};
use crate::page::selectors::{EDITOR, QUOTE, SIGNATURE, elements};
use kaifu_core::mail::insertion::{Insertion, Line, place};
use kaifu_core::mail::line::{STYLE, parts};
use kaifu_core::mail::pixel::{Pixels, attributes};
use web_sys::{Element, Event, EventInit, Node};

/// Puts in what an email is given, at once, at the end of the typed part and before its signature and
/// any quoted email. `html` is what the editor has. False where the page does not take it.
pub(crate) fn insert(editor: &Element, html: &str, insertion: &Insertion) -> bool {
    put(editor, html, insertion).is_some() && announce(editor)
}

fn put(editor: &Element, html: &str, insertion: &Insertion) -> Option<()> {
    let fragment = document().create_document_fragment();
    if let Some(line) = &insertion.line {
        fragment.append_child(&*element_of(line)?).ok()?;
    }
    if let Some(image) = &insertion.image {
        let image = element("img", &attributes(image))?;
        fragment.append_child(&image).ok()?;
    }
    let quote = QUOTE.find(editor);
    let typed = |signature: &Element| !QUOTE.is_around(signature);
    let end = if is_behind_cut(html, quote.as_ref()) {
        editor.first_child()
    } else {
        let end = SIGNATURE.find(editor).filter(typed).or(quote);
        end.map(Into::into)
    };
    let parent = end.as_ref().and_then(Node::parent_node);
    let parent = parent.as_ref().unwrap_or(editor);
    parent.insert_before(&fragment, end.as_ref()).ok()?;
    Some(())
}

/// The same as [`kaifu_core::mail::line::element`] writes.
fn element_of(line: &Line) -> Option<Element> {
    let [before, words, after] = parts(&line.sentence);
    let anchor = element("a", &[("href", &line.link)])?;
    anchor.set_text_content(Some(words));
    let whole = element("div", &[("style", STYLE)])?;
    whole.set_text_content(Some(before));
    whole.append_child(&anchor).ok()?;
    whole.append_with_str_1(after).ok()?;
    Some(whole)
}

/// Whether the end of the typed part is behind Gmail's cut.
fn is_behind_cut(html: &str, quote: Option<&Element>) -> bool {
    let quoted = quote.map(Element::outer_html);
    let end = html.len() - quoted.map_or(0, |quoted| quoted.len().min(html.len()));
    place(end) == 0 && end > 0
}

/// Takes out what is of this account: images, raw or behind Gmail's proxy, and lines. A quoted line
/// keeps its words and loses its link. True when there was anything.
pub(crate) fn remove_own(editor: &Element, pixels: &Pixels) -> bool {
    let Ok(found) = editor.query_selector_all("img[src], a[href]") else {
        return false;
    };
    let mut removed = false;
    for element in elements(&found) {
        let has = |name: &str, is_own: &dyn Fn(&str) -> bool| {
            element
                .get_attribute(name)
                .is_some_and(|value| is_own(&value))
        };
        if has("src", &|src| pixels.is_own(src)) {
            element.remove();
        } else if has("href", &|href| pixels.is_own_page(href)) {
            match line_around(&element) {
                Some(line) if !QUOTE.is_around(&line) => line.remove(),
                _ => {
                    // What cannot be changed stays, and the request is put right all the same.
                    let _ = element.remove_attribute("href");
                }
            }
        } else {
            continue;
        }
        removed = true;
    }
    removed && announce(editor)
}

/// The line that `link` stands in: an element that holds nothing else but text.
fn line_around(link: &Element) -> Option<Element> {
    let around = link.parent_element()?;
    let is_line =
        around.child_element_count() == 1 && around.tag_name() == "DIV" && !EDITOR.is(&around);
    is_line.then_some(around)
}

/// Says that the editor's content changed: Gmail reads some editors again only when told.
fn announce(editor: &Element) -> bool {
    let init = EventInit::new();
    init.set_bubbles(true);
    Event::new_with_event_init_dict("input", &init)
        .is_ok_and(|event| editor.dispatch_event(&event).is_ok())
}
