//! What a message or an event is said to be, and why.

use crate::fetch::Reason;

/// The state of a tracked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing has been seen. This does not mean that nobody read it.
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
}

impl State {
    /// The name by which the page and the popup know the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Machine => "machine",
            Self::Opened => "opened",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Untracked => "untracked",
        }
    }
}

/// Why an event is worth what it is for its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventReason {
    /// The fetch itself says so.
    Fetch(Reason),
    /// The server said so, for a reason that this version does not know.
    Reported,
    /// It happened before the email left, so the sender's own program did it.
    BeforeSend,
    /// The sender's kind of browser loaded it in the moment of the send, so the sender's own did.
    AtSend,
    /// The sender was looking at the message.
    OwnView,
    /// Gmail's proxy so soon after sending that it may have come with the delivery.
    TooEarly,
    /// The image and the links were all fetched at once.
    Burst,
    /// The same reader also did what only machines do.
    NearMachine,
    /// Whether it was the sender hangs on clocks that were set and cannot be reconciled.
    ClocksDiffer,
    /// The recipient pressed "I've read this".
    ReadPressed,
    /// The recipient refused to be tracked.
    RefusePressed,
    /// The recipient agreed to open notices.
    AgreePressed,
    /// The recipient took a press back.
    UndoPressed,
    /// It is a press that the recipient took back.
    TakenBack,
}

impl EventReason {
    /// This type's own reasons, apart from those of a fetch.
    pub const OWN: &'static [Self] = &[
        Self::Reported,
        Self::BeforeSend,
        Self::AtSend,
        Self::OwnView,
        Self::TooEarly,
        Self::Burst,
        Self::NearMachine,
        Self::ClocksDiffer,
        Self::ReadPressed,
        Self::RefusePressed,
        Self::AgreePressed,
        Self::UndoPressed,
        Self::TakenBack,
    ];

    /// The reason with this code; `None` for one that this version does not know.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let own = Self::OWN.iter().find(|own| own.code() == code).copied();
        own.or_else(|| Reason::from_code(code).map(Self::Fetch))
    }

    /// Whether the sender's own program caused the event.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self, Self::BeforeSend | Self::AtSend | Self::OwnView)
    }

    /// The stable code that the interface puts into words.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fetch(reason) => reason.code(),
            Self::Reported => "reported",
            Self::BeforeSend => "before_send",
            Self::AtSend => "at_send",
            Self::OwnView => "own_view",
            Self::TooEarly => "too_early",
            Self::Burst => "burst",
            Self::NearMachine => "near_machine",
            Self::ClocksDiffer => "clocks_differ",
            Self::ReadPressed => "read_pressed",
            Self::RefusePressed => "refuse_pressed",
            Self::AgreePressed => "agree_pressed",
            Self::UndoPressed => "undo_pressed",
            Self::TakenBack => "taken_back",
        }
    }
}

/// Why a message is in its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateReason {
    /// Nothing was fetched.
    NothingSeen,
    /// Only the sender's own program fetched something.
    OnlyOwn,
    /// Only machines fetched something.
    OnlyMachines,
    /// Something was fetched by what may have been a person or a machine.
    CannotTell,
    /// An image was fetched as programs do when a person opens a message.
    ImageLoaded,
    /// A link was followed as people do.
    LinkFollowed,
    /// The recipient pressed "I've read this".
    ReadPressed,
    /// The recipient refused to be tracked.
    RefusePressed,
    /// The recipient agreed to open notices.
    AgreePressed,
    /// The email left without its image.
    NotTracked,
    /// Tracking was not asked for.
    NotAsked,
}

impl StateReason {
    /// Every reason there is.
    pub const ALL: &'static [Self] = &[
        Self::NothingSeen,
        Self::OnlyOwn,
        Self::OnlyMachines,
        Self::CannotTell,
        Self::ImageLoaded,
        Self::LinkFollowed,
        Self::ReadPressed,
        Self::RefusePressed,
        Self::AgreePressed,
        Self::NotTracked,
        Self::NotAsked,
    ];

    /// The reason with this code; `None` for one that this version does not know.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|known| known.code() == code).copied()
    }

    /// The stable code that the interface puts into words.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NothingSeen => "nothing_seen",
            Self::OnlyOwn => "only_own",
            Self::OnlyMachines => "only_machines",
            Self::CannotTell => "cannot_tell",
            Self::ImageLoaded => "image_loaded",
            Self::LinkFollowed => "link_followed",
            Self::ReadPressed => "read_pressed",
            Self::RefusePressed => "refuse_pressed",
            Self::AgreePressed => "agree_pressed",
            Self::NotTracked => "not_tracked",
            Self::NotAsked => "not_asked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_reason() {
        let fetches = Reason::ALL.iter().copied().map(EventReason::Fetch);
        for reason in EventReason::OWN.iter().copied().chain(fetches) {
            assert_eq!(EventReason::from_code(reason.code()), Some(reason));
        }
        for &reason in StateReason::ALL {
            assert_eq!(StateReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(EventReason::from_code("own_views"), None);
    }
}
