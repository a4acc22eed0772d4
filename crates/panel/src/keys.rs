//! What keys do in the panel.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What can be reached by Tab, in its order.
const STOPS: &str = ":is(button:not([tabindex='-1']), select:enabled):not(.hidden, .hidden *)";

/// A button that does something.
pub(crate) const FREE: &str = "button:not([aria-disabled='true'])";

/// What is to become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// It closes the panel.
    Close,
    /// It is none of Gmail's business.
    Own,
    /// It is Gmail's business: Ctrl+Enter sends.
    Gmails,
}

/// A key was pressed within `root`.
pub(crate) fn pressed(root: &HtmlElement, event: &KeyboardEvent) -> Key {
    let key = event.key();
    if key == "Enter" && (event.ctrl_key() || event.meta_key()) {
        return Key::Gmails;
    }
    let at: Option<Element> = event.target().map(JsCast::unchecked_into);
    let is_mode = |at: &Element| at.has_attribute("data-kaifu-mode");
    let moved = match &*key {
        "Escape" => {
            event.prevent_default();
            return Key::Close;
        }
        "Tab" => move_on(root, STOPS, at.as_ref(), event.shift_key()),
        "ArrowDown" | "ArrowRight" | "ArrowUp" | "ArrowLeft"
            if at.as_ref().is_some_and(is_mode) =>
        {
            let is_back = matches!(&*key, "ArrowUp" | "ArrowLeft");
            let next = move_on(root, "[data-kaifu-mode]", at.as_ref(), is_back);
            next.inspect(HtmlElement::click)
        }
        _ => None,
    };
    if moved.is_some() {
        event.prevent_default();
    }
    Key::Own
}

/// Gives the focus to the first that takes it.
pub(crate) fn enter(root: &HtmlElement) -> Option<()> {
    let first: HtmlElement = root.query_selector(STOPS).ok()??.unchecked_into();
    first.focus().ok()
}

/// Gives the focus to what comes after `at` among those that `stops` names, from the last to the first.
fn move_on(
    root: &HtmlElement,
    stops: &str,
    at: Option<&Element>,
    is_back: bool,
) -> Option<HtmlElement> {
    let all = root.query_selector_all(stops).ok()?;
    let place = (0..all.length()).find(|place| all.get(*place).as_ref() == at.map(AsRef::as_ref));
    let (count, place) = (all.length(), place.unwrap_or(0));
    let step = if is_back { count.checked_sub(1)? } else { 1 };
    let next = (place + step).checked_rem(count)?;
    let next: HtmlElement = all.get(next)?.unchecked_into();
    next.focus().ok()?;
    Some(next)
}
