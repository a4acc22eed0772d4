//! The panel of one email's choices: how it is tracked, and what its recipients will read.
//!
//! It stands in Gmail's page beside the switch that it belongs to, and is loaded when one is first
//! opened. It decides nothing: the content script says what it shows and hears what the user chose.

mod dom;
mod keys;
mod panel;
mod parts;

use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

/// As fast as the standard library's for the little that is kept here, and smaller.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The user pressed `opener`: opens its panel, which calls `said` with each choice, or closes it. Without
/// `said`, a panel that is open shows what is new. `shown` is a `protocol::panel::Shown`.
#[wasm_bindgen]
pub fn show(opener: HtmlElement, shown: String, said: Option<Function>) {
    // What cannot be read, or the page refuses, is not shown.
    let _ = panel::show(opener, shown, said);
}
