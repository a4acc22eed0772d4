//! Gmail's `/sync/…/i/s` exchange: what really leaves, and putting our image right in it.
//!
//! Gmail's page posts JSON arrays without field names; a field is known by its place alone. The
//! places read here are those of the form in use since 2022; older object forms are not read at all.
//! Whatever does not fit exactly is passed on as it is: a mail is never risked for a tracking image.

mod amend;
mod answer;
pub mod id;
mod json;
pub mod mailbox;
mod request;
mod splice;

pub use amend::{Amended, Pixel, Report, Wish, amend};
pub use answer::{Answer, Fate, Settled, Thread, fate};
pub use request::{Address, Kind, Outgoing, Part, Request};
