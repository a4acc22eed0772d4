//! What every page of the extension needs from the browser: its document ([`dom`]), markup that is
//! put onto it ([`patch`]), calls to the worker that are held open ([`watch`]), the drawings of states
//! ([`icons`]), and files for the user ([`download`]).

pub mod dom;
pub mod download;
pub mod icons;
pub mod patch;
pub mod watch;
