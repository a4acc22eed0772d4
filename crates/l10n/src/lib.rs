//! Every word, date and amount that people read, and each rule about them, written once: for the
//! marks in Gmail, the notifications and the extension's own pages.
//!
//! The functions take their [`Words`], so a test without a browser can read the locale files;
//! [`Browser`] asks the browser. Whoever calls a function pays for that one only: a Gmail tab links
//! nothing of what the popup alone says.

mod browser;
pub mod counts;
pub mod events;
pub mod language;
pub mod people;
pub mod problems;
pub mod reach;
pub mod states;
mod words;

pub use browser::Browser;
pub use words::Words;
