//! The page's changing parts as markup, a module for each: pure functions of what the page knows.

mod contacts;
mod emails;
mod figures;
mod hours;
mod lengths;
mod named;
mod part;
mod summary;
mod weeks;

pub use emails::{chosen, emails};
pub use summary::{honest, notice, periods, summary, title};
