//! Shows a message's conversation in Gmail.

use crate::error::WorkerError;
use crate::store::messages::MessageRecord;
use crate::store::{self, messages};
use kaifu_chrome::tabs::{self, Tab};
use kaifu_core::sync::id;

const GMAIL: &str = "https://mail.google.com/mail/u/";

/// Shows `message`'s conversation in an open Gmail tab of its mailbox, or in a new one. Where the
/// conversation's id is not known, the Sent list is shown instead.
pub(crate) async fn open(message: &str) -> Result<(), WorkerError> {
    let store = store::open().await?;
    let record = messages::find(&store, message).await?;
    let legacy = record.as_ref().and_then(|record| {
        let told = record.legacy_thread.clone();
        told.or_else(|| id::legacy(record.thread.as_deref()?))
    });
    let place = legacy.map_or_else(|| "#sent".to_owned(), |thread| format!("#all/{thread}"));
    let tabs = tabs::matching("https://mail.google.com/*").await?;
    if let Some((tab, index)) = record.as_ref().and_then(|record| tab_of(record, &tabs)) {
        tabs::show(tab, &format!("{GMAIL}{index}/{place}")).await?;
    } else {
        let index = record.map_or(0, |record| record.mailbox_index);
        tabs::open(&format!("{GMAIL}{index}/{place}")).await?;
    }
    Ok(())
}

/// The tab that shows the mailbox of `record`, and the `N` of its `/mail/u/N/`. Gmail numbers
/// mailboxes anew in each browser session, so the address in the tab's title says more than that.
fn tab_of<'a>(record: &MessageRecord, tabs: &'a [Tab]) -> Option<(&'a Tab, u32)> {
    let numbered = || {
        tabs.iter()
            .filter_map(|tab| Some((tab, mailbox_index(&tab.url)?)))
    };
    let named = record.mailbox.as_deref().and_then(|mailbox| {
        numbered().find(|(tab, _)| {
            tab.title
                .split(" - ")
                .any(|part| part.eq_ignore_ascii_case(mailbox))
        })
    });
    named.or_else(|| numbered().find(|&(_, index)| index == record.mailbox_index))
}

fn mailbox_index(url: &str) -> Option<u32> {
    url.strip_prefix(GMAIL)?.split_once('/')?.0.parse().ok()
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

    #[test]
    fn the_tab_is_the_mailboxes_own() {
        let record = |mailbox: Option<&str>, mailbox_index| MessageRecord {
            message: "AAAAAAAAAAA".to_owned(),
            account: None,
            draft: None,
            thread: None,
            legacy_thread: None,
            mailbox: mailbox.map(str::to_owned),
            mailbox_index,
            subject: String::new(),
            recipients: Vec::new(),
            sent_at: 0,
            outcome: None,
            signal: None,
        };
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
        ];
        for (mailbox, index, expected) in [
            (Some("one@example.com"), 0, Some((2, 0))),
            (Some("two@example.com"), 0, Some((3, 1))),
            (Some("e@example.com"), 1, Some((3, 1))),
            (None, 1, Some((3, 1))),
            (None, 2, None),
        ] {
            let found = tab_of(&record(mailbox, index), &tabs);
            assert_eq!(
                found.map(|(tab, index)| (tab.id, index)),
                expected,
                "{mailbox:?}"
            );
        }
    }
}
