//! The choice of mailboxes on the page.

use kaifu_chrome::storage;
use kaifu_ui::dom;
use std::cell::RefCell;
use std::collections::HashSet;
use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlSelectElement};

const KEY: &str = "popup_mailbox";

/// The choice, hidden while there is only one mailbox to choose.
pub(crate) struct MailboxChoice {
    whole: HtmlElement,
    select: HtmlSelectElement,
    offered: RefCell<HashSet<String>>,
}

impl MailboxChoice {
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            whole: dom::element("mailboxes")?,
            select: dom::element("mailbox")?,
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

    /// Chooses all of them, for now.
    pub(crate) fn choose_all(&self) {
        self.select.set_value("");
    }

    /// Keeps the choice for the next time.
    pub(crate) fn remember(&self) {
        let chosen = self.chosen();
        spawn_local(async move {
            // A choice that cannot be kept holds while the popup is open.
            let _ = storage::local::set(KEY, &chosen).await;
        });
    }

    /// Chooses what was kept, and returns it.
    pub(crate) async fn recall(&self) -> Option<String> {
        let kept: Option<String> = storage::local::get(KEY).await.ok().flatten().flatten();
        if let Some(mailbox) = &kept {
            self.offer([mailbox.as_str()]);
            self.select.set_value(mailbox);
        }
        kept
    }

    /// Adds `mailboxes` to what can be chosen. None is ever taken out: emails stay.
    pub(crate) fn offer<'a>(&self, mailboxes: impl IntoIterator<Item = &'a str>) {
        let mut offered = self.offered.borrow_mut();
        for mailbox in mailboxes {
            if !offered.insert(mailbox.to_owned()) {
                continue;
            }
            let option = dom::document()
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
