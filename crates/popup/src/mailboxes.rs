//! The choice of mailboxes on the page.

use crate::page;
use std::cell::RefCell;
use std::collections::BTreeSet;
use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use web_sys::{HtmlElement, HtmlSelectElement};

/// The choice, hidden while there is only one mailbox to choose.
pub(crate) struct MailboxChoice {
    whole: HtmlElement,
    select: HtmlSelectElement,
    /// What was ever offered: it stays, so that no choice is lost while the list changes.
    offered: RefCell<BTreeSet<String>>,
}

impl MailboxChoice {
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            whole: page::element("mailboxes")?,
            select: page::element("mailbox")?,
            offered: RefCell::default(),
        })
    }

    /// The element that the user chooses with.
    pub(crate) fn select(&self) -> &HtmlSelectElement {
        &self.select
    }

    /// The mailbox that was chosen; `None` for all of them.
    pub(crate) fn chosen(&self) -> Option<String> {
        Some(self.select.value()).filter(|mailbox| !mailbox.is_empty())
    }

    /// Adds `mailboxes` to what can be chosen.
    pub(crate) fn offer(&self, mailboxes: &BTreeSet<&str>) {
        let mut offered = self.offered.borrow_mut();
        for &mailbox in mailboxes {
            if !offered.insert(mailbox.to_owned()) {
                continue;
            }
            let option = page::document()
                .and_then(|document| document.create_element("option"))
                .expect_throw("a page can be given an option");
            option.set_text_content(Some(mailbox));
            self.select
                .append_child(&option)
                .expect_throw("a choice takes an option");
        }
        self.whole.set_hidden(offered.len() < 2);
    }
}
