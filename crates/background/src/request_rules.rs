//! Keeps the sender's own views and presses from reaching the server, in the browser's own request rules.
//!
//! Two images matter on Gmail's pages: ours loaded directly, as an editor does with what is put into
//! it, and ours behind Gmail's image proxy, whose address carries the original as its fragment. The
//! second is blocked for this installation's own accounts only: another sender's Kaifu image is a
//! real open and must load.

use crate::error::WorkerError;
use crate::sender::GMAIL_HOST;
use kaifu_chrome::rules::{self, Block, Which};
use kaifu_core::backend::BackendUrl;
use kaifu_core::id::AccountId;
use kaifu_core::mail::pixel::{own_letters, own_prefix, pages};

/// What is shown to a sender who presses a button for their recipients.
const OWN_PRESS: &str = "/own.html";

/// Blocks the images of `accounts`, each on its server, on Gmail's pages, and on their recipients' pages
/// every press: the sender never confirms.
pub(crate) async fn block(
    accounts: impl Iterator<Item = (BackendUrl, AccountId)>,
) -> Result<(), WorkerError> {
    let mut blocks = Vec::new();
    for (backend, account) in accounts {
        let direct = format!("|{backend}/p/");
        let proxied = format!("#{}", own_prefix(&backend, account));
        blocks.extend([direct, proxied].map(|url_filter| Block {
            url_filter,
            which: Which::ImagesOn(GMAIL_HOST),
        }));
        let press = format!("|{}*{}", pages(&backend), own_letters(account));
        blocks.extend([Which::Forms(OWN_PRESS), Which::Posts].map(|which| Block {
            url_filter: press.clone(),
            which,
        }));
    }
    rules::replace(&blocks).await?;
    Ok(())
}
