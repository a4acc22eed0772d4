//! Says what is missing where Gmail's page is not as it used to be.

use crate::page::dom::later;
use crate::page::selectors::{
    DRAFT_ID, EDITOR, FORM_FIELD, Landmark, OWN_ELEMENT, PLAIN_EDITOR, SEND, SUBJECT, THREAD_ID,
    is_shown,
};
use crate::worker;
use gloo_timers::callback::Timeout;
use kaifu_protocol::content::Landmarks;
use std::cell::RefCell;
use web_sys::Element;

/// What every compose form has.
const EXPECTED: [&Landmark; 7] = [
    &EDITOR,
    &PLAIN_EDITOR,
    &FORM_FIELD,
    &SEND,
    &DRAFT_ID,
    &THREAD_ID,
    &SUBJECT,
];

/// How many elements above its editor a form may reach, at most.
const MAX_ANCESTORS: usize = 30;

/// How many elements a skeleton names, at most.
const MAX_ELEMENTS: usize = 400;

/// Attributes that say what an element is, and nothing about an email.
const SKELETON_ATTRIBUTES: [&str; 8] = [
    "role",
    "name",
    "type",
    "contenteditable",
    "g_editable",
    "aria-haspopup",
    "command",
    "selector",
];

/// Elements whose name is the name of a field. Elsewhere Gmail names people by it.
const CONTROLS: [&str; 5] = ["input", "textarea", "select", "button", "form"];

/// Names of other elements that say nothing about an email.
const NAMES: [&str; 4] = ["to", "cc", "bcc", "from"];

/// The longest value of an attribute that is drawn, in bytes.
const MAX_VALUE: usize = 32;

/// How long Gmail may take to put a whole form into the page, in milliseconds.
const PATIENCE_MS: u32 = 3_000;

/// What was reported last, so that the same is not said twice.
#[derive(Debug, Default)]
pub(crate) struct LandmarkReporter {
    reported: RefCell<Option<Vec<String>>>,
    /// Goes off when Gmail has had its time since the last part of a form arrived.
    due: RefCell<Option<Timeout>>,
}

impl LandmarkReporter {
    /// A form, or a part of one, has arrived: runs `check` when Gmail has had the time to finish it.
    pub(crate) fn check_later(&self, check: Box<dyn FnOnce()>) {
        // Dropping the earlier timeout cancels it.
        self.due.replace(Some(later(PATIENCE_MS, check)));
    }

    /// Looks at everything a compose form should have around `editor`, and tells the worker what
    /// is missing; also that nothing is, the first time.
    pub(crate) fn check(&self, editor: &Element) {
        let form = widest(editor);
        let missing: Vec<String> = EXPECTED
            .iter()
            .filter(|landmark| landmark.find(&form).is_none())
            .map(|landmark| landmark.name.to_owned())
            .collect();
        if self.reported.borrow().as_ref() == Some(&missing) {
            return;
        }
        let mut skeleton = String::new();
        if !missing.is_empty() {
            draw(&form, &mut skeleton, &mut 0);
        }
        self.reported.replace(Some(missing.clone()));
        worker::tell(Landmarks { missing, skeleton });
    }
}

/// The editors in `scope` that the user sees.
pub(crate) fn shown_editors(scope: &Element) -> Vec<Element> {
    EDITOR
        .find_by_any(scope)
        .into_iter()
        .filter(is_shown)
        .collect()
}

/// The largest element around `editor` that holds no second one.
fn widest(editor: &Element) -> Element {
    std::iter::successors(Some(editor.clone()), |around| around.parent_element())
        .take(MAX_ANCESTORS)
        .take_while(|around| EDITOR.find_all(around).len() <= 1)
        .last()
        .unwrap_or_else(|| editor.clone())
}

/// Writes `element` as a skeleton of tags: no text, no ids, no addresses.
fn draw(element: &Element, skeleton: &mut String, drawn: &mut usize) {
    *drawn += 1;
    let tag = element.tag_name().to_ascii_lowercase();
    skeleton.push_str(&tag);
    for class in element.class_name().split_ascii_whitespace() {
        skeleton.push('.');
        skeleton.push_str(class);
    }
    for name in SKELETON_ATTRIBUTES {
        if let Some(value) = element.get_attribute(name)
            && is_impersonal(&tag, name, &value)
        {
            for piece in ["[", name, "=", &value, "]"] {
                skeleton.push_str(piece);
            }
        }
    }
    if EDITOR.is(element) || element.matches(OWN_ELEMENT).unwrap_or(false) {
        return;
    }
    let children = element.children();
    let mut open = false;
    for i in 0..children.length() {
        if *drawn >= MAX_ELEMENTS {
            break;
        }
        if let Some(child) = children.item(i) {
            skeleton.push_str(if open { " " } else { "(" });
            open = true;
            draw(&child, skeleton, drawn);
        }
    }
    if open {
        skeleton.push(')');
    }
}

/// Whether an attribute says what an element is, and nothing about anybody.
fn is_impersonal(tag: &str, name: &str, value: &str) -> bool {
    let is_word = value.len() <= MAX_VALUE
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_word && (name != "name" || CONTROLS.contains(&tag) || NAMES.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::is_impersonal;

    #[test]
    fn a_skeleton_names_fields_and_nobody() {
        for (tag, name, value, expected) in [
            ("input", "name", "subjectbox", true),
            ("div", "name", "to", true),
            ("span", "name", "Ann", false),
            ("span", "name", "ann@example.com", false),
            ("input", "name", "ann@example.com", false),
            ("div", "role", "button", true),
            ("div", "role", "Ann Example", false),
            ("div", "selector", "scheduledSend", true),
        ] {
            assert_eq!(
                is_impersonal(tag, name, value),
                expected,
                "{tag} {name} {value}"
            );
        }
    }
}
