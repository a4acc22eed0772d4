//! When the sender looked at their own messages.

use super::{Store, VIEWS, commit, indexed, put, writing};
use crate::error::WorkerError;
use idb::Transaction;
use kaifu_core::state::View;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Viewed;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct ViewRecord {
    message: String,
    at: i64,
}

/// Keeps that the sender looked at their own messages.
pub(crate) async fn keep(store: &Store, viewed: Viewed) -> Result<(), WorkerError> {
    let transaction = writing(store, &[VIEWS])?;
    for message in viewed.messages {
        put(
            &transaction,
            VIEWS,
            &ViewRecord {
                message,
                at: viewed.at,
            },
        )
        .await?;
    }
    commit(transaction).await
}

/// When the sender looked at `message`; `transaction` reads the views.
pub(crate) async fn of_message(
    transaction: &Transaction,
    message: &str,
) -> Result<Vec<View>, WorkerError> {
    let records: Vec<ViewRecord> = indexed(transaction, VIEWS, "message", Some(message)).await?;
    Ok(records
        .into_iter()
        .map(|record| View {
            at: Millis(record.at),
        })
        .collect())
}
