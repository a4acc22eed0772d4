//! What only the sender's browser knows.

use super::event::Program;
use crate::clock::Clocks;
use crate::time::{Millis, SECOND};

/// For how many milliseconds Gmail holds an email back at the most; its users choose from 5 to 30
/// seconds (<https://support.google.com/mail/answer/2819488>).
pub const UNDO_MAX: i64 = 30 * SECOND;

/// What the sender's browser knows about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When Gmail took the email, or is to send it, by the browser's clock.
    pub at: Millis,
    /// For how many milliseconds from then on Gmail may hold it back, so that its sender can undo the
    /// send; 0 for one that was scheduled.
    pub undo: i64,
    /// How many people it went to; at least 1.
    pub recipients: u32,
    /// What was known of the clocks at that moment.
    pub clocks: Clocks,
    /// Whether the email left with its image.
    pub tracked: bool,
    /// The browser that the sender's extension runs in, where it can be told.
    pub own_browser: Option<Program>,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            at: Millis(0),
            undo: 0,
            recipients: 1,
            clocks: Clocks::default(),
            tracked: true,
            own_browser: None,
        }
    }
}

/// The sender looked at the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// When it came into view, by the browser's clock.
    pub at: Millis,
    /// What was known of the clocks at that moment.
    pub clocks: Clocks,
}
