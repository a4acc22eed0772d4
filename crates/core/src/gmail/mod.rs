//! What may live here: what is Gmail's own. That is its `/sync/…/i/s` exchange, with what really
//! leaves and our image put right in that, its ids, and its mailboxes.
//!
//! Gmail's page posts JSON arrays without field names; a field is known by its place alone. The
//! places read here are those of the form in use since 2022; older object forms are not read at all.
//! Whatever does not fit exactly is passed on as it is: no email is risked for a tracking image.

mod amend;
mod answer;
pub mod id;
mod json;
pub mod mailbox;
mod places;
mod request;
mod splice;

pub use crate::mail::insertion::Pixel;
pub use amend::{Amended, Report, Wish, amend, carried};
pub use answer::{Answer, Fate, Settled, Thread, fate};
pub use request::{Address, Kind, Outgoing, Part, Request};
