//! The state of a tracked message, judged from everything known about it.
//!
//! The server judges each fetch by itself; here its verdict meets what only the sender's browser
//! knows. Nothing is dropped: each event keeps a claim and a reason of its own, and all of it can be
//! judged again at any time.

mod judge;
mod readers;

pub use judge::{JudgedEvent, Judgement, Sent, View, judge};
pub use readers::Readers;

use crate::fetch::{Claim, Class, Reason};
use crate::time::Millis;

/// What the server reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// The image was fetched.
    Pixel,
    /// A link was followed.
    Link,
    /// The recipient pressed "I've read this".
    Read,
    /// The recipient refused to be tracked.
    Refuse,
}

/// A reader's key, as far as one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader(u64);

impl Reader {
    /// The reader behind the opaque text that the server gave.
    #[must_use]
    pub fn new(text: &str) -> Self {
        // The text is a keyed hash already, this only makes it small.
        Self(small(text.bytes()))
    }
}

/// A program on a kind of device, as far as one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program(u64);

impl Program {
    /// The program with this name on this kind of device.
    #[must_use]
    pub fn new(client: &str, device: &str) -> Self {
        Self(small(client.bytes().chain([b'/']).chain(device.bytes())))
    }
}

/// FNV-1a.
fn small(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One event of a message, as far as its state hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, by the server's clock.
    pub at: Millis,
    /// Who asked.
    pub class: Class,
    /// What the server claims from the request alone.
    pub claim: Claim,
    /// Why it claims that; `None` when this version does not know the reason.
    pub reason: Option<Reason>,
    /// Who read, as far as one day's readers of this message can be told apart.
    pub reader: Option<Reader>,
    /// What read, where its name and its device are known.
    pub program: Option<Program>,
}

impl Event {
    /// What the request alone is worth: what the server claimed, unless the rules of this version
    /// claim less for the same reason.
    #[must_use]
    pub fn worth(&self) -> Claim {
        self.reason
            .map_or(self.claim, |reason| self.claim.min(reason.claim()))
    }
}

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
    /// The mail left without its image.
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
    /// It happened before the mail left, so the sender's own program did it.
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
    /// The recipient pressed "I've read this".
    ReadPressed,
    /// The recipient refused to be tracked.
    RefusePressed,
}

impl EventReason {
    /// The codes of this type's own reasons, apart from those of a fetch.
    pub const CODES: &'static [&'static str] = &[
        "reported",
        "before_send",
        "at_send",
        "own_view",
        "too_early",
        "burst",
        "near_machine",
        "read_pressed",
        "refuse_pressed",
    ];

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
            Self::ReadPressed => "read_pressed",
            Self::RefusePressed => "refuse_pressed",
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
    /// The mail left without its image.
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
        Self::NotTracked,
        Self::NotAsked,
    ];

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
            Self::NotTracked => "not_tracked",
            Self::NotAsked => "not_asked",
        }
    }
}

#[cfg(test)]
mod tests;
