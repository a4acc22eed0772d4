//! What all answers have in common: errors, JSON, and what stands before every handler.

pub(crate) mod error;
pub(crate) mod host;
pub(crate) mod json;
pub(crate) mod middleware;
pub(crate) mod spelling;
