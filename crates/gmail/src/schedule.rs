//! Sending at a later time: chosen in a form's menu, and the time in dialogs outside of the form.

use crate::app::App;
use crate::dom::target;
use crate::form::Form;
use crate::press;
use crate::selectors::{LATER, TIME};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Event;

/// Which form the dialogs are about.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// The form that was used last: its menu stands outside of it.
    form: RefCell<Option<Rc<Form>>>,
    /// Whether its mail is to be sent later.
    asks: Cell<bool>,
}

/// A press of the mouse or of a key that chooses. Gmail acts on the mouse's press, its release or the
/// click, depending on what is pressed.
pub(crate) fn on_press(app: &Rc<App>, event: &Event) {
    let Some(element) = target(event) else { return };
    let Schedule { form, asks } = &app.schedule;
    if let Some(pressed) = app.form_around(&element) {
        asks.set(false);
        form.replace(Some(pressed));
    } else if LATER.is_around(&element) && !TIME.is_around(&element) {
        asks.set(true);
    } else if asks.get()
        && event.type_() != "mousedown"
        && TIME.is_around(&element)
        && let Some(form) = form.borrow().clone()
        && form.compose.is_open()
        && !form.pressed.get()
    {
        press::pressed(app, &form, true);
    }
}
