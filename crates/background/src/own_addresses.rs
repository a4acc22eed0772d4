//! The mailboxes that Gmail tabs of this browser showed. What is sent to them alone is never seen here, as
//! the sender's own views are not loaded.

use crate::error::WorkerError;
use crate::subscribers::{self, Topic};
use kaifu_chrome::storage;
use kaifu_core::gmail::mailbox;

const KEY: &str = "own_addresses";

/// So many are kept: titles are a page's to choose.
const MOST: usize = 50;

/// All that are known.
pub(crate) async fn all() -> Result<Vec<String>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

/// Keeps the one that a Gmail tab with this title shows, where it is new.
pub(crate) async fn note(title: &str) -> Result<(), WorkerError> {
    if let Some(address) = mailbox::titled(title) {
        let mut known = all().await?;
        if known.len() < MOST && !known.contains(&address) {
            known.push(address);
            storage::local::set(KEY, &known).await?;
            subscribers::changed(&[Topic::Messages]);
        }
    }
    Ok(())
}
