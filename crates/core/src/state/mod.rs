//! The state of a tracked message, judged from everything known about it.
//!
//! The server judges each fetch by itself; here its verdict meets what only the sender's browser
//! knows. Nothing is dropped: each event keeps a claim and a reason of its own, and all of it can be
//! judged again at any time.

mod around;
mod event;
mod fold;
mod judge;
mod own_views;
mod readers;
mod reason;
mod sent;

pub use event::{Client, Event, EventKind, Program, Reader};
pub use judge::{JudgedEvent, Judgement, judge};
pub use readers::Readers;
pub use reason::{EventReason, State, StateReason};
pub use sent::{Sent, UNDO_MAX, View};

/// The version of these rules: it grows with every change of a judgement.
pub const RULES_VERSION: u32 = 1;

#[cfg(test)]
mod tests;
