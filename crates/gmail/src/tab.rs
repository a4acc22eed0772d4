//! What the features of one Gmail tab share, and the questions that need more than one part of it.

use crate::forms::form::Form;
use crate::forms::open::OpenForms;
use crate::outcomes::Outcomes;
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
            self.outcomes
                .observe(message, State::Unknown, Sign::Draft, signal);
        }
    }

    /// Whether the email of `draft`, whose form `form` is if that is open, is to be tracked.
    pub(crate) fn tracks(&self, form: Option<&Form>, draft: &DraftId) -> bool {
        match form {
            Some(form) => form.will_track(&self.session),
            None => self.session.choice(draft).unwrap_or(false),
        }
    }

    /// The message that this email is; `fresh` is taken where it has none yet.
    pub(crate) fn message(
        &self,
        form: Option<&Form>,
        draft: &DraftId,
        fresh: MessageId,
    ) -> MessageId {
        if let Some(form) = form {
            return form.message(&self.session, fresh);
        }
        let message = self.session.message(draft).unwrap_or(fresh);
        self.session.assign(draft, message);
        message
    }

    /// Gmail refused `form`'s email: takes the image out again.
    pub(crate) fn refused(&self, form: &Rc<Form>, signal: Signal) {
        let its = self.outcomes.pending(&|it| Rc::ptr_eq(&it.form, form));
        for (message, _) in its {
            let refused = self
                .outcomes
                .observe(message, State::Unknown, Sign::Refusal, signal);
            if refused.is_some() {
                form.pressed.set(false);
                if let Some(pixels) = self.session.pixels() {
                    form.clean(&pixels);
                }
            }
        }
    }
}
