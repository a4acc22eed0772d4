//! What the page does with what the worker says and the user enters.
#![cfg(target_arch = "wasm32")]

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Document, Element, HtmlElement, HtmlInputElement};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
let texts, refuses = true;
let state = { revision: 1, pause_ms: 0, value: { backend: "https://kaifu.example.org", track_by_default: true, mark_untracked: false } };
const asked = [];
let waiting = [];
const ok = (value) => Promise.resolve({ Ok: value });
export function play_worker(locale) {
  texts = JSON.parse(locale);
  globalThis.chrome = {
    i18n: { getUILanguage: () => "en-US", getMessage: (key) => texts[key]?.message ?? "" },
    permissions: { request: ({ origins }) => Promise.resolve(!origins[0].includes("refused")) },
    runtime: {
      sendMessage: (request) => {
        asked.push(request);
        if (refuses) return Promise.reject(new Error("no worker"));
        if (request.call === "save_settings") return ok(request.settings);
        if (request.call !== "watch_settings") return ok(null);
        if (request.revision !== state.revision) return ok(state);
        return new Promise((answer) => waiting.push(answer));
      },
    },
  };
}
export function wake_worker() {
  refuses = false;
}
export function tell(backend) {
  state = { ...state, revision: state.revision + 1, value: { ...state.value, backend } };
  for (const answer of waiting.splice(0)) answer({ Ok: state });
}
export function saved_marks() {
  return asked.findLast((request) => request.call === "save_settings").settings.mark_untracked;
}
export function times_asked(call) {
  return asked.filter((request) => request.call === call).length;
}
"#)]
extern "C" {
    fn play_worker(locale: &str);
    fn wake_worker();
    fn tell(backend: &str);
    fn times_asked(call: &str) -> u32;
    fn saved_marks() -> bool;
}

const LOCALE: &str = include_str!("../../../extension/_locales/en/messages.json");
const PAGE: &str = include_str!("../../../extension/options.html");

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).unwrap()
}

fn click(selector: &str) {
    let element = find(selector).unwrap_or_else(|| panic!("no {selector}"));
    element.unchecked_into::<HtmlElement>().click();
}

fn text(selector: &str) -> String {
    find(selector).unwrap().text_content().unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        TimeoutFuture::new(5).await;
    }
    panic!("never: {what}");
}

#[wasm_bindgen_test]
async fn the_page_shows_checks_and_saves_the_settings() {
    let body = PAGE.split("<body>").nth(1).unwrap().split("</body>").next();
    // The test runner reads its own elements in this page's body.
    let place = document().create_element("div").unwrap();
    place.set_inner_html(body.unwrap());
    document().body().unwrap().append_child(&place).unwrap();
    play_worker(LOCALE);
    kaifu_options::start();
    assert_eq!(text("header h1"), "Kaifu settings");
    let backend: HtmlInputElement = find("#backend").unwrap().unchecked_into();
    until("that the worker is silent", || {
        find("#worker:not([hidden])").is_some()
    })
    .await;
    assert!(text("#worker").contains("isn't responding"));
    wake_worker();
    until("the settings", || {
        backend.value() == "https://kaifu.example.org"
    })
    .await;
    assert!(find("#worker[hidden]").is_some());
    tell("https://elsewhere.example.org");
    until("what was set elsewhere", || {
        backend.value() == "https://elsewhere.example.org"
    })
    .await;

    for (address, problem) in [
        ("kaifu.example.org", "must start with https://"),
        ("https://refused.example.org", "needs permission"),
    ] {
        backend.set_value(address);
        click("#settings-save");
        until(problem, || text("#backend-error").contains(problem)).await;
        assert_eq!(backend.get_attribute("aria-invalid").unwrap(), "true");
        assert_eq!(times_asked("save_settings"), 0);
    }
    backend.set_value("https://Other.example.org/");
    click("#settings-save");
    until("saved", || text("#settings-status") == "Saved").await;
    assert_eq!(backend.value(), "https://other.example.org");
    assert_eq!(backend.get_attribute("aria-invalid").unwrap(), "false");

    let marks: HtmlInputElement = find("#mark-untracked").unwrap().unchecked_into();
    assert!(!marks.checked() && !saved_marks());
    assert_eq!(
        text("label[for='mark-untracked']"),
        "Also mark emails I don't track"
    );
    assert!(text("#mark-untracked-hint").contains("Turning this off deletes them"));
    marks.click();
    assert_eq!(text("#settings-status"), "");
    click("#settings-save");
    until("both saved", || text("#settings-status") == "Saved").await;
    assert!(marks.checked() && saved_marks());

    // A page that is no list of mails is not looked at as one.
    assert_eq!(times_asked("looked"), 0);
    assert_eq!(times_asked("watch_messages"), 0);
}
