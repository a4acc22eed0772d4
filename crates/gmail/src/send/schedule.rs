//! Sending at a later time: chosen in a form's menu, and the time in dialogs outside of the form.

use crate::forms::form::Form;
use crate::forms::open::OpenForms;
use crate::page::dom::target;
use crate::page::selectors::{LATER, TIME};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Event;

/// Which form the dialogs are about.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// The form that was used last: its menu stands outside of it.
    form: RefCell<Option<Rc<Form>>>,
    /// Whether its menu's item for a later time was pressed.
    asks: Cell<bool>,
}

impl Schedule {
    /// The form whose email was given a time by `event`, a press of the mouse or of a key. Gmail acts
    /// on the mouse's press, its release or the click, depending on what is pressed.
    pub(crate) fn chosen(&self, forms: &OpenForms, event: &Event) -> Option<Rc<Form>> {
        let element = target(event)?;
        if let Some(used) = forms.around(&element) {
            self.asks.set(false);
            self.form.replace(Some(used));
            return None;
        }
        if LATER.is_around(&element) && !TIME.is_around(&element) {
            self.asks.set(true);
            return None;
        }
        if !self.asks.get() || event.type_() == "mousedown" || !TIME.is_around(&element) {
            return None;
        }
        let form = self.form.borrow().clone()?;
        (form.compose.is_open() && !form.pressed.get()).then_some(form)
    }
}
