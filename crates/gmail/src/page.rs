//! What the page says about the account it shows.

use crate::dom::{attribute, document, page, window};
use crate::selectors::ACCOUNT;
use kaifu_core::mailbox;

/// Where the page's mailbox is, such as `u/0`; empty where the address does not say.
pub(crate) fn mailbox_path() -> String {
    let page = window().location().pathname().unwrap_or_default();
    mailbox::path(&page).unwrap_or_default().to_owned()
}

/// The address of the mailbox: from the page's title, else from the account menu's label.
pub(crate) fn mailbox() -> Option<String> {
    address_in(&document().title())
        .or_else(|| address_in(&attribute(&ACCOUNT.find(&page())?, "aria-label")?))
}

/// The last word in `text` that is shaped like an address.
fn address_in(text: &str) -> Option<String> {
    text.split(|c: char| c.is_ascii_whitespace() || "()<>,;:\"\u{a0}".contains(c))
        .rev()
        .find(|word| {
            word.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && host.contains('.') && !host.contains('@')
            })
        })
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_mailbox_is_found_in_title_and_label() {
        for (text, expected) in [
            (
                "Inbox (2) - ann@example.com - Gmail",
                Some("ann@example.com"),
            ),
            (
                "re: mail bob@example.org - Ann@example.com - Example Mail",
                Some("ann@example.com"),
            ),
            (
                "Google アカウント: Ann \n(ann@example.com)",
                Some("ann@example.com"),
            ),
            ("Gmail", None),
            ("a@b", None),
            ("@example.com", None),
        ] {
            assert_eq!(address_in(text).as_deref(), expected, "{text}");
        }
    }
}
