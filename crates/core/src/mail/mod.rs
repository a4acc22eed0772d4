//! What an email is given, and how it is found again in the email's HTML.

pub(crate) mod html;
pub mod pixel;
