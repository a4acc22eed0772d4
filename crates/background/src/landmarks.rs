//! What Gmail's pages report missing, kept for the popup to show.

use crate::error::WorkerError;
use crate::store::records::LandmarksRecord;
use crate::subscribers::{self, Topic};
use kaifu_chrome::storage;
use kaifu_protocol::content::Landmarks;

const KEY: &str = "unfamiliar";

/// Keeps the last report.
pub(crate) async fn report(call: Landmarks) -> Result<(), WorkerError> {
    if load().await? != Some(call.clone()).filter(|call| !call.missing.is_empty()) {
        storage::local::set(KEY, &LandmarksRecord::from(call)).await?;
        subscribers::changed(&[Topic::Landmarks]);
    }
    Ok(())
}

/// The last report, where something was missing.
pub(crate) async fn load() -> Result<Option<Landmarks>, WorkerError> {
    let kept: Option<LandmarksRecord> = storage::local::get(KEY).await?;
    Ok(kept
        .map(Landmarks::from)
        .filter(|report| !report.missing.is_empty()))
}
