//! The presses of Send whose outcome is open. What a sign of theirs comes to is decided in
//! [`kaifu_core::outcome`]; this keeps the presses that are waited for, and reports to the
//! worker.

use crate::forms::form::Form;
use crate::worker;
use kaifu_core::gmail::id::{LegacyId, ThreadId};
use kaifu_core::id::MessageId;
use kaifu_core::outcome::{Outcome, Sign, Signal, State, next};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{Locate, Settle};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// How long the page's signs of a press are waited for, in milliseconds.
const PATIENCE_MS: i64 = 600_000;

/// The presses whose outcome is open.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pending: RefCell<Vec<PendingSend>>,
    /// What was reported as taken back, so that it is not reported at each save of the draft.
    taken_back: RefCell<Vec<MessageId>>,
    unlocated: RefCell<Vec<ThreadId>>,
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
    pub(crate) state: State,
}

impl Outcomes {
    /// Waits for what becomes of a press, in the place of any earlier one of the form or the email.
    pub(crate) fn await_signs(&self, press: PendingSend) {
        self.taken_back
            .borrow_mut()
            .retain(|other| *other != press.message);
        let mut pending = self.pending.borrow_mut();
        pending.retain(|earlier| {
            earlier.message != press.message && !Rc::ptr_eq(&earlier.form, &press.form)
        });
        pending.push(press);
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

    /// Forgets the presses of which nothing was seen for long.
    pub(crate) fn forget_old(&self, now: Millis) {
        self.pending
            .borrow_mut()
            .retain(|it| now.since(it.pressed_at) < PATIENCE_MS);
    }

    /// There is a sign of what became of `message`, of which `known` holds unless a press of it is
    /// pending. Returns what it comes to, where it says anything new.
    pub(crate) fn observe(
        &self,
        message: MessageId,
        known: State,
        sign: Sign,
        signal: Signal,
    ) -> Option<State> {
        let mut pending = self.pending.borrow_mut();
        let place = pending.iter().position(|it| it.message == message);
        let before = place.map_or(known, |place| pending[place].state);
        let after = next(before, sign)?;
        if let State::Settled(_) = after {
            pending.retain(|it| it.message != message);
        } else if let Some(place) = place {
            pending[place].state = after;
        }
        drop(pending);
        if after.outcome() != before.outcome() {
            self.tell(message, after, signal);
        }
        Some(after)
    }

    fn tell(&self, message: MessageId, state: State, signal: Signal) {
        let Some(outcome) = state.reported() else {
            return;
        };
        let mut taken_back = self.taken_back.borrow_mut();
        let was_told = taken_back.contains(&message);
        if outcome == Outcome::Undone {
            if was_told {
                return;
            }
            taken_back.push(message);
        } else if was_told && outcome == Outcome::Scheduled {
            taken_back.retain(|other| *other != message);
        }
        drop(taken_back);
        worker::tell(Settle {
            message: message.to_string(),
            outcome: outcome.into(),
            signal: signal.into(),
        });
    }

    /// Looks for the id by which the conversation `thread` can be opened.
    pub(crate) fn locate(&self, thread: &ThreadId) {
        let mut unlocated = self.unlocated.borrow_mut();
        if !unlocated.contains(thread) {
            unlocated.push(thread.clone());
        }
    }

    /// Whether the id of any conversation is looked for.
    pub(crate) fn any_unlocated(&self) -> bool {
        !self.unlocated.borrow().is_empty()
    }

    /// The conversations whose ids are looked for.
    pub(crate) fn unlocated(&self) -> Vec<ThreadId> {
        self.unlocated.borrow().clone()
    }

    /// The conversation `thread` can be opened by the id `legacy`.
    pub(crate) fn located(&self, thread: ThreadId, legacy: LegacyId) {
        self.unlocated.borrow_mut().retain(|other| *other != thread);
        worker::tell(Locate { thread, legacy });
    }
}
