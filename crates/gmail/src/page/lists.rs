//! The lists of conversations in Gmail's page, and what their rows say.

use crate::page::dom::Scope;
use crate::page::selectors::{
    ARRIVAL, CONVERSATION_ID, IMAGE, Landmark, MARK, MESSAGE, ROW, ROW_ID,
};
use js_sys::{Array, Set, WeakSet};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Element;

/// The lists that the page has had so far.
#[derive(Debug)]
pub(crate) struct Lists {
    /// Their rows, and what holds these.
    seen: WeakSet,
    /// Those of them in which something has come or gone since they were read last.
    changed: Set,
    /// What a row is found by from inside of it.
    row: JsValue,
    /// What is looked for in a row.
    content: JsValue,
    name: JsValue,
    legacy_name: JsValue,
    /// What has no place in a row.
    foreign: JsValue,
}

/// What a row of a list says.
#[derive(Debug)]
pub(crate) struct Content {
    /// The node that names the row's conversation, the last one where there are several.
    pub(crate) node: Element,
    /// What it says.
    pub(crate) named: String,
    /// Whether there is a mark in the row.
    pub(crate) is_marked: bool,
}

impl Default for Lists {
    fn default() -> Self {
        let foreign = [&ARRIVAL, &CONVERSATION_ID, &MESSAGE, &IMAGE].map(Landmark::any);
        Self {
            seen: WeakSet::new(),
            changed: Set::new(&JsValue::UNDEFINED),
            row: ROW.any().into(),
            content: [&ROW_ID.any(), MARK].join(",").into(),
            name: "data-thread-id".into(),
            legacy_name: "data-legacy-thread-id".into(),
            // As `&str`, like all that is joined here: each type of text is a copy of `join`.
            foreign: foreign.each_ref().map(String::as_str).join(",").into(),
        }
    }
}

impl Lists {
    /// Something has come or gone right in `element`: remembers it where that is a known row, or
    /// holds known rows; false where it is neither.
    pub(crate) fn changed(&self, element: &Scope) -> bool {
        let is_seen = self.seen.has(element);
        if is_seen {
            self.changed.add(element);
        }
        is_seen
    }

    /// The known rows that have changed, and those beside known ones that are new.
    pub(crate) fn take_changed(&self) -> (Vec<Scope>, Vec<Scope>) {
        let (mut rows, mut new) = (Vec::new(), Vec::new());
        for changed in Array::from(&self.changed).iter() {
            let changed: Scope = changed.unchecked_into();
            if changed.fits(&self.row) {
                rows.push(changed);
                continue;
            }
            let inside = changed.elements();
            for place in 0..inside.length() {
                let row = inside.get(place);
                if !self.seen.has(&row) {
                    new.push(row);
                }
            }
        }
        self.changed.clear();
        (rows, new)
    }

    /// The row around `node`, which names its conversation.
    pub(crate) fn row_around(&self, node: &Scope) -> Option<Scope> {
        let row = node.around(&self.row)?;
        // What holds a form or messages as well is more than a row.
        if !self.seen.has(&row)
            && row.find_all(&self.foreign).length() == 0
            && let Some(holder) = row.parent_element()
        {
            self.seen.add(&row);
            self.seen.add(&holder);
        }
        Some(row)
    }

    /// What `row` says; `None` where it names no conversation.
    pub(crate) fn read(&self, row: &Scope) -> Option<Content> {
        let found = row.find_all(&self.content);
        let count = found.length();
        // The mark stands right before the node that names the conversation last.
        let node = found.get(count.checked_sub(1)?);
        let value = node.value(&self.name);
        let named = value.or_else(|| node.value(&self.legacy_name))?;
        let is_marked = count > 1 && {
            let before = found.get(count - 2);
            !before.holds(&self.name) && !before.holds(&self.legacy_name)
        };
        Some(Content {
            node: node.unchecked_into(),
            named,
            is_marked,
        })
    }
}
