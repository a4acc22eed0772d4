//! Everything that is asked of the servers: their HTTP API, the accounts that they gave, and the
//! polling.

pub(crate) mod account;
mod api;
mod pace;
pub(crate) mod poll;
mod question;
mod refusal;
mod standing;
