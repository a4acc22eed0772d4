//! The report page: what many tracked emails come to, each number with the emails behind it.
//!
//! [`view`] turns a [`Model`](model::Model) into markup and [`export`] into files, and neither knows
//! a browser; the rest asks the background worker and listens to the user. The page keeps nothing
//! but the last answer, and what the user asked for and selected.

mod app;
pub mod export;
pub mod model;
pub mod view;

use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page to life. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start() {
    app::start();
}
