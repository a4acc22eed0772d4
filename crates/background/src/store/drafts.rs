//! What is remembered about drafts. What the user chose is no cache: it is told for as long as the
//! draft lives, however many others come after it.

use super::kept::KeptDraft;
use super::records::DraftRecord;
use super::{
    DRAFTS, Store, commit, delete, get, indexed, latest as latest_of, put, reading, writing,
};
use crate::error::WorkerError;
use kaifu_chrome::clock::now;
use kaifu_core::gmail::id::DraftId;
use kaifu_core::time::DAY;

/// How many drafts a tab is told about beside those that the user chose something for.
const MAX_TOLD: u32 = 500;

/// For how long a choice is kept after the email left, in milliseconds: it may still be taken back.
const KEPT_AFTER_MS: i64 = DAY;

/// Changes what is remembered about `draft`. Nothing is kept of one about which nothing was decided.
pub(crate) async fn change(
    store: &Store,
    draft: &DraftId,
    change: &dyn Fn(&mut KeptDraft),
) -> Result<(), WorkerError> {
    let transaction = writing(store, &[DRAFTS])?;
    let record: Option<DraftRecord> = get(&transaction, DRAFTS, draft.as_ref()).await?;
    let known = record.and_then(DraftRecord::kept);
    let mut kept = known.unwrap_or_else(|| KeptDraft::new(draft.clone()));
    change(&mut kept);
    if kept.is_undecided() {
        delete(&transaction, DRAFTS, draft.as_ref()).await?;
    } else {
        put(&transaction, DRAFTS, &DraftRecord::new(kept, now())).await?;
    }
    commit(transaction).await
}

/// What is remembered about `draft`.
pub(crate) async fn find(store: &Store, draft: &DraftId) -> Result<Option<KeptDraft>, WorkerError> {
    let record: Option<DraftRecord> =
        get(&reading(store, &[DRAFTS])?, DRAFTS, draft.as_ref()).await?;
    Ok(record.and_then(DraftRecord::kept))
}

/// The drafts that the user chose something for, and those used last, newest first.
pub(crate) async fn told(store: &Store) -> Result<Vec<KeptDraft>, WorkerError> {
    let transaction = reading(store, &[DRAFTS])?;
    let chosen: Vec<DraftRecord> = indexed(&transaction, DRAFTS, "chosen_at", None).await?;
    let latest: Vec<DraftRecord> =
        latest_of(&transaction, DRAFTS, "used_at", None, MAX_TOLD).await?;
    let all = chosen.into_iter().chain(latest);
    Ok(all.filter_map(DraftRecord::kept).collect())
}

/// Forgets the choices for emails that left long ago.
pub(crate) async fn forget_left(store: &Store) -> Result<(), WorkerError> {
    let transaction = writing(store, &[DRAFTS])?;
    let oldest = now().plus(-KEPT_AFTER_MS);
    let chosen: Vec<DraftRecord> = indexed(&transaction, DRAFTS, "chosen_at", None).await?;
    for kept in chosen.into_iter().filter_map(DraftRecord::kept) {
        if kept.left_at.is_some_and(|at| at < oldest) {
            delete(&transaction, DRAFTS, kept.draft.as_ref()).await?;
        }
    }
    commit(transaction).await
}
