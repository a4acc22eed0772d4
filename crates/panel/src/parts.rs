//! What the panel is made of.

use crate::dom::{add, say, set};
use kaifu_chrome::i18n::text;
use web_sys::Element;

/// An element: the one around it by its place in [`ALL`], its name, its attributes, and the key of its text.
type Part = (usize, &'static str, &'static str, &'static str);

const SWITCH: &str = "type=button role=switch data-kaifu-notice=";
const NEVER: &str = "type=button role=switch data-kaifu-wish=never";
const ALWAYS: &str = "type=button role=switch data-kaifu-wish=always";
const IS_ALONE: &str = "type=button role=switch data-kaifu-wish=alone";

/// All of them, in their order. The first is the whole, in the cell of the button that opens it.
const ALL: [Part; 30] = [
    (0, "div", "data-kaifu=panel role=dialog popover=manual", ""),
    (0, "style", "", ""),
    (0, "h2", "", "panel_title"),
    (0, "p", "role=status", ""),
    (0, "div", "role=radiogroup", ""),
    (
        4,
        "button",
        "type=button role=radio data-kaifu-mode=image",
        "",
    ),
    (5, "b", "", "first_mode_image"),
    (5, "small", "", "first_mode_image_how"),
    (
        4,
        "button",
        "type=button role=radio data-kaifu-mode=receipt",
        "",
    ),
    (8, "b", "", "first_mode_receipt"),
    (8, "small", "", "first_mode_receipt_how"),
    (
        4,
        "button",
        "type=button role=radio data-kaifu-mode=both",
        "",
    ),
    (11, "b", "", "first_mode_both"),
    (11, "small", "", "first_mode_both_how"),
    (0, "button", SWITCH, ""),
    (14, "b", "", "panel_line"),
    (14, "small", "", ""),
    (0, "label", "", ""),
    (17, "b", "", "panel_language"),
    (17, "select", "", ""),
    (0, "p", "dir=auto aria-live=polite", ""),
    (0, "div", "", ""),
    (21, "h2", "", ""),
    (21, "button", ALWAYS, ""),
    (23, "b", "", "panel_always"),
    (21, "button", NEVER, ""),
    (25, "b", "", "panel_never"),
    (21, "button", IS_ALONE, ""),
    (27, "b", "", "panel_alone"),
    (27, "small", "", "panel_alone_hint"),
];

/// Where those stand that change.
pub(crate) const WHOLE: usize = 0;
const STYLE: usize = 1;
pub(crate) const REASON: usize = 3;
const GROUP: usize = 4;
/// The modes, in the order in which they are offered.
pub(crate) const MODES: [usize; 3] = [5, 8, 11];
pub(crate) const NOTICE: usize = 14;
pub(crate) const NEEDED: usize = 16;
pub(crate) const LANGUAGE: usize = 19;
pub(crate) const LINE: usize = 20;
pub(crate) const PERSON: usize = 21;
pub(crate) const ADDRESS: usize = 22;
pub(crate) const ALONE: usize = 27;
/// What the sender can wish, in the order of core's `Standing::WISHES`.
pub(crate) const WISHES: [usize; 3] = [25, 23, ALONE];

/// Makes all of them in `cell`; none where the page refuses one.
pub(crate) fn make(cell: &Element) -> Option<Vec<Element>> {
    let mut made: Vec<Element> = Vec::new();
    for (around, name, attributes, key) in ALL {
        let part = add(made.get(around).unwrap_or(cell), name, attributes)?;
        if !key.is_empty() {
            say(&part, &text(key));
        }
        made.push(part);
    }
    say(
        made.get(STYLE)?,
        include_str!(concat!(env!("OUT_DIR"), "/panel.css")),
    );
    set(made.get(WHOLE)?, "lang", &text("locale_language"));
    set(made.get(WHOLE)?, "aria-label", &text("options_label"));
    set(made.get(GROUP)?, "aria-label", &text("panel_title"));
    Some(made)
}
