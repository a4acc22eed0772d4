//! What the worker told last about the account and its drafts.

mod manner;

use crate::page::random::random_message;
use crate::worker;
use js_sys::Function;
use kaifu_core::choice::{Choice, Choices, Shown};
use kaifu_core::gmail::id::{DraftId, ThreadId};
use kaifu_core::id::{MessageId, MessageKey, SealKey};
use kaifu_core::mail::consent::Consents;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::outcome::{Outcome, State};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{self, Choose, Server};
use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;

/// Why no email can be tracked at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unready {
    /// There is no account yet.
    NoAccount,
    /// The server refuses the account.
    Refused,
    /// The browser keeps nothing, so that nobody would know of the email.
    NoStorage,
    /// The user has not agreed on the first page yet.
    NotAgreed,
}

/// What is known about the account and its drafts. Nothing borrowed leaves it, so it may be asked
/// and changed at any time, also from what Gmail calls while we change its page.
#[derive(Debug, Default)]
pub(crate) struct Session {
    is_heard: Cell<bool>,
    pixels: RefCell<Option<Rc<Pixels>>>,
    message_key: RefCell<Option<MessageKey>>,
    server: Cell<Server>,
    no_storage: Cell<bool>,
    seal_key: RefCell<Option<SealKey>>,
    mode: Cell<Mode>,
    tells: Cell<bool>,
    lines: RefCell<Vec<String>>,
    strict: Cell<bool>,
    /// For how many days after its delivery an email is tracked.
    track_days: Cell<u16>,
    people: RefCell<Consents>,
    track_by_default: Cell<bool>,
    mark_untracked: Cell<bool>,
    drafts: RefCell<Vec<(DraftId, Remembered)>>,
    panel: RefCell<Option<Function>>,
}

#[derive(Debug, Default)]
struct Remembered {
    choices: Choices,
    /// What its form showed in this page when it was closed.
    closed: Option<Shown>,
    message: Option<MessageId>,
    thread: Option<ThreadId>,
    scheduled: bool,
    cancelled: bool,
    open_at: Option<Millis>,
}

impl Remembered {
    fn scheduled(&self) -> Option<(&ThreadId, MessageId)> {
        let thread = self.thread.as_ref().filter(|_| self.scheduled)?;
        self.choices.shown(Some(Manner::default()))?;
        Some((thread, self.message?))
    }
}

/// An email that Gmail keeps for a later time, or kept until that was cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Scheduled {
    pub(crate) draft: DraftId,
    pub(crate) thread: ThreadId,
    pub(crate) message: MessageId,
    /// Which of both it is.
    pub(crate) state: State,
}

impl Scheduled {
    /// Whether the user cancelled it.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state == State::Settled(Outcome::Cancelled)
    }
}

/// A press of which nobody knows what became, of this page or another.
#[derive(Clone, Debug)]
pub(crate) struct OpenPress {
    pub(crate) draft: DraftId,
    pub(crate) thread: Option<ThreadId>,
    pub(crate) message: MessageId,
    pub(crate) at: Millis,
}

impl Session {
    /// Has panels shown by `show`, which loads what shows them.
    pub(crate) fn show_panel_by(&self, show: Function) {
        self.panel.replace(Some(show));
    }

    /// What shows panels: see `show` in the crate `panel`.
    pub(crate) fn show_panel(&self) -> Option<Function> {
        self.panel.borrow().clone()
    }

    /// Whether the worker has said anything yet.
    pub(crate) fn is_heard(&self) -> bool {
        self.is_heard.get()
    }

    /// What images are made with and known by; `None` until there is an account.
    pub(crate) fn pixels(&self) -> Option<Rc<Pixels>> {
        self.pixels.borrow().clone()
    }

    /// Why no email can be tracked, if none can.
    pub(crate) fn unready(&self) -> Option<Unready> {
        if self.no_storage.get() || worker::keeps_nothing() {
            Some(Unready::NoStorage)
        } else if self.server.get() == Server::NotAgreed {
            Some(Unready::NotAgreed)
        } else if self.pixels.borrow().is_none() {
            Some(Unready::NoAccount)
        } else {
            (self.server.get() == Server::Refuses).then_some(Unready::Refused)
        }
    }

    /// Whether the server does not answer.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.server.get() == Server::Unreachable
    }

    /// Takes over whether the browser keeps anything. True where that is new.
    pub(crate) fn keeps_nothing(&self, nothing: bool) -> bool {
        self.no_storage.replace(nothing) != nothing
    }

    /// Whether the worker wants to know of emails that are not tracked, too.
    pub(crate) fn mark_untracked(&self) -> bool {
        self.mark_untracked.get()
    }

    /// What was decided about `draft`.
    pub(crate) fn choices(&self, draft: &DraftId) -> Choices {
        self.remembered(draft, |it| Some(it.choices))
            .unwrap_or_default()
    }

    /// What the form of `draft` showed when it was closed in this page.
    pub(crate) fn closed(&self, draft: &DraftId) -> Option<Shown> {
        self.remembered(draft, |it| it.closed)
    }

    /// The message that `draft` stood for when Send was last pressed.
    pub(crate) fn message(&self, draft: &DraftId) -> Option<MessageId> {
        self.remembered(draft, |it| it.message)
    }

    /// The message that an email is, by its draft where that has an id: every page comes to the same.
    /// `None` where the browser has no randomness.
    pub(crate) fn number(&self, draft: Option<&DraftId>) -> Option<MessageId> {
        let key = self.message_key.borrow();
        match draft.zip(key.as_ref()) {
            Some((draft, key)) => Some(draft.message(key)),
            None => random_message(),
        }
    }

    /// The emails that Gmail keeps for a later time, or kept until that was cancelled. One whose
    /// draft is not to be tracked any more would come to the list without its image.
    pub(crate) fn scheduled(&self) -> Vec<Scheduled> {
        let drafts = self.drafts.borrow();
        let scheduled = drafts.iter().filter_map(|(draft, it)| {
            let (thread, message) = it.scheduled()?;
            let outcome = if it.cancelled {
                Outcome::Cancelled
            } else {
                Outcome::Scheduled
            };
            Some(Scheduled {
                draft: draft.clone(),
                thread: thread.clone(),
                message,
                state: State::Settled(outcome),
            })
        });
        scheduled.collect()
    }

    /// The presses of which nobody knows what became.
    pub(crate) fn open_presses(&self) -> Vec<OpenPress> {
        let drafts = self.drafts.borrow();
        let open = drafts.iter().filter_map(|(draft, it)| {
            Some(OpenPress {
                draft: draft.clone(),
                thread: it.thread.clone(),
                message: it.message?,
                at: it.open_at?,
            })
        });
        open.collect()
    }

    /// Whether the page may find out what became of any email, though it was not pressed here.
    pub(crate) fn any_awaited(&self) -> bool {
        let drafts = self.drafts.borrow();
        let mut all = drafts.iter();
        all.any(|(_, it)| it.open_at.is_some() || it.scheduled().is_some())
    }

    /// Remembers what the user chose, here and with the worker.
    pub(crate) fn choose(&self, draft: DraftId, choice: Choice) {
        self.entry(&draft).choices.choose(choice);
        worker::tell(Choose {
            draft,
            choice: choice.into(),
        });
    }

    /// Remembers what the form of `draft` showed when it was closed; in this page only.
    pub(crate) fn close(&self, draft: &DraftId, shown: Shown) {
        self.entry(draft).closed = Some(shown);
    }

    /// Remembers what was decided at a press, and which message `draft` stands for; the worker learns
    /// both with the press.
    pub(crate) fn press(&self, draft: &DraftId, message: MessageId, decision: Choice) {
        let mut it = self.entry(draft);
        it.message = Some(message);
        it.choices.press(decision);
    }

    /// The email `message` is a draft again: what was decided at its press is over.
    pub(crate) fn give_back(&self, message: MessageId) {
        for (_, it) in &mut *self.drafts.borrow_mut() {
            if it.message == Some(message) {
                it.choices.pressed = None;
            }
        }
    }

    /// Takes over what the worker says.
    pub(crate) fn update(&self, told: content::Session) {
        self.is_heard.set(true);
        self.no_storage.set(false);
        self.pixels.replace(pixels(&told).map(Rc::new));
        self.message_key.replace(told.message_key.parse().ok());
        self.server.set(told.server);
        self.seal_key.replace(told.seal_key.parse().ok());
        self.track_by_default.set(told.track_by_default);
        self.mode.set(content::mode(&told.mode));
        self.tells.set(told.tells);
        self.lines.replace(told.lines);
        self.strict.set(told.strict);
        self.track_days.set(told.track_days);
        self.people.replace(Consents(told.people));
        self.mark_untracked.set(told.mark_untracked);
        for (_, it) in &mut *self.drafts.borrow_mut() {
            it.open_at = None;
        }
        for draft in told.drafts {
            let message = draft.message.and_then(|message| message.parse().ok());
            let choices = Choices {
                chosen: draft.chosen.map(Into::into),
                pressed: draft.pressed.map(Into::into),
            };
            let mut it = self.entry(&draft.draft);
            // What the worker does not know yet may be known here.
            it.choices.merge(choices);
            it.message = message.or(it.message);
            it.thread = draft.thread;
            it.scheduled = draft.scheduled;
            it.cancelled = draft.cancelled;
            it.open_at = draft.open_at.map(Millis);
        }
    }

    fn remembered<T>(
        &self,
        draft: &DraftId,
        read: impl FnOnce(&Remembered) -> Option<T>,
    ) -> Option<T> {
        let drafts = self.drafts.borrow();
        let found = drafts.iter().find(|(known, _)| known == draft);
        read(&found?.1)
    }

    fn entry(&self, draft: &DraftId) -> RefMut<'_, Remembered> {
        let mut drafts = self.drafts.borrow_mut();
        let known = drafts.iter().position(|(known, _)| known == draft);
        let place = known.unwrap_or_else(|| {
            drafts.push((draft.clone(), Remembered::default()));
            drafts.len() - 1
        });
        RefMut::map(drafts, |drafts| &mut drafts[place].1)
    }
}

fn pixels(told: &content::Session) -> Option<Pixels> {
    let account = told.account.as_ref()?;
    let (id, key) = (account.account.parse(), account.key.parse());
    let pixels = Pixels::new(&account.backend, id.ok()?, key.ok()?);
    Some(pixels.and_of(told.own_images.iter().cloned()))
}
