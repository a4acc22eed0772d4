//! The popup: what was opened, and when.
//!
//! [`view()`](view::view) turns a [`Model`](model::Model) into markup and knows no browser; the
//! rest asks the background worker, puts the markup onto the page and listens to the user. The
//! popup keeps nothing but the last answer, and what the user typed or unfolded.

mod app;
mod details;
mod event;
pub mod groups;
mod icon;
mod keys;
pub mod live_region;
mod mailboxes;
pub mod model;
mod row;
pub mod sample;
mod time;
pub mod view;

use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page to life. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start() {
    app::start();
}
