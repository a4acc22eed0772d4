//! What may live here: marks beside messages, in Gmail's lists and conversations.

pub(crate) mod lookup;
mod mark;
mod rows;
mod shape;
mod thread;
