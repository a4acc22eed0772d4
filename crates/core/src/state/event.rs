//! What the server reported of a message.

use crate::clock::Clocks;
use crate::fetch::{Claim, Class, Reason};
use crate::id::EventId;
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
    /// The recipient agreed to open notices.
    Agree,
    /// The recipient took a press back.
    Undo,
}

impl EventKind {
    /// Whether something was fetched, and not a button pressed.
    #[must_use]
    pub const fn is_fetch(self) -> bool {
        matches!(self, Self::Pixel | Self::Link)
    }
}

/// A reader's key, as far as one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader(pub(super) u64);

impl Reader {
    /// The reader behind the opaque text that the server gave.
    #[must_use]
    pub fn new(text: &str) -> Self {
        // The text is a keyed hash already, this only makes it small.
        Self(small(text.bytes()))
    }

    /// A number that only this reader has.
    pub(super) const fn number(self) -> i64 {
        self.0.cast_signed()
    }
}

/// A program on a kind of device, as far as one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Program(pub(super) u64);

impl Program {
    /// The program with this name on this kind of device.
    #[must_use]
    pub fn new(client: &str, device: &str) -> Self {
        Self(small(client.bytes().chain([b'/']).chain(device.bytes())))
    }

    /// The number by which it is told from others.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A program or mail service by its name alone, as far as one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(u64);

impl Client {
    /// The one with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(small(name.bytes()))
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
    /// What tells it from all others; `None` for one of an early server.
    pub id: Option<EventId>,
    /// The press that it takes back.
    pub of: Option<EventId>,
    /// What happened.
    pub kind: EventKind,
    /// When, by the server's clock.
    pub at: Millis,
    /// What was known of the clocks when the server told of it.
    pub clocks: Clocks,
    /// Who asked.
    pub class: Class,
    /// What the server claims from the request alone.
    pub claim: Claim,
    /// Why it claims that; `None` when this version does not know the reason.
    pub reason: Option<Reason>,
    /// Who read, as far as one day's readers of this message can be told apart.
    pub reader: Option<Reader>,
    /// What asked, where its name is known.
    pub client: Option<Client>,
    /// What read, where its name and its device are known.
    pub program: Option<Program>,
    /// For how many further fetches of a flood it stands; such an event is a count, and nobody's.
    pub others: u64,
}

impl Event {
    /// Whether it only counts the fetches of a flood.
    #[must_use]
    pub const fn is_count(&self) -> bool {
        self.others > 0 && self.kind.is_fetch()
    }

    /// What the request alone is worth: what the server claimed, unless the rules of this version
    /// claim less for the same reason.
    #[must_use]
    pub fn worth(&self) -> Claim {
        self.reason
            .map_or(self.claim, |reason| self.claim.min(reason.claim()))
    }
}
