//! The number on the extension's button: how many messages have news.

use crate::error::WorkerError;
use crate::store::{self, Store, events};
use kaifu_chrome::action;
use kaifu_l10n::counts;

/// Shows on the button how many messages have news.
pub(super) async fn update(store: &Store) -> Result<(), WorkerError> {
    let text = match events::fresh(store).await? {
        0 => String::new(),
        count => counts::short(u32::try_from(count).unwrap_or(u32::MAX)),
    };
    Ok(action::set_badge(&text).await?)
}

/// The user looked at `messages`: takes them out of the number.
pub(crate) async fn looked(messages: &[String]) -> Result<(), WorkerError> {
    let store = store::open().await?;
    events::looked_at(&store, messages).await?;
    update(&store).await
}
