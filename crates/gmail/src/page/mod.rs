//! What may live here: what Gmail's page is like and how it is asked, and nothing of what Kaifu
//! does in it.

pub(crate) mod account;
pub(crate) mod changes;
pub(crate) mod dom;
pub(crate) mod lists;
pub(crate) mod names;
pub(crate) mod random;
pub(crate) mod selectors;
