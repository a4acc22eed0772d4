//! What a change of the page brings, found in one pass over it.
//!
//! Gmail changes its page all the time, so this runs more often than anything else here. It asks the
//! page as little as possible: one query for each node that was added.

use crate::dom::page;
use crate::selectors::{ARRIVAL, CONVERSATION_ID, IMAGE, MESSAGE, ROW_ID, elements};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, MutationRecord, Node, NodeList};

/// The attributes whose change in place makes a node arrive anew: Gmail fills its rows again for
/// other conversations.
pub(crate) const WATCHED: [&str; 4] = [
    "data-thread-id",
    "data-thread-perm-id",
    "data-message-id",
    "src",
];

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Whether there is a compose form, or a part of one.
    pub(crate) form: bool,
    /// The nodes that name the conversation of a row.
    pub(crate) rows: Vec<Element>,
    /// The same, where only the name changed.
    pub(crate) renamed: Vec<Element>,
    /// The nodes that name a conversation that is shown, and its messages.
    pub(crate) conversations: Vec<Element>,
    /// Images that may be ours.
    pub(crate) images: Vec<Element>,
}

/// Finds arrivals.
#[derive(Debug)]
pub(crate) struct Watcher {
    /// One selector for everything that is looked for. It and the page's functions are kept as the
    /// page's own values: handing the text over each time costs more than the query.
    any: JsValue,
    find: Option<Function>,
    matches: Option<Function>,
}

impl Default for Watcher {
    fn default() -> Self {
        let mut any = ARRIVAL.any();
        for landmark in [&ROW_ID, &CONVERSATION_ID, &MESSAGE, &IMAGE] {
            any.push(',');
            any.push_str(landmark.best());
        }
        let page = page();
        let function = |name: &str| Reflect::get(&page, &name.into()).ok()?.dyn_into().ok();
        Self {
            any: any.into(),
            find: function("querySelectorAll"),
            matches: function("matches"),
        }
    }
}

impl Watcher {
    /// What these changes bring.
    pub(crate) fn read(&self, records: &Array) -> Arrivals {
        let mut arrivals = Arrivals::default();
        // Gmail often fills an element and then moves it: the same one comes twice.
        let mut last: Option<Node> = None;
        for record in records.iter() {
            let record: &MutationRecord = record.unchecked_ref();
            let added = record.added_nodes();
            let count = added.length();
            if count == 0 {
                if record.attribute_name().is_some()
                    && let Some(target) = record.target()
                    && let Ok(element) = target.dyn_into::<Element>()
                {
                    self.sort(element, true, &mut arrivals);
                }
                continue;
            }
            // Where everything in an element is new, one look at the whole of it does.
            if count > 1
                && let Some(target) = record.target()
                && target.child_nodes().length() == count
            {
                self.look_once(target, &mut last, &mut arrivals);
                continue;
            }
            for i in 0..count {
                if let Some(node) = added.get(i) {
                    self.look_once(node, &mut last, &mut arrivals);
                }
            }
        }
        arrivals
    }

    fn look_once(&self, node: Node, last: &mut Option<Node>, arrivals: &mut Arrivals) {
        if last.as_ref() == Some(&node) {
            return;
        }
        if let Some(element) = node.dyn_ref::<Element>() {
            self.look_in(element, arrivals);
            *last = Some(node);
        }
    }

    /// What stands in `scope` already.
    pub(crate) fn look_in(&self, scope: &Element, arrivals: &mut Arrivals) {
        if self.is_any(scope) {
            self.sort(scope.clone(), false, arrivals);
        }
        let found = self
            .find
            .as_ref()
            .and_then(|find| find.call1(scope, &self.any).ok());
        if let Some(found) = found {
            for element in elements(found.unchecked_ref::<NodeList>()) {
                self.sort(element, false, arrivals);
            }
        }
    }

    fn is_any(&self, element: &Element) -> bool {
        self.matches
            .as_ref()
            .and_then(|matches| matches.call1(element, &self.any).ok())
            .is_some_and(|is| is.is_truthy())
    }

    /// Puts `element` where it belongs.
    fn sort(&self, element: Element, is_renamed: bool, arrivals: &mut Arrivals) {
        if element.has_attribute("data-thread-id") {
            if is_renamed {
                arrivals.renamed.push(element);
            } else {
                arrivals.rows.push(element);
            }
        } else if element.has_attribute("data-thread-perm-id")
            || element.has_attribute("data-message-id")
        {
            arrivals.conversations.push(element);
        } else if element.has_attribute("src") {
            if IMAGE.is(&element) {
                arrivals.images.push(element);
            }
        } else if self.is_any(&element) {
            arrivals.form = true;
        }
    }
}
