//! What every page of the extension needs from the browser: its document ([`dom`]), markup that is
//! put onto it ([`patch`]), calls to the worker that are held open ([`watch`]), and the drawings of
//! states ([`icons`]).

pub mod dom;
pub mod icons;
pub mod patch;
pub mod watch;
