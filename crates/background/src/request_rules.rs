//! Keeps the sender's own views from reaching the backend, in the browser's own request rules.
//!
//! Two images matter on Gmail's pages: ours loaded directly, as an editor does with what is put into
//! it, and ours behind Gmail's image proxy, whose address carries the original as its fragment. The
//! second is blocked for this installation's own accounts only: another sender's Kaifu image is a
//! real open and must load.

use crate::error::WorkerError;
use crate::sender::GMAIL_HOST;
use crate::settings;
use kaifu_chrome::rules::{self, ImageBlock};
use kaifu_core::mail::pixel::own_prefix;
use kaifu_protocol::api::NewAccount;
use std::collections::BTreeMap;

/// Blocks the images of `accounts` (by backend address) on Gmail's pages.
pub(crate) async fn block(accounts: &BTreeMap<String, NewAccount>) -> Result<(), WorkerError> {
    let mut blocks = Vec::new();
    for (backend, given) in accounts {
        let (Ok(backend), Ok(account)) = (settings::parse(backend), given.account.parse()) else {
            continue;
        };
        let direct = format!("|{backend}/p/");
        let proxied = format!("#{}", own_prefix(&backend, account));
        blocks.extend([direct, proxied].map(|url_filter| ImageBlock {
            url_filter,
            on_pages_of: GMAIL_HOST,
        }));
    }
    rules::replace(&blocks).await?;
    Ok(())
}
