//! Who fetched a tracking image, and what may be claimed from it.
//!
//! A fetch is not an open: the class says who asked, the claim says what that is worth, and the
//! reason says why. Nothing here proves that a person read anything.
//!
//! What only the sender's browser knows (when the email left, when its own sender looked at it, what
//! else was fetched) comes in later, in [`state`](crate::state).

mod agent;
mod class;
mod classify;
mod headers;
mod matcher;
mod names;
mod network;
mod reader;
mod reason;
pub mod rules;

pub use class::{Claim, Class};
pub use classify::{
    Asked, Fetch, Verdict, chromium, classify, device_within, devices, is_unnamed, names_library,
};
pub use headers::{Accept, Destination, NOT_TO_TRACK_HEADERS, PURPOSE_HEADERS, announces_prefetch};
pub use network::{Country, Network, ROLES, Range, Role};
pub use reader::{ReaderId, ReaderKey, reader_prefix};
pub use reason::Reason;

/// The version of the rules: it grows with every change of a verdict.
pub const RULES_VERSION: u32 = 4;

#[cfg(test)]
mod tests;
