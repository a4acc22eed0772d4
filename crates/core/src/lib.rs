//! What Kaifu knows and decides, apart from any browser, network, clock or source of randomness.
//!
//! Everything here runs natively and as WebAssembly alike; time and randomness come in as values.

pub mod api_token;
pub mod backend;
pub mod choice;
pub mod clock;
pub mod fetch;
pub mod gmail;
pub mod id;
pub mod mail;
pub mod news;
pub mod outcome;
pub mod relative;
pub mod report;
pub mod seal;
pub mod sort;
pub mod state;
pub mod time;
pub mod token;
