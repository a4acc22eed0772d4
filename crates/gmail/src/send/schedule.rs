//! Sending at a later time: chosen in a form's menu, and the time in dialogs outside of the form; and
//! what Gmail's lists say of it afterwards.

use crate::app::App;
use crate::forms::form::Form;
use crate::outcomes::thread_of;
use crate::page::dom::{attribute, document, page, target};
use crate::page::selectors::{DRAFT_ROW, LATER, Landmark, ROW_ID, TIME, UNDO, is_shown};
use crate::send::press;
use crate::session::Scheduled;
use kaifu_core::gmail::id;
use kaifu_core::id::MessageId;
use kaifu_protocol::content::Signal;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Event;

/// Which form the dialogs are about, and what the lists said.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// The form that was used last: its menu stands outside of it.
    form: RefCell<Option<Rc<Form>>>,
    /// Whether its mail is to be sent later.
    asks: Cell<bool>,
    /// Mails, and whether the list of scheduled ones had their conversation when last looked at.
    listed: RefCell<Vec<(MessageId, bool)>>,
}

/// A press of the mouse or of a key that chooses. Gmail acts on the mouse's press, its release or the
/// click, depending on what is pressed.
pub(crate) fn on_press(app: &Rc<App>, event: &Event) {
    let Some(element) = target(event) else { return };
    let Schedule { form, asks, .. } = &app.schedule;
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

impl Schedule {
    /// Looks for scheduled mails in the list that the page shows.
    pub(crate) fn look(&self, app: &App) {
        let url = document().url().unwrap_or_default();
        let hash = url.split_once('#').map_or("", |(_, hash)| hash);
        let route = hash.split_once('?').map_or(hash, |(route, _)| route);
        let known = app.known.borrow();
        for mail in known.scheduled() {
            if route == "scheduled" {
                self.look_for(app, &mail);
            } else if route == "drafts"
                && !mail.cancelled
                && shows(
                    &DRAFT_ROW,
                    "data-standalone-draft-id",
                    id::message,
                    mail.draft,
                )
            {
                app.outcomes.taken_back(mail.message, Signal::List);
            }
        }
    }

    /// Looks whether `mail` has gone from the list of scheduled mails in the moment in which Gmail
    /// offered to undo something about it, or has come to it. A row alone goes for many reasons.
    fn look_for(&self, app: &App, mail: &Scheduled<'_>) {
        let is_listed = shows(&ROW_ID, "data-thread-id", id::thread, mail.thread);
        let undo = UNDO.find_all(&page());
        let can_undo = undo
            .iter()
            .any(|link| thread_of(link).as_deref() == Some(mail.thread));
        let mut listed = self.listed.borrow_mut();
        let before = listed.iter().position(|(other, _)| *other == mail.message);
        let before = before.map(|place| listed.swap_remove(place).1);
        // What can be undone while the row still stands is something else, as the schedule itself.
        if !is_listed || !can_undo {
            listed.push((mail.message, is_listed));
        }
        match before {
            Some(true) if !is_listed && can_undo && !mail.cancelled => {
                app.outcomes.taken_back(mail.message, Signal::Toast);
            }
            // Its row may be there for another mail of the conversation.
            Some(false)
                if is_listed
                    && mail.cancelled
                    && !app
                        .known
                        .borrow()
                        .scheduled()
                        .any(|other| other.thread == mail.thread && !other.cancelled) =>
            {
                app.outcomes.given_back(mail.message, Signal::List);
            }
            _ => {}
        }
    }
}

/// Whether the page shows a row that names `id`.
fn shows(row: &Landmark, name: &str, normal: fn(&str) -> Option<&str>, id: &str) -> bool {
    row.find_all(&page())
        .iter()
        .any(|node| attribute(node, name).as_deref().and_then(normal) == Some(id) && is_shown(node))
}
