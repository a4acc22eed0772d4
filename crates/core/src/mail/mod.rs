//! What may live here: what an email is given when it leaves, and how its HTML is read and changed
//! for that.

pub mod consent;
pub(crate) mod edit;
pub(crate) mod html;
pub mod insertion;
pub mod line;
pub mod manner;
pub mod mode;
pub mod pixel;
