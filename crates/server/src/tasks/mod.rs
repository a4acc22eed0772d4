//! What goes on beside the requests, at intervals.

pub(crate) mod floods;
pub(crate) mod forget;
pub(crate) mod keys;
pub(crate) mod retention;
pub(crate) mod shares;
