//! What is remembered about drafts, by draft.

use super::codes;
use crate::store::kept::KeptDraft;
use kaifu_core::choice::{Choice, Choices};
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
    /// How it is to be tracked then, by the code of core's `Manner`, which is its mode's name where no
    /// more was chosen; by an image where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    /// When they said so; what has one is indexed. Earlier versions did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen_at: Option<i64>,
    /// Whether it was to be tracked when Send was pressed, and when that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pressed: Option<PressedRecord>,
    /// The message it stands for, once Send was pressed.
    #[serde(default)]
    message: Option<String>,
    /// When it was known to have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_at: Option<i64>,
    /// When any of this last changed.
    used_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PressedRecord {
    track: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    at: i64,
}

impl DraftRecord {
    /// What is remembered about a draft, as of `used_at`.
    pub(crate) fn new(kept: KeptDraft, used_at: Millis) -> Self {
        let Choices { chosen, pressed } = kept.choices;
        Self {
            draft: kept.draft.as_ref().to_owned(),
            track: chosen.map(|it| it.how.is_some()),
            mode: chosen.and_then(|it| codes::manner(it.how?)),
            chosen_at: chosen.map(|it| it.at.0),
            pressed: pressed.map(|it| PressedRecord {
                track: it.how.is_some(),
                mode: it.how.and_then(codes::manner),
                at: it.at.0,
            }),
            message: kept.message,
            left_at: kept.left_at.map(|at| at.0),
            used_at: used_at.0,
        }
    }

    /// The same for the rest of the worker; `None` where the id is none of Gmail's.
    pub(crate) fn kept(self) -> Option<KeptDraft> {
        let used_at = self.used_at;
        let choice = |track: bool, mode, at| Choice {
            how: track.then(|| codes::manner_of(mode)),
            at: Millis(at),
        };
        Some(KeptDraft {
            draft: DraftId::parse(&self.draft)?,
            choices: Choices {
                chosen: (self.track)
                    .map(|track| choice(track, self.mode, self.chosen_at.unwrap_or(used_at))),
                pressed: self.pressed.map(|it| choice(it.track, it.mode, it.at)),
            },
            message: self.message,
            left_at: self.left_at.map(Millis),
        })
    }
}
