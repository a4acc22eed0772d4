//! Shows a message's conversation in Gmail.

use crate::error::WorkerError;
use crate::store::{self, messages};
use kaifu_chrome::tabs;

/// Shows `message`'s conversation in an open Gmail tab of its mailbox, or in a new one. Where the
/// conversation's id was never learnt, the Sent list is shown instead.
pub(crate) async fn open(message: &str) -> Result<(), WorkerError> {
    let store = store::open().await?;
    let record = messages::find(&store, message).await?;
    let index = record.as_ref().map_or(0, |record| record.mailbox_index);
    let mailbox = format!("https://mail.google.com/mail/u/{index}/");
    let place = record
        .and_then(|record| record.legacy_thread)
        .map_or_else(|| "#sent".to_owned(), |thread| format!("#all/{thread}"));
    let url = format!("{mailbox}{place}");
    let open = tabs::matching("https://mail.google.com/*").await?;
    match open.iter().find(|tab| tab.url.starts_with(&mailbox)) {
        Some(tab) => tabs::show(tab, &url).await?,
        None => tabs::open(&url).await?,
    }
    Ok(())
}
