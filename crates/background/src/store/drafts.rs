//! What is remembered about drafts.

use super::kept::KeptDraft;
use super::records::DraftRecord;
use super::{DRAFTS, Store, commit, get, latest as latest_of, put, reading, writing};
use crate::error::WorkerError;
use kaifu_chrome::clock::now;
use kaifu_core::gmail::id::DraftId;

/// How many drafts a tab is told about.
const MAX_TOLD: u32 = 500;

/// Changes what is remembered about `draft`.
pub(crate) async fn change(
    store: &Store,
    draft: &DraftId,
    change: impl FnOnce(&mut KeptDraft),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[DRAFTS])?;
    let record: Option<DraftRecord> = get(&transaction, DRAFTS, draft.as_ref()).await?;
    let known = record.and_then(DraftRecord::kept);
    let mut kept = known.unwrap_or_else(|| KeptDraft {
        draft: draft.clone(),
        track: None,
        message: None,
    });
    change(&mut kept);
    put(&transaction, DRAFTS, &DraftRecord::new(kept, now())).await?;
    commit(transaction).await
}

/// The drafts used last, newest first.
pub(crate) async fn latest(store: &Store) -> Result<Vec<KeptDraft>, WorkerError> {
    let transaction = reading(store, &[DRAFTS])?;
    let records: Vec<DraftRecord> =
        latest_of(&transaction, DRAFTS, "used_at", None, MAX_TOLD).await?;
    Ok(records.into_iter().filter_map(DraftRecord::kept).collect())
}
