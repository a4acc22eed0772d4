//! Everything that is asked of the server: its HTTP API, the accounts that it gave, and the polling.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod poll;
