//! What the user asked about single emails.

use super::kept::Asked;
use super::records::AskedRecord;
use super::{ASKED, MESSAGES, Store, commit, delete, get, messages, put, writing};
use crate::error::WorkerError;
use idb::Transaction;

/// What the user asked about `message`; `transaction` reads it.
pub(crate) async fn find(transaction: &Transaction, message: &str) -> Result<Asked, WorkerError> {
    let found: Option<AskedRecord> = get(transaction, ASKED, message).await?;
    Ok(found.map(Asked::from).unwrap_or_default())
}

/// Takes in what the user asks about `messages`. What is not known is passed over.
pub(crate) async fn change(
    store: &Store,
    messages: &[String],
    change: &dyn Fn(&mut Asked),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[ASKED, MESSAGES])?;
    for message in messages {
        if messages::find_in(&transaction, message).await?.is_none() {
            continue;
        }
        let before = find(&transaction, message).await?;
        let mut asked = before;
        change(&mut asked);
        if asked == Asked::default() {
            delete(&transaction, ASKED, message).await?;
        } else if asked != before {
            let record = AskedRecord::new(message.clone(), asked);
            put(&transaction, ASKED, &record).await?;
        }
    }
    commit(transaction).await
}
