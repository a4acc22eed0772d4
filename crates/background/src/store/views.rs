//! When the sender looked at their own messages.

use super::records::ViewRecord;
use super::{MESSAGES, Store, VIEWS, commit, indexed, messages, put, writing};
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::state::View;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Viewed;

/// At most how many messages are looked at in one moment: more than any page shows.
const MAX_AT_ONCE: usize = 500;

/// Keeps that the sender looked at their own messages. An email that was received can name as many as it
/// likes, so only those that are known count.
pub(crate) async fn keep(store: &Store, viewed: Viewed) -> Result<(), WorkerError> {
    let transaction = writing(store, &[VIEWS, MESSAGES])?;
    for message in viewed.messages.into_iter().take(MAX_AT_ONCE) {
        if messages::find_in(&transaction, &message).await?.is_none() {
            continue;
        }
        let record = ViewRecord::new(message, Millis(viewed.at));
        put(&transaction, VIEWS, &record).await?;
    }
    commit(transaction).await
}

/// When the sender looked at `message`; `transaction` reads the views.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<View>, WorkerError> {
    let records: Vec<ViewRecord> = indexed(transaction, VIEWS, "message", Some(message)).await?;
    Ok(records.into_iter().map(View::from).collect())
}
