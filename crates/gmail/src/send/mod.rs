//! What may live here: what happens from the press of Send on, until it is known what became of it.
//! It never stops, delays or repeats an event of Gmail's.

pub(crate) mod events;
mod press;
mod schedule;
mod signs;
mod wire;
