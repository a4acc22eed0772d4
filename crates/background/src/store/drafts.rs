//! What is remembered about drafts.

use super::{DRAFTS, Store, commit, get, latest as latest_of, put, reading, writing};
use crate::error::WorkerError;
use kaifu_core::gmail::id::DraftId;
use kaifu_protocol::content::Draft;
use serde::{Deserialize, Serialize};

/// How many drafts a tab is told about.
const TOLD: u32 = 500;

#[derive(Serialize, Deserialize)]
struct DraftRecord {
    #[serde(flatten)]
    draft: Draft,
    used_at: f64,
}

/// Changes what is remembered about `draft`.
pub(crate) async fn change(
    store: &Store,
    draft: &DraftId,
    change: impl FnOnce(&mut Draft),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[DRAFTS])?;
    let mut record = get(&transaction, DRAFTS, draft.as_ref())
        .await?
        .unwrap_or_else(|| DraftRecord {
            draft: Draft {
                draft: draft.clone(),
                track: None,
                message: None,
                scheduled: None,
                cancelled: false,
            },
            used_at: 0.0,
        });
    change(&mut record.draft);
    record.used_at = js_sys::Date::now();
    put(&transaction, DRAFTS, &record).await?;
    commit(transaction).await
}

/// The drafts used last, newest first.
pub(crate) async fn latest(store: &Store) -> Result<Vec<Draft>, WorkerError> {
    let transaction = reading(store, &[DRAFTS])?;
    let records: Vec<DraftRecord> = latest_of(&transaction, DRAFTS, "used_at", None, TOLD).await?;
    Ok(records.into_iter().map(|record| record.draft).collect())
}
