//! The state of a tracked message, as it crosses a process.

use kaifu_core::state::{Judgement, StateReason};
use serde::{Deserialize, Serialize};

/// The state of a tracked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has been seen; this does not mean that nobody read it.
    Unseen,
    /// Fetched by what may have been a machine or a person.
    Unsure,
    /// Fetched, but by machines alone.
    Machine,
    /// Probably opened.
    Opened,
    /// The recipient said that they read it.
    Confirmed,
    /// The recipient refuses tracking.
    Refused,
    /// The email left without its image, though tracking was on.
    Untracked,
    /// Tracking was off.
    Off,
    /// Gmail is to send it at a later time.
    Scheduled,
    /// Its account is no longer followed, and nothing was claimed until then.
    Unfollowed,
    /// It asks for an answer, has no image, and there was none yet.
    Waiting,
}

/// A kind of states that messages are asked for by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All states.
    #[default]
    All,
    /// Probably opened.
    Opened,
    /// Nothing was detected.
    Unseen,
    /// All others.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::All, Self::Opened, Self::Unseen, Self::Other];

    /// Whether `state` is of this kind.
    #[must_use]
    pub const fn has(self, state: State) -> bool {
        match self {
            Self::All => true,
            Self::Opened => matches!(state, State::Opened),
            Self::Unseen => matches!(state, State::Unseen),
            Self::Other => !matches!(state, State::Opened | State::Unseen),
        }
    }
}

impl From<&Judgement> for State {
    fn from(judgement: &Judgement) -> Self {
        use kaifu_core::state::State as Core;
        match (judgement.state, judgement.reason) {
            (Core::Unseen, _) => Self::Unseen,
            (Core::Machine, StateReason::CannotTell) => Self::Unsure,
            (Core::Machine, _) => Self::Machine,
            (Core::Opened, _) => Self::Opened,
            (Core::Confirmed, _) => Self::Confirmed,
            (Core::Refused, _) => Self::Refused,
            (Core::Untracked, _) => Self::Untracked,
        }
    }
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 11] = [
        Self::Unseen,
        Self::Unsure,
        Self::Machine,
        Self::Opened,
        Self::Confirmed,
        Self::Refused,
        Self::Untracked,
        Self::Off,
        Self::Scheduled,
        Self::Unfollowed,
        Self::Waiting,
    ];

    /// The state of a message whose account is followed no more. What was claimed stays; where nothing
    /// was, nothing will be known any more.
    #[must_use]
    pub const fn when_unfollowed(self) -> Self {
        match self {
            Self::Unseen | Self::Unsure | Self::Machine | Self::Scheduled | Self::Waiting => {
                Self::Unfollowed
            }
            other => other,
        }
    }

    /// The state of a message that Gmail is still to send: nobody else can have opened it.
    #[must_use]
    pub const fn when_scheduled(self) -> Self {
        match self {
            Self::Unseen | Self::Waiting => Self::Scheduled,
            other => other,
        }
    }

    /// The state of a message without an image: no opens can be detected, but answers can.
    #[must_use]
    pub const fn when_asking(self) -> Self {
        match self {
            Self::Unseen => Self::Waiting,
            other => other,
        }
    }

    /// The name in `data-kaifu-state`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Unsure => "unsure",
            Self::Machine => "machine",
            Self::Opened => "opened",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Untracked => "untracked",
            Self::Off => "off",
            Self::Scheduled => "scheduled",
            Self::Unfollowed => "unfollowed",
            Self::Waiting => "waiting",
        }
    }
}
