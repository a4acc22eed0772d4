//! When the sender looked at their own messages.

use super::records::ViewRecord;
use super::{Store, VIEWS, commit, indexed, put, writing};
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::state::View;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Viewed;

/// Keeps that the sender looked at their own messages.
pub(crate) async fn keep(store: &Store, viewed: Viewed) -> Result<(), WorkerError> {
    let transaction = writing(store, &[VIEWS])?;
    for message in viewed.messages {
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
