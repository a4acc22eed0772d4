//! What each route does.

pub(crate) mod accounts;
pub(crate) mod credential;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod link;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod pixel;
pub(crate) mod receipt;
