//! What may live here: the compose forms that are open, and what Kaifu shows and keeps in each.

pub(crate) mod compose;
pub(crate) mod editor;
pub(crate) mod form;
pub(crate) mod landmarks;
mod mode;
pub(crate) mod open;
pub(crate) mod panel;
pub(crate) mod toggle;
