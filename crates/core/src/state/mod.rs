//! The state of a tracked message, judged from everything known about it.
//!
//! The server judges each fetch by itself; here its verdict meets what only the sender's browser
//! knows. Nothing is dropped: each event keeps a claim and a reason of its own, and all of it can be
//! judged again at any time.

mod event;
mod judge;
mod readers;
mod reason;

pub use event::{Event, EventKind, Program, Reader};
pub use judge::{JudgedEvent, Judgement, Sent, View, judge};
pub use readers::Readers;
pub use reason::{EventReason, State, StateReason};

#[cfg(test)]
mod tests;
