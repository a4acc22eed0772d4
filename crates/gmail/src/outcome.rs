//! What became of a press: Gmail refused, sent, or the user took it back.

use crate::app::App;
use crate::dom::{attribute, page};
use crate::form::Form;
use crate::selectors::{REFUSAL, UNDO, is_shown};
use crate::worker;
use js_sys::Date;
use kaifu_core::id::MessageId;
use kaifu_protocol::content::{Locate, Outcome, Settle, Signal};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use web_sys::Element;

/// Gmail refuses at once, if it does: a dialog after this many milliseconds is about something else.
const REFUSAL_MS: f64 = 5_000.0;

/// How often the page is searched for the ids of conversations, at most, in milliseconds.
const SEARCH_MS: f64 = 500.0;

/// How many sent mails are remembered for being taken back.
const REMEMBERED: usize = 20;

/// The presses whose outcome is open, and those that can still be taken back.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    waiting: RefCell<Vec<Waiting>>,
    sent: RefCell<Vec<Sent>>,
    unlocated: RefCell<Vec<String>>,
    searched_at: Cell<f64>,
}

#[derive(Debug)]
struct Waiting {
    app: Weak<App>,
    form: Rc<Form>,
    message: MessageId,
    thread: Option<String>,
    pressed_at: f64,
    /// Dialogs that were there before the press.
    dialogs: Vec<Element>,
    /// Whether Gmail has sent its request, and so has not refused.
    on_wire: bool,
}

#[derive(Debug)]
struct Sent {
    message: MessageId,
    draft: Option<String>,
}

impl Outcomes {
    /// Watches for what becomes of a press; a later press of the same form takes its place.
    pub(crate) fn await_answer(
        &self,
        app: &Rc<App>,
        form: &Rc<Form>,
        message: MessageId,
        thread: Option<String>,
    ) {
        if let Some(thread) = &thread {
            let mut unlocated = self.unlocated.borrow_mut();
            if !unlocated.contains(thread) {
                unlocated.push(thread.clone());
            }
        }
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|earlier| !Rc::ptr_eq(&earlier.form, form));
        waiting.push(Waiting {
            app: Rc::downgrade(app),
            form: form.clone(),
            message,
            thread,
            pressed_at: Date::now(),
            dialogs: dialogs(),
            on_wire: false,
        });
    }

    /// The page changed: looks for a refusal, for the message that says "sent", and for ids.
    pub(crate) fn page_changed(&self) {
        if !self.waiting.borrow().is_empty() {
            self.look_for_refusals();
            self.look_for_sent();
        }
        if !self.unlocated.borrow().is_empty() && Date::now() - self.searched_at.get() > SEARCH_MS {
            self.searched_at.set(Date::now());
            self.look_for_ids();
        }
    }

    /// Gmail has sent its request for `message`.
    pub(crate) fn on_wire(&self, message: MessageId) {
        for waiting in &mut *self.waiting.borrow_mut() {
            waiting.on_wire |= waiting.message == message;
        }
    }

    /// Gmail's server took `message`.
    pub(crate) fn left(&self, message: MessageId, draft: String, outcome: Outcome) {
        self.remember(Sent {
            message,
            draft: Some(draft),
        });
        self.settled(message, outcome, Signal::Wire);
    }

    /// The conversation `thread` can be opened by the id `legacy`.
    pub(crate) fn located(&self, thread: String, legacy: String) {
        self.unlocated.borrow_mut().retain(|other| *other != thread);
        worker::tell(Locate { thread, legacy });
    }

    /// There is a draft: if it was a mail that left, the user took it back.
    pub(crate) fn is_draft(&self, draft: &str, signal: Signal) {
        let mut sent = self.sent.borrow_mut();
        let is_it = |sent: &Sent| sent.draft.as_deref() == Some(draft);
        if let Some(place) = sent.iter().rposition(is_it) {
            self.settled(sent.remove(place).message, Outcome::Undone, signal);
        }
    }

    /// It is known what became of `message`.
    pub(crate) fn settled(&self, message: MessageId, outcome: Outcome, signal: Signal) {
        self.waiting.borrow_mut().retain(|it| it.message != message);
        worker::tell(Settle {
            message: message.to_string(),
            outcome,
            signal,
        });
    }

    /// Gmail refused `form`'s mail: takes the image out again.
    pub(crate) fn refused(&self, app: &App, form: &Rc<Form>, signal: Signal) {
        let refused = |it: &&Waiting| Rc::ptr_eq(&it.form, form) && !it.on_wire;
        let Some(message) = self
            .waiting
            .borrow()
            .iter()
            .find(refused)
            .map(|it| it.message)
        else {
            return;
        };
        form.pressed.set(false);
        if let Some(pixels) = app.pixels() {
            form.clean(&pixels);
        }
        self.settled(message, Outcome::Refused, signal);
    }

    fn remember(&self, mail: Sent) {
        let mut sent = self.sent.borrow_mut();
        sent.retain(|other| other.message != mail.message);
        sent.push(mail);
        let surplus = sent.len().saturating_sub(REMEMBERED);
        sent.drain(..surplus);
    }

    fn look_for_refusals(&self) {
        let now = Date::now();
        let shown = dialogs();
        let refused: Vec<_> = self
            .waiting
            .borrow()
            .iter()
            .filter(|it| {
                !it.on_wire && now - it.pressed_at < REFUSAL_MS && it.form.compose.is_open()
            })
            .filter(|it| shown.iter().any(|dialog| !it.dialogs.contains(dialog)))
            .filter_map(|it| it.app.upgrade().zip(Some(it.form.clone())))
            .collect();
        for (app, form) in refused {
            self.refused(&app, &form, Signal::Dialog);
        }
    }

    fn look_for_sent(&self) {
        for link in UNDO.find_all(&page()) {
            let Some(thread) = thread_of(&link) else {
                continue;
            };
            let waiting = self.waiting.borrow();
            let found = waiting
                .iter()
                .find(|it| it.thread.as_deref() == Some(&thread));
            let Some((message, draft)) = found.map(|it| (it.message, it.form.compose.draft()))
            else {
                continue;
            };
            drop(waiting);
            self.remember(Sent { message, draft });
            self.settled(message, Outcome::Sent, Signal::Toast);
        }
    }

    /// Gmail's lists and conversations show both ids of a conversation; only the second opens it.
    fn look_for_ids(&self) {
        self.unlocated.borrow_mut().retain(|thread| {
            let selector = format!(
                "[data-thread-id^='#{thread}'][data-legacy-thread-id], \
                 [data-thread-perm-id='{thread}'][data-legacy-thread-id]"
            );
            let found = page().query_selector(&selector).ok().flatten();
            let Some(legacy) = found.and_then(|it| attribute(&it, "data-legacy-thread-id")) else {
                return true;
            };
            worker::tell(Locate {
                thread: thread.clone(),
                legacy,
            });
            false
        });
    }
}

fn dialogs() -> Vec<Element> {
    REFUSAL
        .find_by_any(&page())
        .into_iter()
        .filter(is_shown_or_fixed)
        .collect()
}

/// A dialog that is fixed to the window has no offset parent, but is shown if it has a size.
fn is_shown_or_fixed(dialog: &Element) -> bool {
    is_shown(dialog) || dialog.client_height() > 0
}

fn thread_of(link: &Element) -> Option<String> {
    let param = attribute(link, "param")?;
    Some(param.trim_start_matches('#').split('|').next()?.to_owned())
}
