//! What the browser makes of times, amounts and lists.
#![cfg(target_arch = "wasm32")]

use kaifu_core::time::Millis;
use kaifu_l10n::{Browser, Words as _, people};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
export function play_locale(texts, ui) {
  globalThis.asked = 0;
  globalThis.chrome = {
    i18n: {
      getUILanguage: () => ui,
      getMessage: (key) => (globalThis.asked++, key === "locale_language" ? texts : key),
    },
  };
}
export function times_asked() {
  return globalThis.asked;
}
"#)]
extern "C" {
    fn play_locale(texts: &str, interface: &str);
    fn times_asked() -> u32;
}

/// 14 November 2023, 22:13:20 UTC.
const AT: Millis = Millis(1_700_000_000_000);

#[wasm_bindgen_test]
fn no_name_of_the_interface_keeps_times_from_being_written() {
    for interface in ["en-US@posix", "C", "", "en--", "e", "en-US-u-ca", "@"] {
        play_locale("en", interface);
        let words = Browser::new();
        for text in [
            words.exact(AT),
            words.moment(AT),
            words.clock(AT, Millis(0)),
        ] {
            assert!(text.contains("2023"), "{interface}: {text}");
        }
        assert!(!words.clock(AT, AT).contains("2023"), "{interface}");
        assert_eq!(words.amount(3, "hour"), "3 hours", "{interface}");
        assert_eq!(words.distance(-2, "hour"), "2 hours ago", "{interface}");
    }
}

#[wasm_bindgen_test]
fn lists_and_amounts_are_written_as_the_language_is() {
    for (language, list, between, amount) in [
        ("de", "Anna, Ben und Chie", ", ", "4 Sekunden"),
        ("en", "Anna, Ben, Chie", ", ", "4 seconds"),
        ("ja", "Anna、Ben、Chie", "、", "4秒"),
    ] {
        play_locale(language, language);
        let words = Browser::new();
        assert_eq!(words.list(&["Anna", "Ben", "Chie"]), list);
        assert_eq!(people::separator(&words), between);
        assert_eq!(words.amount(4, "second"), amount);
    }
}

#[wasm_bindgen_test]
fn a_text_is_asked_for_once() {
    play_locale("en", "en");
    let words = Browser::new();
    let before = times_asked();
    for _ in 0..3 {
        assert_eq!(words.text("one"), "one");
        assert_eq!(words.text("two"), "two");
    }
    assert_eq!(times_asked() - before, 2);
}
