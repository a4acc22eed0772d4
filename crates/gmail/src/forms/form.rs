//! A compose form with Kaifu's switch in it.

use crate::forms::compose::Compose;
use crate::forms::editor;
use crate::forms::mode::ModeWatch;
use crate::forms::toggle::{Face, Status, Toggle};
use crate::session::{Session, Unready};
use kaifu_chrome::{clock, runtime};
use kaifu_core::choice::{Choice, Choices, Shown};
use kaifu_core::gmail::id::DraftId;
use kaifu_core::id::MessageId;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::Millis;
use kaifu_protocol::content::{ContentRequest, OpenFirstPage};
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;

/// A compose form, and what Kaifu keeps about it for as long as it is open.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) compose: Compose,
    toggle: RefCell<Option<Toggle>>,
    mode: RefCell<Option<ModeWatch>>,
    /// The draft that the rest is about: Gmail uses the place of an inline reply again.
    draft: RefCell<Option<DraftId>>,
    /// What was chosen before the draft had an id to remember it by.
    choice: Cell<Option<Choice>>,
    message: Cell<Option<MessageId>>,
    plain_text: Cell<bool>,
    status: Cell<Option<Status>>,
    /// Whether Send was pressed and Gmail has not refused since.
    pub(crate) pressed: Cell<bool>,
}

impl Form {
    /// `compose`, without a switch yet.
    pub(crate) const fn new(compose: Compose) -> Self {
        Self {
            compose,
            toggle: RefCell::new(None),
            mode: RefCell::new(None),
            draft: RefCell::new(None),
            choice: Cell::new(None),
            message: Cell::new(None),
            plain_text: Cell::new(false),
            status: Cell::new(None),
            pressed: Cell::new(false),
        }
    }

    /// Puts the switch in, where it is not there or no longer in its place.
    pub(crate) fn mount(&self, pressed: impl Fn() + 'static) {
        let Some(send) = self.compose.send_button() else {
            return self.unmount();
        };
        let in_place = self
            .toggle
            .borrow()
            .as_ref()
            .is_some_and(|it| it.is_in_place(&send));
        if !in_place {
            // The old one goes first, so that there are never two.
            self.toggle.replace(None);
            self.toggle.replace(Toggle::beside(&send, pressed));
        }
    }

    /// Whether the form is there without its switch, as something else took that out.
    pub(crate) fn is_detached(&self) -> bool {
        let toggle = self.toggle.borrow();
        toggle.as_ref().is_some_and(Toggle::is_detached) && self.compose.is_open()
    }

    /// Takes the switch out.
    pub(crate) fn unmount(&self) {
        self.toggle.replace(None);
    }

    /// Runs `changed` when the form changes to a kind of email that can carry an image, or from it.
    pub(crate) fn watch_mode(&self, changed: impl FnMut() + 'static) {
        if self.mode.borrow().is_none() {
            self.mode.replace(ModeWatch::new(&self.compose, changed));
        }
    }

    /// Forgets what was about another draft than the one the form has now.
    fn renew(&self) {
        let now = self.compose.draft();
        let before = self.draft.replace(now.clone());
        if before.is_some() && now.is_some() && before != now {
            self.choice.set(None);
            self.message.set(None);
            self.pressed.set(false);
            self.say(None);
        }
    }

    /// Shows the state of affairs: on the switch, and beside it what is wrong.
    pub(crate) fn refresh(&self, session: &Session) {
        self.renew();
        let face = self.face(session);
        if let Some(toggle) = &*self.toggle.borrow() {
            toggle.show(face);
        }
        let server = Status::of_server(face, session);
        let status = self.status.get();
        if status.is_none_or(Status::is_of_server) && status != server {
            self.say(server);
        }
    }

    /// Takes an image of ours out that came back with a saved draft or a refused email.
    pub(crate) fn clean(&self, pixels: &Pixels) {
        if !self.pressed.get()
            && let Some(editor) = self.compose.editor()
        {
            editor::remove_own(&editor, pixels);
        }
    }

    /// Takes out an image that is not to be in the form, and shows the state of affairs.
    pub(crate) fn clean_and_refresh(&self, session: &Session) {
        if let Some(pixels) = session.pixels() {
            self.clean(&pixels);
        }
        self.refresh(session);
    }

    fn face(&self, session: &Session) -> Face {
        if let Some(unready) = session.unready() {
            Face::Unready(unready)
        } else if let Some(obstacle) = self.obstacle() {
            obstacle
        } else if let Some(mode) = self.allowed(session) {
            // A switch that is off says whom it could not be turned on for, too.
            self.mode(session).map_or(Face::Off, |_| Face::On(mode))
        } else {
            Face::Declined
        }
    }

    /// Why the email cannot be tracked, if it cannot.
    fn obstacle(&self) -> Option<Face> {
        // A form that is closing or minimised is what it was before.
        let shown = self.compose.is_plain_text();
        let plain_text = shown.unwrap_or(self.plain_text.get());
        self.plain_text.set(plain_text);
        if self.compose.is_confidential() {
            Some(Face::Confidential)
        } else {
            plain_text.then_some(Face::PlainText)
        }
    }

    /// How the email would be tracked if it were sent now.
    pub(crate) fn shown(&self, session: &Session) -> Shown {
        let is_on = self.mode(session).is_some();
        let is_ready = session.unready().is_none() && self.obstacle().is_none();
        let mode = (is_on && is_ready).then(|| self.allowed(session));
        Shown {
            mode: mode.flatten(),
        }
    }

    /// How its recipients let the email be tracked, were the switch on.
    fn allowed(&self, session: &Session) -> Option<Mode> {
        let mode = self.mode(session).unwrap_or_else(|| session.mode());
        session.allowed(mode, || self.compose.recipients())
    }

    /// How the email is to be tracked where it can be; `None` where it is not to be.
    fn mode(&self, session: &Session) -> Option<Mode> {
        self.choices(session).shown(session.mode_by_default())
    }

    fn choices(&self, session: &Session) -> Choices {
        self.renew();
        let draft = self.compose.draft();
        let mut choices = draft.map_or_else(Choices::default, |draft| session.choices(&draft));
        if let Some(choice) = self.choice.get() {
            choices.choose(choice);
        }
        choices
    }

    /// The user pressed the switch.
    pub(crate) fn turn(&self, session: &Session) {
        let face = self.face(session);
        if face == Face::Unready(Unready::NotAgreed) {
            spawn_local(open_first_page());
        }
        if matches!(face, Face::On(_) | Face::Off) {
            let choices = self.choices(session);
            // A clock that was set back must not keep the user from choosing.
            let after = choices.chosen.map_or(0, |known| known.at.0 + 1);
            let shown = choices.shown(session.mode_by_default());
            self.choice.set(Some(Choice {
                mode: shown.is_none().then(|| session.mode()),
                at: Millis(clock::now().0.max(after)),
            }));
            self.remember(session);
        }
        self.say(None);
        self.refresh(session);
    }

    /// Hands the choice over to the draft's id, once it has one: from then on it is kept there and
    /// nowhere else.
    pub(crate) fn remember(&self, session: &Session) {
        if self.choice.get().is_some()
            && let Some(draft) = self.compose.draft()
            && let Some(choice) = self.choice.take()
        {
            session.choose(draft, choice);
        }
    }

    /// The message that this form's email is, and the one that it was before its draft had an id,
    /// where that is another. `None` where the browser has no randomness.
    pub(crate) fn number(&self, session: &Session) -> Option<(MessageId, Option<MessageId>)> {
        self.renew();
        let (draft, before) = (self.compose.draft(), self.message.get());
        let message = match (&draft, before) {
            (None, Some(before)) => before,
            _ => session.number(draft.as_ref())?,
        };
        self.message.set(Some(message));
        Some((message, before.filter(|before| *before != message)))
    }

    /// Says `status` beside the switch.
    pub(crate) fn say(&self, status: Option<Status>) {
        self.status.set(status);
        if let Some(toggle) = &*self.toggle.borrow() {
            toggle.say(status);
        }
    }
}

/// A press that the worker does not hear can be repeated by the user, so it is told once.
async fn open_first_page() {
    let _ = runtime::tell(&ContentRequest::from(OpenFirstPage {})).await;
}
