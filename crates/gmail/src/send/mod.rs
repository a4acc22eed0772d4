//! What may live here: what happens from the press of Send on, until it is known what became of it.

pub(crate) mod press;
pub(crate) mod schedule;
pub(crate) mod wire;
