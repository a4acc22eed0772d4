//! The answer to a call that the worker holds open until there is something new.

use serde::{Deserialize, Serialize};

/// The answer to a held call: a value, and how to ask for the next one.
///
/// A held call is answered as soon as the value differs from the one that the caller has, and at the
/// latest when the worker's long poll ends; then the same value may come once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held<T> {
    /// Names this state of the value; hand it back in the next call. 0 stands for "none yet".
    pub revision: u64,
    /// How long to wait before the next call, in milliseconds.
    pub pause_ms: u32,
    /// What was asked for.
    pub value: T,
}
