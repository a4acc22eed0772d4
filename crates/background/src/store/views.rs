//! When the sender looked at their own messages.

use super::kept::KeptView;
use super::records::ViewRecord;
use super::{
    CURSORS, MESSAGES, SUMMARIES, Store, VIEWS, commit, cursors, indexed, messages, put, reading,
    summaries, writing,
};
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Viewed;

/// At most how many messages are looked at in one moment: more than any page shows.
const MAX_AT_ONCE: usize = 500;

/// Keeps that the sender looked at their own messages. An email that was received can name as many as it
/// likes, so only those that are known count.
pub(crate) async fn keep(store: &Store, viewed: Viewed) -> Result<(), WorkerError> {
    let transaction = writing(store, &[VIEWS, MESSAGES, CURSORS, SUMMARIES])?;
    for message in viewed.messages.into_iter().take(MAX_AT_ONCE) {
        let Some(kept) = messages::find_in(&transaction, &message).await? else {
            continue;
        };
        let view = KeptView {
            at: Millis(viewed.at),
            clocks: cursors::clocks(&transaction, kept.account.as_deref()).await?,
        };
        summaries::forget(&transaction, &kept).await?;
        let record = ViewRecord::new(message, view);
        put(&transaction, VIEWS, &record).await?;
    }
    commit(transaction).await
}

/// Whether the sender was seen looking at `message`.
pub(crate) async fn has(store: &Store, message: &str) -> Result<bool, WorkerError> {
    let views = of_message(&reading(store, &[VIEWS])?, message).await?;
    Ok(!views.is_empty())
}

/// When the sender looked at `message`; `transaction` reads the views.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<KeptView>, WorkerError> {
    let records: Vec<ViewRecord> = indexed(transaction, VIEWS, "message", Some(message)).await?;
    Ok(records.into_iter().map(KeptView::from).collect())
}
