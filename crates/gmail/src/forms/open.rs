//! Which compose forms are open.

use crate::forms::compose::Compose;
use crate::forms::form::Form;
use crate::page::dom::page;
use crate::session::Session;
use kaifu_core::gmail::id::DraftId;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// The compose forms that are open.
#[derive(Debug, Default)]
pub(crate) struct OpenForms {
    forms: RefCell<Vec<Rc<Form>>>,
}

impl OpenForms {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<Rc<Form>> {
        self.forms.borrow().clone()
    }

    /// The one that `element` stands in.
    pub(crate) fn around(&self, element: &Element) -> Option<Rc<Form>> {
        self.find(|form| form.compose.holds(element))
    }

    /// The one of `draft`.
    pub(crate) fn of_draft(&self, draft: &DraftId) -> Option<Rc<Form>> {
        self.find(|form| form.compose.draft().as_ref() == Some(draft))
    }

    /// One that `fits`.
    pub(crate) fn find(&self, fits: impl Fn(&Form) -> bool) -> Option<Rc<Form>> {
        let forms = self.forms.borrow();
        forms.iter().find(|form| fits(form)).cloned()
    }

    /// Finds the forms that the page has, and puts each one's switch in its place. Returns the
    /// drafts of those that were not known yet.
    pub(crate) fn scan(&self, session: &Rc<Session>) -> Vec<DraftId> {
        let composes = Compose::all_in(&page());
        for form in self.all() {
            if !composes.contains(&form.compose) {
                // A form that has lost a landmark shows no switch rather than one that may be wrong.
                form.unmount();
            }
        }
        let mut found = Vec::new();
        for compose in composes {
            let known = self.find(|form| form.compose == compose);
            let form = known.unwrap_or_else(|| {
                let form = Rc::new(Form::new(compose));
                found.extend(form.compose.draft());
                self.forms.borrow_mut().push(form.clone());
                form
            });
            form.mount(session);
            let (changed, its) = (Rc::downgrade(&form), session.clone());
            form.watch_mode(move || {
                if let Some(form) = changed.upgrade() {
                    form.refresh(&its);
                }
            });
            form.remember(session);
            form.clean_and_refresh(session);
        }
        found
    }

    /// Forgets the forms that are closed, but for what was chosen in them.
    pub(crate) fn forget_closed(&self, session: &Session) {
        let (open, closed): (Vec<_>, Vec<_>) = self
            .forms
            .take()
            .into_iter()
            .partition(|form| form.compose.is_open());
        self.forms.replace(open);
        for form in closed {
            let shown = form.shown(session);
            form.remember(session);
            if let Some(draft) = form.compose.draft() {
                session.close(&draft, shown);
            }
        }
    }

    /// Takes all of their switches out.
    pub(crate) fn clear(&self) {
        self.forms.replace(Vec::new());
    }
}
