//! What the features of one Gmail tab share, and the questions that need more than one part of it.

use crate::forms::form::Form;
use crate::forms::open::OpenForms;
use crate::outcomes::{Evidence, Outcomes};
use crate::session::Session;
use kaifu_core::gmail::id::DraftId;
use kaifu_core::id::MessageId;
use kaifu_core::outcome::{Sign, Signal, State};
use std::rc::Rc;

/// What the features share.
#[derive(Debug, Default)]
pub(crate) struct Tab {
    pub(crate) session: Rc<Session>,
    pub(crate) forms: OpenForms,
    pub(crate) outcomes: Outcomes,
}

impl Tab {
    /// Finds the forms that the page has, and puts their switches in their places.
    pub(crate) fn scan(&self) {
        for draft in self.forms.scan(&self.session) {
            self.is_draft(&draft, Signal::Form);
        }
    }

    /// The worker said for the first time what it remembers about drafts.
    pub(crate) fn heard(&self) {
        for form in self.forms.all() {
            if let Some(draft) = form.compose.draft() {
                self.is_draft(&draft, Signal::Form);
            }
        }
    }

    /// Shows in every form the state of affairs.
    pub(crate) fn refresh(&self) {
        for form in self.forms.all() {
            form.clean_and_refresh(&self.session);
        }
    }

    /// There is a draft: if it was an email that left, the user took it back. The worker knows
    /// whether it did.
    pub(crate) fn is_draft(&self, draft: &DraftId, signal: Signal) {
        if let Some(message) = self.session.message(draft) {
            self.observe(
                message,
                State::Unknown,
                Evidence::shown(Sign::Draft, signal),
            );
        }
    }

    /// There is `evidence` of what became of `message`, of which `known` holds unless a press of it is
    /// pending. Returns what it comes to, where it says anything new.
    pub(crate) fn observe(
        &self,
        message: MessageId,
        known: State,
        evidence: Evidence,
    ) -> Option<State> {
        let after = self.outcomes.observe(message, known, evidence)?;
        if after.outcome().is_some_and(|outcome| !outcome.left()) {
            self.session.give_back(message);
        }
        Some(after)
    }

    /// Gmail refused `form`'s email: takes the image out again.
    pub(crate) fn refused(&self, form: &Rc<Form>, signal: Signal) {
        let its = self.outcomes.pending(&|it| Rc::ptr_eq(&it.form, form));
        for (message, _) in its {
            let evidence = Evidence::shown(Sign::Refusal, signal);
            if self.observe(message, State::Unknown, evidence).is_some() {
                form.pressed.set(false);
                if let Some(pixels) = self.session.pixels() {
                    form.clean(&pixels);
                }
            }
        }
    }
}
