//! Shows a message's conversation in Gmail.

use crate::error::WorkerError;
use crate::sender::{GMAIL, GMAIL_TABS};
use crate::store::kept::KeptMessage;
use crate::store::{self, messages};
use kaifu_chrome::tabs::{self, Tab};
use kaifu_chrome::windows;
use kaifu_core::gmail::mailbox;

/// Shows `message`'s conversation in an open Gmail tab of its mailbox, or in a new one. Where the
/// conversation's id is not known, the Sent list is shown instead.
pub(crate) async fn open(message: &str) -> Result<(), WorkerError> {
    let store = store::open().await?;
    let Some(record) = messages::find(&store, message).await? else {
        return Ok(tabs::open(&format!("{GMAIL}/mail/#sent")).await?);
    };
    let legacy = record
        .legacy_thread
        .clone()
        .or_else(|| record.thread.as_ref()?.legacy());
    let place = legacy.map_or_else(|| "#sent".to_owned(), |thread| format!("#all/{thread}"));
    let tabs = tabs::matching(GMAIL_TABS).await?;
    if let Some((tab, path)) = tab_of(&record, &tabs) {
        tabs::show(tab, &format!("{GMAIL}/mail/{path}/{place}")).await?;
        windows::focus(tab.window_id).await?;
    } else {
        tabs::open(&format!("{}{place}", address(&record))).await?;
    }
    Ok(())
}

/// The tab that shows the mailbox of `record`, and the mailbox's path in it. Gmail numbers mailboxes
/// anew in each browser session, so the address in the tab's title says more than the path, and a
/// tab that says another one is none.
fn tab_of<'a>(record: &KeptMessage, tabs: &'a [Tab]) -> Option<(&'a Tab, &'a str)> {
    let known = || {
        tabs.iter()
            .filter_map(|tab| Some((tab, mailbox::path(tab.url.strip_prefix(GMAIL)?)?)))
    };
    let named = record.mailbox.as_deref().and_then(|mailbox| {
        known().find(|(tab, _)| title(tab).any(|part| part.eq_ignore_ascii_case(mailbox)))
    });
    named.or_else(|| {
        let is_silent =
            |tab: &Tab| record.mailbox.is_none() || !title(tab).any(|it| it.contains('@'));
        known().find(|&(tab, path)| path == record.mailbox_path && is_silent(tab))
    })
}

/// The parts of a title such as `Inbox (3) - me@example.com - Gmail`.
fn title(tab: &Tab) -> impl Iterator<Item = &str> {
    tab.title.split(" - ")
}

/// Where the mailbox of `record` is to be found without a tab: by its address, or a delegated one
/// where it was last.
fn address(record: &KeptMessage) -> String {
    let page = format!("/mail/{}", record.mailbox_path);
    match (mailbox::path(&page), &record.mailbox) {
        (Some(path), _) if mailbox::is_delegated(path) => format!("{GMAIL}/mail/{path}/"),
        (_, Some(mailbox)) => format!("{GMAIL}/mail/u/?authuser={}", escaped(mailbox)),
        (Some(path), None) => format!("{GMAIL}/mail/{path}/"),
        (None, None) => format!("{GMAIL}/mail/"),
    }
}

/// `text` as a value in a query.
fn escaped(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(
                [
                    b'%',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ]
                .map(char::from),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(id: i32, title: &str, url: &str) -> Tab {
        Tab {
            id,
            window_id: 1,
            url: url.to_owned(),
            title: title.to_owned(),
        }
    }

    fn record(mailbox: Option<&str>, path: &str) -> KeptMessage {
        KeptMessage {
            mailbox: mailbox.map(str::to_owned),
            mailbox_path: path.to_owned(),
            ..KeptMessage::default()
        }
    }

    #[test]
    fn the_tab_is_the_mailboxes_own() {
        let tabs = [
            tab(1, "Gmail", "https://mail.google.com/chat/u/0/"),
            tab(
                2,
                "Inbox (3) - one@example.com - Gmail",
                "https://mail.google.com/mail/u/0/#inbox",
            ),
            tab(
                3,
                "Sent - Two@example.com - Mail",
                "https://mail.google.com/mail/u/1/#sent",
            ),
            tab(
                4,
                "Sent - office@example.com - Mail",
                "https://mail.google.com/mail/u/0/d/NEW/#sent",
            ),
            tab(5, "Gmail", "https://mail.google.com/mail/u/2/"),
        ];
        for (mailbox, path, expected) in [
            (Some("one@example.com"), "u/0", Some((2, "u/0"))),
            (Some("two@example.com"), "u/0", Some((3, "u/1"))),
            (
                Some("office@example.com"),
                "u/0/d/OLD",
                Some((4, "u/0/d/NEW")),
            ),
            (Some("e@example.com"), "u/1", None),
            (Some("other@example.com"), "u/0/d/NEW", None),
            (Some("three@example.com"), "u/2", Some((5, "u/2"))),
            (None, "u/1", Some((3, "u/1"))),
            (None, "u/3", None),
            (None, "", None),
        ] {
            let found = tab_of(&record(mailbox, path), &tabs);
            assert_eq!(
                found.map(|(tab, path)| (tab.id, path)),
                expected,
                "{mailbox:?}"
            );
        }
    }

    #[test]
    fn a_mailbox_without_a_tab_is_found_by_its_address() {
        for (mailbox, path, expected) in [
            (
                Some("me+a@example.com"),
                "u/3",
                "/mail/u/?authuser=me%2Ba@example.com",
            ),
            (Some("office@example.com"), "u/0/d/AE", "/mail/u/0/d/AE/"),
            (Some("office@example.com"), "b/236/u/0", "/mail/b/236/u/0/"),
            (None, "u/3", "/mail/u/3/"),
            (None, "u/0/d/../../evil", "/mail/u/0/"),
            (None, "", "/mail/"),
        ] {
            let expected = format!("https://mail.google.com{expected}");
            assert_eq!(address(&record(mailbox, path)), expected);
        }
    }
}
