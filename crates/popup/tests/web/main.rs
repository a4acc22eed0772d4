//! The popup on its real page, in a browser, with the worker's side of `chrome` played here.
#![cfg(target_arch = "wasm32")]

#[cfg(test)]
mod page;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
