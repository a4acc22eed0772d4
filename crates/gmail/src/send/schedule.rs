//! Sending at a later time: chosen in a form's menu, and the time in dialogs outside of the form.

use crate::forms::form::Form;
use crate::forms::open::OpenForms;
use crate::page::dom::{page, target};
use crate::page::selectors::{DIALOG, LATER, TIME};
use crate::send::signs::is_shown_or_fixed;
use kaifu_chrome::clock;
use kaifu_core::time::Millis;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, KeyboardEvent};

/// How long Gmail may take from one dialog to the next, in milliseconds.
const BETWEEN_MS: i64 = 2_000;

/// How long somebody may take to choose a time, in milliseconds.
const PATIENCE_MS: i64 = 600_000;

/// Which form the dialogs are about.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// The form that was used last: its menu stands outside of it.
    form: RefCell<Option<Rc<Form>>>,
    asks: RefCell<Option<Question>>,
    /// When something was last chosen on the way to a time.
    chosen_at: Cell<Millis>,
}

/// The menu's item for a later time was pressed: what comes now asks for the time.
#[derive(Debug)]
struct Question {
    at: Millis,
    /// The dialogs that were there before, which ask for something else.
    others: Vec<Element>,
    /// Whether a dialog of it was there.
    is_shown: bool,
}

impl Schedule {
    /// The form whose email was given a time by `event`, a press of the mouse or of a key. Gmail acts
    /// on the mouse's press, its release or the click, depending on what is pressed.
    pub(crate) fn chosen(&self, forms: &OpenForms, event: &Event) -> Option<Rc<Form>> {
        let element = target(event)?;
        let is_escape = event
            .dyn_ref::<KeyboardEvent>()
            .is_some_and(|key| key.key() == "Escape");
        let used = forms.around(&element);
        if used.is_some() || is_escape {
            self.asks.replace(None);
        }
        if let Some(used) = used {
            self.form.replace(Some(used));
            return None;
        }
        let now = clock::now();
        if LATER.is_around(&element) && !TIME.is_around(&element) {
            self.chosen_at.set(now);
            self.asks.replace(Some(Question {
                at: now,
                others: shown_dialogs(),
                is_shown: false,
            }));
            return None;
        }
        if event.type_() == "mousedown" || !self.is_asked_in(&element, now) {
            return None;
        }
        self.chosen_at.set(now);
        let form = self.form.borrow().clone()?;
        (form.compose.is_open() && !form.pressed.get()).then_some(form)
    }

    /// Whether `element` is what chooses a time in a dialog that came with the question.
    fn is_asked_in(&self, element: &Element, now: Millis) -> bool {
        let asks = self.asks.borrow();
        let Some(question) = asks.as_ref() else {
            return false;
        };
        TIME.is_around(element)
            && now.since(question.at) < PATIENCE_MS
            && !(question.others.iter()).any(|other| other.contains(Some(element)))
    }

    /// The page changed: when the last dialog of the question is gone, so is the question.
    pub(crate) fn page_changed(&self) {
        let mut asks = self.asks.borrow_mut();
        let Some(question) = asks.as_mut() else {
            return;
        };
        let mut dialogs = shown_dialogs();
        dialogs.retain(|it| !question.others.contains(it));
        if !dialogs.is_empty() {
            question.is_shown = true;
            return;
        }
        let chosen_at = self.chosen_at.get();
        // One that was put away without a choice in it leads to no other.
        let was_cancelled = question.is_shown && chosen_at == question.at;
        if was_cancelled || clock::now().since(chosen_at) > BETWEEN_MS {
            *asks = None;
        }
    }
}

fn shown_dialogs() -> Vec<Element> {
    let mut found = DIALOG.find_by_any(&page());
    found.retain(is_shown_or_fixed);
    found
}
