//! The state of a tracked message, as it crosses a process.

use serde::{Deserialize, Serialize};

/// The state of a tracked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has been seen; this does not mean that nobody read it.
    Unseen,
    /// Fetched, but by a machine or by something that cannot be told from one.
    Machine,
    /// Probably opened.
    Opened,
    /// The recipient said that they read it.
    Confirmed,
    /// The recipient refuses tracking.
    Refused,
    /// The email left without its image.
    Untracked,
    /// Its account is no longer followed, and nothing was claimed until then.
    Unfollowed,
}

impl From<kaifu_core::state::State> for State {
    fn from(state: kaifu_core::state::State) -> Self {
        use kaifu_core::state::State as Core;
        match state {
            Core::Unseen => Self::Unseen,
            Core::Machine => Self::Machine,
            Core::Opened => Self::Opened,
            Core::Confirmed => Self::Confirmed,
            Core::Refused => Self::Refused,
            Core::Untracked => Self::Untracked,
        }
    }
}

impl State {
    /// The state of a message whose account is followed no more. What was claimed stays; where nothing
    /// was, nothing will be known any more.
    #[must_use]
    pub const fn when_unfollowed(self) -> Self {
        match self {
            Self::Unseen | Self::Machine => Self::Unfollowed,
            other => other,
        }
    }

    /// The name in `data-kaifu-state`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Machine => "machine",
            Self::Opened => "opened",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Untracked => "untracked",
            Self::Unfollowed => "unfollowed",
        }
    }
}
