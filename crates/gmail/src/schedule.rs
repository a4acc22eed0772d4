//! Sending at a later time: chosen in a form's menu, and the time in dialogs outside of the form.

use crate::app::App;
use crate::dom::target;
use crate::form::Form;
use crate::press;
use crate::selectors::{LATER, TIME};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Event;

/// Which form the dialogs are about.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// The form that was used last: its menu stands outside of it.
    used: RefCell<Option<Rc<Form>>>,
    asking: RefCell<Option<Rc<Form>>>,
}

/// A press of the mouse or of a key that chooses. Gmail acts on the mouse's press, its release or the
/// click, depending on what is pressed.
pub(crate) fn on_press(app: &Rc<App>, event: &Event) {
    let Some(element) = target(event) else { return };
    let schedule = &app.schedule;
    let form = app.form_around(&element);
    if form.is_none() && TIME.around(&element).is_some() {
        let asking = schedule.asking.borrow().clone();
        if event.type_() != "mousedown"
            && let Some(form) = asking.filter(|form| form.compose.is_open())
            && !form.pressed.get()
        {
            press::pressed(app, &form, true);
        }
    } else if LATER.around(&element).is_some() {
        let form = form.or_else(|| schedule.used.borrow().clone());
        schedule.asking.replace(form);
    } else if form.is_some() {
        schedule.asking.replace(None);
        schedule.used.replace(form);
    }
}
