//! What is remembered about drafts, by draft.

use crate::store::kept::KeptDraft;
use kaifu_core::gmail::id::{DraftId, GmailId as _};
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DraftRecord {
    /// Gmail's sync id of the draft.
    draft: String,
    /// Whether it is to be tracked, where the user said so.
    #[serde(default)]
    track: Option<bool>,
    /// The message it stands for, once Send was pressed.
    #[serde(default)]
    message: Option<String>,
    /// When any of this last changed.
    used_at: i64,
}

impl DraftRecord {
    /// What is remembered about a draft, as of `used_at`.
    pub(crate) fn new(kept: KeptDraft, used_at: Millis) -> Self {
        Self {
            draft: kept.draft.as_ref().to_owned(),
            track: kept.track,
            message: kept.message,
            used_at: used_at.0,
        }
    }

    /// The same for the rest of the worker; `None` where the id is none of Gmail's.
    pub(crate) fn kept(self) -> Option<KeptDraft> {
        Some(KeptDraft {
            draft: DraftId::parse(&self.draft)?,
            track: self.track,
            message: self.message,
        })
    }
}
