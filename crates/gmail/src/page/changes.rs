//! What a change of the page brings, found in one pass over it.
//!
//! Gmail changes its page all the time, so this runs more often than anything else here. It asks the
//! page as little as possible: one query for each node that was added, and none for what happens in
//! a list that is known, which is most of it: its rows are read once they come to rest.

use crate::page::dom::{Nodes, Scope};
use crate::page::lists::Lists;
use crate::page::selectors::{ARRIVAL, CONVERSATION_ID, IMAGE, MESSAGE, ROW_ID};
use js_sys::Array;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Element;

/// The attributes whose change in place makes a node arrive anew: Gmail fills its rows again for
/// other conversations.
pub(crate) const WATCHED: [&str; 4] = [
    "data-thread-id",
    "data-thread-perm-id",
    "data-message-id",
    "src",
];

#[wasm_bindgen]
extern "C" {
    /// A `MutationRecord`, read as in [`crate::page::dom`].
    type Change;

    #[wasm_bindgen(method, getter, js_name = addedNodes)]
    fn added_nodes(this: &Change) -> Nodes;

    #[wasm_bindgen(method, getter, js_name = attributeName)]
    fn attribute_name(this: &Change) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn target(this: &Change) -> Scope;
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct PageChanges {
    /// Whether rows of known lists were filled or moved.
    pub(crate) in_lists: bool,
    /// Other rows, or rows that got another name, each once where that is easy to tell.
    pub(crate) rows: Vec<Scope>,
    /// Whether there is a compose form, or a part of one.
    pub(crate) form: bool,
    /// The nodes that name a conversation that is shown, and its messages.
    pub(crate) conversations: Vec<Element>,
    /// Images that may be ours.
    pub(crate) images: Vec<Element>,
}

/// Reads changes of the page.
#[derive(Debug)]
pub(crate) struct ChangeReader {
    /// One selector for everything that is looked for.
    any: JsValue,
}

impl Default for ChangeReader {
    fn default() -> Self {
        let any = [
            &ARRIVAL.any(),
            &ROW_ID.any(),
            &CONVERSATION_ID.any(),
            MESSAGE.best(),
            IMAGE.best(),
        ]
        .join(",");
        Self { any: any.into() }
    }
}

impl ChangeReader {
    /// What these changes bring.
    pub(crate) fn read(&self, records: &Array, lists: &Lists) -> PageChanges {
        let mut changes = PageChanges::default();
        // Gmail often fills an element and then moves it: the same one comes twice.
        let mut last: Option<Scope> = None;
        for record in records.iter() {
            let change: Change = record.unchecked_into();
            let target = change.target();
            if lists.changed(&target) {
                changes.in_lists = true;
                continue;
            }
            let added = change.added_nodes();
            let count = added.length();
            if count == 0 {
                if !change.attribute_name().is_null() {
                    self.sort(target, lists, &mut changes);
                }
                continue;
            }
            // Where everything in an element is new, one look at the whole of it does.
            if count > 1 && target.child_nodes().length() == count {
                self.look_once(target, lists, &mut last, &mut changes);
                continue;
            }
            for place in 0..count {
                let node = added.get(place);
                if node.is_instance_of::<Element>() {
                    self.look_once(node, lists, &mut last, &mut changes);
                }
            }
        }
        changes
    }

    fn look_once(
        &self,
        scope: Scope,
        lists: &Lists,
        last: &mut Option<Scope>,
        changes: &mut PageChanges,
    ) {
        if last.as_ref() != Some(&scope) {
            self.look_in(&scope, lists, changes);
            *last = Some(scope);
        }
    }

    /// What stands in `scope` already.
    pub(crate) fn look_in(&self, scope: &Scope, lists: &Lists, changes: &mut PageChanges) {
        if scope.fits(&self.any) {
            self.sort(scope.clone(), lists, changes);
        }
        let found = scope.find_all(&self.any);
        for place in 0..found.length() {
            self.sort(found.get(place), lists, changes);
        }
    }

    /// Puts `element` where it belongs.
    fn sort(&self, element: Scope, lists: &Lists, changes: &mut PageChanges) {
        if ROW_ID.is(&element) {
            if let Some(row) = lists.row_around(&element)
                && changes.rows.last() != Some(&row)
            {
                changes.rows.push(row);
            }
        } else if CONVERSATION_ID.is(&element) || element.has_attribute("data-message-id") {
            changes.conversations.push(element.unchecked_into());
        } else if element.has_attribute("src") {
            if IMAGE.is(&element) {
                changes.images.push(element.unchecked_into());
            }
        } else if element.fits(&self.any) {
            changes.form = true;
        }
    }
}
