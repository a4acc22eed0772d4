//! A compose form with Kaifu's switch in it.

use crate::forms::compose::Compose;
use crate::forms::editor;
use crate::forms::mode::ModeWatch;
use crate::forms::panel::{self, Hears};
use crate::forms::toggle::{Face, Status, Toggle};
use crate::session::{Session, Unready};
use crate::worker;
use kaifu_chrome::{clock, runtime};
use kaifu_core::choice::{Choice, Choices, Shown};
use kaifu_core::gmail::id::DraftId;
use kaifu_core::id::MessageId;
use kaifu_core::mail::consent::Standing;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::Millis;
use kaifu_protocol::content::{ContentRequest, OpenFirstPage, Wish};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

/// A compose form, and what Kaifu keeps about it for as long as it is open.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) compose: Compose,
    toggle: RefCell<Option<Toggle>>,
    hears: RefCell<Option<Hears>>,
    mode: RefCell<Option<ModeWatch>>,
    /// The draft that the rest is about: Gmail uses the place of an inline reply again.
    draft: RefCell<Option<DraftId>>,
    /// What was chosen before the draft had an id to remember it by.
    choice: Cell<Option<Choice>>,
    /// How it was to be tracked before its switch was turned off.
    last: Cell<Option<Manner>>,
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
            hears: RefCell::new(None),
            mode: RefCell::new(None),
            draft: RefCell::new(None),
            choice: Cell::new(None),
            last: Cell::new(None),
            message: Cell::new(None),
            plain_text: Cell::new(false),
            status: Cell::new(None),
            pressed: Cell::new(false),
        }
    }

    /// Puts the switch in, where it is not there or no longer in its place.
    pub(crate) fn mount(self: &Rc<Self>, session: &Rc<Session>) {
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
            let does = |act: fn(&Self, &Session)| -> Box<dyn Fn()> {
                let (form, session) = (Rc::downgrade(self), session.clone());
                Box::new(move || {
                    if let Some(form) = form.upgrade() {
                        act(&form, &session);
                    }
                })
            };
            let toggle = Toggle::beside(&send, does(Self::turn), does(Self::open_panel));
            self.toggle.replace(toggle);
            let (form, session) = (Rc::downgrade(self), session.clone());
            self.hears.replace(Some(Closure::new(move |code: String| {
                if let Some(form) = form.upgrade() {
                    form.hear(&session, code);
                }
            })));
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
            self.last.set(None);
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
            if panel::is_open(toggle.options()) {
                self.show_panel(session, toggle, face, None);
            }
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
        } else {
            // A switch that is off says whom it could not be turned on for, too.
            match self.allowed(session) {
                Err(Standing::Never) => Face::Never,
                Err(_) => Face::Declined,
                Ok(_) if self.manner(session).is_none() => Face::Off,
                Ok(how)
                    if how.mode.has_image() && session.is_wished(&|| self.compose.recipients()) =>
                {
                    Face::Always
                }
                Ok(how) => Face::On(how.mode),
            }
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
        let is_on = self.manner(session).is_some();
        let is_ready = session.unready().is_none() && self.obstacle().is_none();
        let how = (is_on && is_ready).then(|| self.allowed(session));
        Shown {
            how: how.and_then(Result::ok),
        }
    }

    /// How its recipients let the email be tracked, were the switch on.
    fn allowed(&self, session: &Session) -> Result<Manner, Standing> {
        session.allowed(self.if_on(session), &|| self.compose.recipients())
    }

    /// How the email is tracked once its switch is on.
    fn if_on(&self, session: &Session) -> Manner {
        let shown = self.manner(session).or(self.last.get());
        shown.unwrap_or_else(|| session.mode().into())
    }

    /// How the email is to be tracked where it can be; `None` where it is not to be.
    fn manner(&self, session: &Session) -> Option<Manner> {
        let by_default = session.manner_by_default(&|| self.compose.recipients());
        self.choices(session).shown(by_default)
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
    fn turn(&self, session: &Session) {
        let face = self.face(session);
        if face == Face::Unready(Unready::NotAgreed) {
            spawn_local(open_first_page());
        }
        let how = self.if_on(session);
        match face {
            face if face.is_on() => {
                self.last.set(Some(how));
                self.choose(session, None);
            }
            Face::Off => self.choose(session, Some(how)),
            _ => {}
        }
        self.say(None);
        self.refresh(session);
    }

    /// The user pressed the button beside the switch.
    fn open_panel(&self, session: &Session) {
        let (toggle, hears) = (self.toggle.borrow(), self.hears.borrow());
        if let Some(toggle) = &*toggle {
            self.show_panel(session, toggle, self.face(session), hears.as_ref());
        }
    }

    /// Has the panel show how things stand, beside a switch that shows `face`; see [`panel::show`].
    fn show_panel(&self, session: &Session, toggle: &Toggle, face: Face, hears: Option<&Hears>) {
        let typed = self.compose.editor().map(|editor| editor.inner_html());
        let recipients = self.compose.recipients();
        let obstacle = if face.is_free() { "" } else { face.title() };
        let (how, typed) = (self.manner(session), typed.unwrap_or_default());
        let told = session.tell_panel(how, obstacle, &typed, &recipients);
        panel::show(session, toggle.options(), &told, hears);
    }

    /// The panel says what the user chose.
    fn hear(&self, session: &Session, said: String) {
        if said.contains(' ') {
            // What it changes is told to every tab, this one included.
            worker::tell(Wish { said });
        } else {
            self.choose(session, Some(Manner::from_code(&said)));
        }
        self.refresh(session);
    }

    /// The user chose how the email is to be tracked, if it is to be.
    fn choose(&self, session: &Session, how: Option<Manner>) {
        // A clock that was set back must not keep the user from choosing.
        let known = self.choices(session).chosen;
        let after = known.map_or(0, |known| known.at.0 + 1);
        let at = Millis(clock::now().0.max(after));
        self.choice.set(Some(Choice { how, at }));
        self.remember(session);
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
