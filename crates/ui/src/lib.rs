//! What every page of the extension needs from the browser: its document ([`dom`]), markup that is
//! put onto it ([`patch`]), and calls to the worker that are held open ([`watch`]).
//!
//! Nothing in here knows what a page shows.

pub mod dom;
pub mod patch;
pub mod watch;
