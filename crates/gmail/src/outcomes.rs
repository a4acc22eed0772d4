//! What became of a press: Gmail refused, sent, or the user took it back.

use crate::app::App;
use crate::forms::form::Form;
use crate::page::dom::{attribute, page};
use crate::page::selectors::{REFUSAL, TIME_FIELDS, UNDO, is_shown};
use crate::worker;
use js_sys::Date;
use kaifu_core::gmail::id;
use kaifu_core::id::MessageId;
use kaifu_protocol::content::{Locate, Outcome, Settle, Signal};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

/// Gmail refuses at once, if it does: a dialog after this many milliseconds is about something else.
const REFUSAL_MS: f64 = 5_000.0;

/// How long changes of the page are gathered before it is searched for ids, in milliseconds.
const SEARCH_MS: u32 = 500;

/// How long the page's signs of a press are waited for, in milliseconds.
const WAITING_MS: f64 = 600_000.0;

/// By how much Gmail's clock may be behind this one, in milliseconds.
const SKEW_MS: f64 = 5_000.0;

/// The presses whose outcome is open.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    waiting: RefCell<Vec<Waiting>>,
    /// What was told to have been taken back, so that it is not said at each save of the draft.
    back: RefCell<Vec<MessageId>>,
    unlocated: RefCell<Vec<String>>,
    searching: Cell<bool>,
}

#[derive(Debug)]
struct Waiting {
    form: Rc<Form>,
    message: MessageId,
    thread: Option<String>,
    pressed_at: f64,
    /// Whether a time was chosen for it.
    later: bool,
    /// Whether Gmail refused, so that its image is out again. It may send all the same when its
    /// dialog is answered.
    refused: bool,
    /// Dialogs that were there before the press.
    dialogs: Vec<Element>,
    /// Whether Gmail has sent its request, and so has not refused.
    on_wire: bool,
}

impl Waiting {
    /// What became of it, now that Gmail has it.
    const fn left(&self) -> Outcome {
        if self.refused {
            Outcome::Untracked
        } else if self.later {
            Outcome::Scheduled
        } else {
            Outcome::Sent
        }
    }
}

impl Outcomes {
    /// Watches for what becomes of a press; a later press of the same form takes its place.
    pub(crate) fn await_answer(
        &self,
        form: &Rc<Form>,
        message: MessageId,
        thread: Option<String>,
        later: bool,
    ) {
        self.back.borrow_mut().retain(|other| *other != message);
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|earlier| !Rc::ptr_eq(&earlier.form, form));
        waiting.push(Waiting {
            form: form.clone(),
            message,
            thread,
            pressed_at: Date::now(),
            later,
            refused: false,
            dialogs: dialogs(),
            on_wire: false,
        });
    }

    /// Looks for the id by which the conversation `thread` can be opened.
    pub(crate) fn locate(&self, thread: &str) {
        let mut unlocated = self.unlocated.borrow_mut();
        if !unlocated.iter().any(|other| other == thread) {
            unlocated.push(thread.to_owned());
        }
    }

    /// The page changed: looks for a refusal, for the message that says "sent", and soon for ids.
    pub(crate) fn page_changed(&self, app: &Rc<App>) {
        let waits = !self.waiting.borrow().is_empty();
        if waits {
            self.look_for_refusals(app);
            self.look_for_sent();
        }
        let looks = || {
            !self.unlocated.borrow().is_empty() || app.known.borrow().scheduled().next().is_some()
        };
        if (waits || looks()) && !self.searching.replace(true) {
            app.later(SEARCH_MS, |app| app.outcomes.search(app));
        }
    }

    fn search(&self, app: &App) {
        self.searching.set(false);
        let now = Date::now();
        // What nothing was seen of for long is forgotten.
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|it| now - it.pressed_at < WAITING_MS);
        drop(waiting);
        self.look_for_listed();
        self.look_for_ids();
        app.schedule.look(app);
    }

    /// Gmail has sent its request for `message`.
    pub(crate) fn on_wire(&self, message: MessageId) {
        for waiting in &mut *self.waiting.borrow_mut() {
            waiting.on_wire |= waiting.message == message;
        }
    }

    /// Gmail's server took `message`.
    pub(crate) fn left(&self, message: MessageId, outcome: Outcome) {
        // The labels of a scheduled mail are less certain than what the user pressed.
        let later = |it: &Waiting| it.message == message && it.later;
        let outcome = if self.waiting.borrow().iter().any(later) {
            Outcome::Scheduled
        } else {
            outcome
        };
        self.settled(message, outcome, Signal::Wire);
    }

    /// The conversation `thread` can be opened by the id `legacy`.
    pub(crate) fn located(&self, thread: String, legacy: String) {
        self.unlocated.borrow_mut().retain(|other| *other != thread);
        worker::tell(Locate { thread, legacy });
    }

    /// `message` is a draft again: if it left, the user took it back. The worker knows whether it did.
    pub(crate) fn taken_back(&self, message: MessageId, signal: Signal) {
        let waits = |it: &Waiting| it.message == message && !it.refused;
        let waits = self.waiting.borrow().iter().any(waits);
        let mut back = self.back.borrow_mut();
        if !waits && !back.contains(&message) {
            back.push(message);
            drop(back);
            self.settled(message, Outcome::Undone, signal);
        }
    }

    /// The user took `message` back, and then took that back.
    pub(crate) fn given_back(&self, message: MessageId, signal: Signal) {
        self.back.borrow_mut().retain(|other| *other != message);
        self.settled(message, Outcome::Scheduled, signal);
    }

    /// It is known what became of `message`.
    pub(crate) fn settled(&self, message: MessageId, outcome: Outcome, signal: Signal) {
        self.waiting.borrow_mut().retain(|it| it.message != message);
        tell(message, outcome, signal);
    }

    /// Gmail refused `form`'s mail: takes the image out again.
    pub(crate) fn refused(&self, app: &App, form: &Rc<Form>, signal: Signal) {
        let mut waiting = self.waiting.borrow_mut();
        let refused = |it: &&mut Waiting| Rc::ptr_eq(&it.form, form) && !it.on_wire && !it.refused;
        let Some(it) = waiting.iter_mut().find(refused) else {
            return;
        };
        it.refused = true;
        let message = it.message;
        drop(waiting);
        form.pressed.set(false);
        if let Some(pixels) = app.pixels() {
            form.clean(&pixels);
        }
        tell(message, Outcome::Refused, signal);
    }

    fn look_for_refusals(&self, app: &App) {
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
            .map(|it| it.form.clone())
            .collect();
        for form in refused {
            self.refused(app, &form, Signal::Dialog);
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
            let Some((message, outcome)) = found.map(|it| (it.message, it.left())) else {
                continue;
            };
            drop(waiting);
            self.settled(message, outcome, Signal::Toast);
        }
    }

    /// A mail whose form is gone may stand in the conversation or a list by now. The id of what was
    /// sent last there begins with its time.
    fn look_for_listed(&self) {
        let is_listed = |it: &&Waiting| {
            let shown = || {
                let (thread, draft) = (it.thread.as_ref()?, it.form.compose.draft()?);
                let selector = format!(
                    "[data-message-id='#{draft}'],[data-thread-id^='#{thread}']\
                     [data-legacy-last-non-draft-message-id]"
                );
                let found = page().query_selector(&selector).ok()??;
                let id = attribute(&found, "data-legacy-message-id")
                    .or_else(|| attribute(&found, "data-legacy-last-non-draft-message-id"));
                id::time(&id?)
            };
            !it.form.compose.is_open() && shown().is_some_and(|at| at > it.pressed_at - SKEW_MS)
        };
        let waiting = self.waiting.borrow();
        let listed = waiting.iter().find(is_listed);
        if let Some((message, outcome)) = listed.map(|it| (it.message, it.left())) {
            drop(waiting);
            self.settled(message, outcome, Signal::List);
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

fn tell(message: MessageId, outcome: Outcome, signal: Signal) {
    worker::tell(Settle {
        message: message.to_string(),
        outcome,
        signal,
    });
}

fn dialogs() -> Vec<Element> {
    let mut found = REFUSAL.find_by_any(&page());
    // Choosing a time may lead to another dialog instead of to the mail's leaving.
    found.extend(TIME_FIELDS.find_all(&page()));
    found.retain(is_shown_or_fixed);
    found
}

/// A dialog that is fixed to the window has no offset parent, but is shown if it has a size.
fn is_shown_or_fixed(dialog: &Element) -> bool {
    is_shown(dialog) || dialog.client_height() > 0
}

/// Gmail's sync id of the conversation that `link` undoes something in.
pub(crate) fn thread_of(link: &Element) -> Option<String> {
    id::thread(&attribute(link, "param")?).map(str::to_owned)
}
