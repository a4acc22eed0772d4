//! What is kept, as the rest of the worker speaks of it.

use kaifu_core::clock::Lead;
use kaifu_core::time::Millis;
use kaifu_protocol::api::Event;

/// An event, and how far the user knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptEvent {
    /// The account it belongs to.
    pub(crate) account: String,
    /// The event itself.
    pub(crate) event: Event,
    /// How far the user knows of it.
    pub(crate) telling: Telling,
}

/// How far the user knows of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// They may still have to be told.
    Pending,
    /// They were told, and have not looked since.
    Fresh,
    /// They need not be told, or have looked.
    Done,
}

impl KeptEvent {
    /// Whether the user was told of it, or need not be.
    pub(crate) fn is_handled(&self) -> bool {
        self.telling != Telling::Pending
    }
}

/// What was heard from an account's server, apart from events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The sequence number of the last event that is known, 0 for none.
    pub(crate) cursor: u64,
    /// When it last answered.
    pub(crate) at: Millis,
    /// How far its clock is ahead of this browser's, as far as is known.
    pub(crate) lead: Option<Lead>,
}
