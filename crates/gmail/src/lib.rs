//! The content script: Kaifu in Gmail's page.
//!
//! It finds every compose form, puts one switch beside Send, and adds the tracking image when Send
//! is pressed, before Gmail reads the email. Whatever fails here leaves the email as it was. In lists
//! and conversations it puts a mark beside each tracked message, and it tells the worker when the
//! sender looks at one.

mod app;
mod forms;
mod marks;
mod outcomes;
mod own_views;
mod page;
mod send;
mod session;
mod tab;
mod worker;

use wasm_bindgen::prelude::wasm_bindgen;

/// As fast as the standard library's for the little that is kept here, and 3 kB smaller.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Starts Kaifu in this page. `runtime` says what runs it: `wasm`, or `js` where the page forbids
/// WebAssembly; `panel` loads the panel of an email's choices and shows it.
#[wasm_bindgen]
pub fn start(runtime: &str, panel: js_sys::Function) {
    let page = page::dom::page();
    forms::toggle::clear_leftovers(&page);
    app::App::start(panel);
    // Tests and the popup's report read it; the page itself learns nothing that it could not see.
    let _ = page.set_attribute(app::RUNTIME, runtime);
}
