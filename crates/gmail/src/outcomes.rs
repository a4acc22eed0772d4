//! The presses of Send whose outcome is open. What a sign of theirs comes to is decided in
//! [`kaifu_core::outcome`]; this keeps the presses that are waited for, and reports to the
//! worker.

use crate::forms::form::Form;
use crate::worker;
use kaifu_chrome::clock;
use kaifu_core::gmail::id::{LegacyId, ThreadId};
use kaifu_core::id::MessageId;
use kaifu_core::outcome::{Origin, Outcome, Sign, Signal, State, next};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{Locate, Settle};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// How long the page's signs of a press are looked for, in milliseconds.
const PATIENCE_MS: i64 = 600_000;

/// The presses whose outcome is open.
#[derive(Debug)]
pub(crate) struct Outcomes {
    /// When the page was loaded.
    loaded_at: Millis,
    pending: RefCell<Vec<PendingSend>>,
    /// What left from this page, or was pressed in it, and when.
    sent_here: RefCell<Vec<(MessageId, Millis)>>,
    /// What was reported as taken back, and by whose word, so that it is not reported at each save of
    /// the draft.
    taken_back: RefCell<Vec<(MessageId, Origin)>>,
    unlocated: RefCell<Vec<(ThreadId, Millis)>>,
}

/// A sign of what became of an email.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    sign: Sign,
    signal: Signal,
    /// When Gmail's server was asked that said so; `None` for what the page shows.
    asked_at: Option<Millis>,
}

impl Evidence {
    /// What the page shows, or does, now.
    pub(crate) const fn shown(sign: Sign, signal: Signal) -> Self {
        Self {
            sign,
            signal,
            asked_at: None,
        }
    }

    /// What Gmail's server answered to a request that was made `at`.
    pub(crate) const fn answered(sign: Sign, at: Millis) -> Self {
        Self {
            sign,
            signal: Signal::Wire,
            asked_at: Some(at),
        }
    }
}

/// A press of Send that is waited for.
#[derive(Debug)]
pub(crate) struct PendingSend {
    pub(crate) form: Rc<Form>,
    pub(crate) message: MessageId,
    pub(crate) thread: Option<ThreadId>,
    pub(crate) pressed_at: Millis,
    /// Dialogs that were there before the press.
    pub(crate) dialogs: Vec<Element>,
    /// Offers to undo something that were there before the press.
    pub(crate) links: Vec<Element>,
    pub(crate) state: State,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self {
            loaded_at: clock::now(),
            pending: RefCell::default(),
            sent_here: RefCell::default(),
            taken_back: RefCell::default(),
            unlocated: RefCell::default(),
        }
    }
}

impl Outcomes {
    /// Waits for what becomes of a press, in the place of any earlier one of the form or the email.
    pub(crate) fn await_signs(&self, press: PendingSend) {
        self.leaves(press.message);
        let mut pending = self.pending.borrow_mut();
        pending.retain(|earlier| {
            earlier.message != press.message && !Rc::ptr_eq(&earlier.form, &press.form)
        });
        pending.push(press);
    }

    /// `message` is on its way from this page: whatever was said of it before is over.
    pub(crate) fn leaves(&self, message: MessageId) {
        self.taken_back
            .borrow_mut()
            .retain(|(other, _)| *other != message);
        let mut sent_here = self.sent_here.borrow_mut();
        sent_here.retain(|(other, _)| *other != message);
        sent_here.push((message, clock::now()));
    }

    /// Whether `message` was pressed or sent in this page.
    pub(crate) fn is_sent_here(&self, message: MessageId) -> bool {
        self.sent_here_at(message).is_some()
    }

    /// When `message` was last pressed or sent in this page.
    pub(crate) fn sent_here_at(&self, message: MessageId) -> Option<Millis> {
        let sent_here = self.sent_here.borrow();
        let mut all = sent_here.iter();
        all.find_map(|(other, at)| (*other == message).then_some(*at))
    }

    /// The email that was `before` is `after`.
    pub(crate) fn renumber(&self, before: MessageId, after: MessageId) {
        for it in &mut *self.pending.borrow_mut() {
            if it.message == before {
                it.message = after;
            }
        }
    }

    /// Whether Gmail's request for `form`'s email is under way.
    pub(crate) fn is_requested(&self, form: &Rc<Form>) -> bool {
        let pending = self.pending.borrow();
        let mut all = pending.iter();
        all.any(|it| Rc::ptr_eq(&it.form, form) && matches!(it.state, State::Requested(_)))
    }

    /// Whether anything is waited for.
    pub(crate) fn any_pending(&self) -> bool {
        !self.pending.borrow().is_empty()
    }

    /// The pending presses that `fits`.
    pub(crate) fn pending(
        &self,
        fits: &dyn Fn(&PendingSend) -> bool,
    ) -> Vec<(MessageId, Rc<Form>)> {
        let mut found = Vec::new();
        for it in &*self.pending.borrow() {
            if fits(it) {
                found.push((it.message, it.form.clone()));
            }
        }
        found
    }

    /// Forgets what nothing was seen of for long.
    pub(crate) fn forget_old(&self, now: Millis) {
        let is_recent = |at: Millis| now.since(at) < PATIENCE_MS;
        let (mut pending, mut unlocated) = (self.pending.borrow_mut(), self.unlocated.borrow_mut());
        pending.retain(|it| is_recent(it.pressed_at));
        unlocated.retain(|(_, since)| is_recent(*since));
    }

    /// There is `evidence` of what became of `message`, of which `known` holds unless a press of it is
    /// pending. Returns what it comes to, where it says anything new.
    pub(crate) fn observe(
        &self,
        message: MessageId,
        known: State,
        evidence: Evidence,
    ) -> Option<State> {
        let mut pending = self.pending.borrow_mut();
        let place = pending.iter().position(|it| it.message == message);
        let before = place.map_or(known, |place| pending[place].state);
        let after = next(before, evidence.sign)?;
        if let State::Settled(_) = after {
            pending.retain(|it| it.message != message);
        } else if let Some(place) = place {
            pending[place].state = after;
        }
        drop(pending);
        if after.outcome() != before.outcome() {
            self.tell(message, after, evidence);
        }
        Some(after)
    }

    fn origin(&self, message: MessageId, evidence: Evidence) -> Origin {
        if evidence.asked_at.is_some() {
            Origin::Server
        } else if self.is_sent_here(message) {
            Origin::Sender
        } else {
            Origin::Other
        }
    }

    fn tell(&self, message: MessageId, state: State, evidence: Evidence) {
        let Some(outcome) = state.reported() else {
            return;
        };
        let said = (message, self.origin(message, evidence));
        let mut taken_back = self.taken_back.borrow_mut();
        if outcome == Outcome::Undone {
            if taken_back.contains(&said) {
                return;
            }
            taken_back.push(said);
        } else {
            taken_back.retain(|(other, _)| *other != message);
        }
        drop(taken_back);
        worker::tell(Settle {
            message: message.to_string(),
            outcome: outcome.into(),
            signal: evidence.signal.into(),
            origin: said.1.into(),
            at: Some(evidence.asked_at.unwrap_or_else(clock::now).0),
            since: self.loaded_at.0,
        });
    }

    /// Looks for the id by which the conversation `thread` can be opened.
    pub(crate) fn locate(&self, thread: &ThreadId) {
        let mut unlocated = self.unlocated.borrow_mut();
        if !unlocated.iter().any(|(known, _)| known == thread) {
            unlocated.push((thread.clone(), clock::now()));
        }
    }

    /// Whether the id of any conversation is looked for.
    pub(crate) fn any_unlocated(&self) -> bool {
        !self.unlocated.borrow().is_empty()
    }

    /// The conversations whose ids are looked for.
    pub(crate) fn unlocated(&self) -> Vec<ThreadId> {
        let unlocated = self.unlocated.borrow();
        unlocated.iter().map(|(thread, _)| thread.clone()).collect()
    }

    /// The conversation `thread` can be opened by the id `legacy`.
    pub(crate) fn located(&self, thread: ThreadId, legacy: LegacyId) {
        self.unlocated
            .borrow_mut()
            .retain(|(other, _)| *other != thread);
        worker::tell(Locate { thread, legacy });
    }
}
