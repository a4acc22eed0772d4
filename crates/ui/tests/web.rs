//! What is put onto a page.
#![cfg(target_arch = "wasm32")]

use kaifu_ui::dom::document;
use kaifu_ui::patch::patch;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn patching_ends_with_what_was_asked_for() {
    let place = document().unwrap().create_element("div").unwrap();
    let expected = document().unwrap().create_element("div").unwrap();
    for html in [
        "<p>one</p>",
        "<p class=\"a\">two <b>bold</b></p><ul></ul>",
        "<ul><li data-message=\"1\">1</li><li data-message=\"2\">2</li></ul>",
        "<ul><li data-message=\"3\">3</li><li data-message=\"2\" hidden>two</li></ul>",
        "<ul><li data-message=\"2\">2</li><li data-message=\"3\">3</li></ul>tail",
        "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"></path></svg>",
        "",
    ] {
        patch(&place, html).unwrap();
        expected.set_inner_html(html);
        assert_eq!(place.inner_html(), expected.inner_html());
        assert!(place.is_equal_node(Some(&expected)), "{html}");
    }
}
