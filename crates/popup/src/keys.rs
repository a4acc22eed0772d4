//! The popup by keyboard: `/` goes to the search field and Escape empties it, the arrows go from row to
//! row, and `o` opens a row's conversation in Gmail.

use kaifu_ui::dom;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Listens for as long as the page lives.
///
/// # Errors
///
/// When there is no document.
pub(crate) fn listen(search: &HtmlInputElement, list: &Element) -> Result<(), JsValue> {
    let document = dom::document()?;
    let (search, list) = (search.clone(), list.clone());
    dom::listen_instead(&document, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        let has_modifier = key.ctrl_key() || key.meta_key() || key.alt_key();
        if !has_modifier && press(&key.key(), key, &search, &list).unwrap_or(false) {
            event.prevent_default();
        }
    });
    Ok(())
}

/// Does what `key` stands for. True when it stands for anything here.
fn press(
    key: &str,
    event: &Event,
    search: &HtmlInputElement,
    list: &Element,
) -> Result<bool, JsValue> {
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let in_search = target.as_ref() == Some(search.unchecked_ref());
    match key {
        "/" if !in_search => {
            search.focus()?;
            search.select();
        }
        // A popup closes at Escape, unless there is something to empty.
        "Escape" if in_search && !search.value().is_empty() => {
            search.set_value("");
            search.dispatch_event(&Event::new("input")?)?;
        }
        "ArrowDown" | "ArrowUp" => return step(key == "ArrowDown", target.as_ref(), list),
        "o" if !in_search => {
            let row = target.and_then(|target| target.closest("[data-message]").ok().flatten());
            let Some(row) = row else { return Ok(false) };
            if let Some(button) = row.query_selector("[data-action=\"show\"]")? {
                button.unchecked_into::<HtmlElement>().click();
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Goes to the row after or before the one that `target` is in; from elsewhere, to the first one.
fn step(down: bool, target: Option<&Element>, list: &Element) -> Result<bool, JsValue> {
    // A choice has its own use for the arrows.
    if target.is_some_and(|target| target.tag_name() == "SELECT") {
        return Ok(false);
    }
    let rows = list.query_selector_all(".summary")?;
    let row = target.and_then(|target| target.closest(".message").ok().flatten());
    let place = row.and_then(|row| {
        (0..rows.length()).find(|&at| rows.get(at).is_some_and(|node| row.contains(Some(&node))))
    });
    let next = match place {
        Some(place) if down => place.saturating_add(1),
        Some(place) => place.saturating_sub(1),
        None if down => 0,
        None => return Ok(false),
    };
    let Some(next) = rows.get(next) else {
        return Ok(false);
    };
    next.unchecked_into::<HtmlElement>().focus()?;
    Ok(true)
}
