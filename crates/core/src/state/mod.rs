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

#[cfg(test)]
mod tests;
