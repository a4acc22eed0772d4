//! What the page does with what the worker says and the user presses.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

#[wasm_bindgen(inline_js = r#"
let texts, state, waiting = [];
const asked = [];
const kept = { popup_mailbox: "bbbbbbbbbbb@example.org" };
const ok = (value) => Promise.resolve({ Ok: value });
export function play_worker(locale, overview) {
  texts = JSON.parse(locale);
  state = JSON.parse(overview);
  globalThis.chrome = {
    i18n: {
      getUILanguage: () => "en-US",
      getMessage: (key, values) => {
        const { message = "", placeholders = {} } = texts[key] ?? {};
        return Object.entries(placeholders).reduce((text, [name, { content }]) =>
          text.replaceAll(`$${name.toUpperCase()}$`, values[content.slice(1) - 1]), message);
      },
    },
    storage: {
      local: {
        get: (key) => Promise.resolve({ [key]: kept[key] }),
        set: (items) => Promise.resolve(void Object.assign(kept, items)),
      },
    },
    runtime: {
      sendMessage: (request) => {
        asked.push(request);
        if (request.call !== "watch_messages") return ok(null);
        if (request.revision !== state.revision) return ok(state);
        return new Promise((answer) => waiting.push(answer));
      },
    },
  };
}
export function tell(overview) {
  state = JSON.parse(overview);
  for (const answer of waiting.splice(0)) answer({ Ok: state });
}
export function kept_mailbox() {
  return kept.popup_mailbox ?? "all";
}
export function asked_mailbox() {
  return asked.findLast((request) => request.call === "watch_messages").mailbox ?? "all";
}
export function show_page(shown) {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (shown ? "visible" : "hidden") });
  document.dispatchEvent(new Event("visibilitychange"));
}
export function times_asked(call) {
  return asked.filter((request) => request.call === call).length;
}
"#)]
extern "C" {
    fn play_worker(locale: &str, overview: &str);
    fn tell(overview: &str);
    fn show_page(shown: bool);
    fn times_asked(call: &str) -> u32;
    fn kept_mailbox() -> String;
    fn asked_mailbox() -> String;
}

const LOCALE: &str = include_str!("../../../../extension/_locales/en/messages.json");
const PAGE: &str = include_str!("../../../../extension/popup.html");

/// An open by a reader's own program, whose country the browser knows by its name.
const OPEN: &str = r#"{"claim":"likely","reason":"browser","open":{"seq":1,"message":"BBBBBBBBBBB",
    "kind":"pixel","at":1700000060000,"claim":"likely","reason":"browser",
    "source":{"class":"human","client":"Firefox","device":"Linux","country":"DE"}}}"#;

fn overview(revision: u32, messages: &[(&str, &str, &str)]) -> String {
    let rows: Vec<String> = messages
        .iter()
        .map(|(id, subject, state)| {
            let opens = if *state == "opened" { OPEN } else { "" };
            format!(
                r#"{{"message":"{id}","subject":"{subject}","recipients":[{{"address":"anna@example.com"}}],
                "mailbox":"{}@example.org","sent_at":{},"sent_by":"wire","state":"{state}",
                "reason":"nothing_seen","news":{},"views":0,"opens":[{opens}]}}"#,
                id.to_lowercase(),
                1_700_000_000_000_u64 + u64::from(revision),
                *state == "opened"
            )
        })
        .collect();
    format!(
        r#"{{"revision":{revision},"pause_ms":0,"value":{{"messages":[{}],"total":{},
        "mailboxes":["aaaaaaaaaaa@example.org","bbbbbbbbbbb@example.org"],
        "connection":{{"account":true,"last_news_at":5,"problem":"unreachable","reach":"public"}}}}}}"#,
        rows.join(","),
        rows.len()
    )
}

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

fn choose(selector: &str, value: &str) {
    let select: HtmlSelectElement = find(selector).unwrap().unchecked_into();
    select.set_value(value);
    assert_eq!(select.value(), value);
    let change = Event::new("change").unwrap();
    assert!(select.dispatch_event(&change).unwrap());
}

fn text(selector: &str) -> String {
    find(selector).unwrap().text_content().unwrap()
}

fn focused() -> Option<String> {
    let row = document().active_element()?.closest("[data-message]");
    row.unwrap()?.get_attribute("data-message")
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
async fn the_popup_shows_news_and_keeps_its_place() {
    let body = PAGE.split("<body>").nth(1).unwrap().split("</body>").next();
    // The test runner reads its own elements in this page's body.
    let place = document().create_element("div").unwrap();
    place.set_inner_html(body.unwrap());
    document().body().unwrap().append_child(&place).unwrap();
    let one = ("AAAAAAAAAAA", "One", "unseen");
    let two = ("BBBBBBBBBBB", "Two", "unseen");
    play_worker(LOCALE, &overview(1, &[one, two]));
    kaifu_popup::start();
    let name = find("#settings-open").unwrap().get_attribute("aria-label");
    assert_eq!(name.as_deref(), Some("Settings"));
    let settings = find("#settings-open").unwrap().get_attribute("href");
    assert_eq!(settings.as_deref(), Some("options.html"));
    until("the mailbox that was chosen the last time", || {
        find(r#"[data-message="BBBBBBBBBBB"] time[datetime]"#).is_some()
    })
    .await;
    assert_eq!(asked_mailbox(), "bbbbbbbbbbb@example.org");
    assert!(find(r#"[data-message="AAAAAAAAAAA"]"#).is_none());
    assert!(find("#mailboxes:not([hidden])").is_some());
    choose("#mailbox", "");
    until("two rows", || {
        find(r#"[data-message="AAAAAAAAAAA"]"#).is_some()
    })
    .await;
    until("the choice to be kept", || kept_mailbox() == "all").await;
    assert_eq!(asked_mailbox(), "all");
    assert_eq!(text("#news"), "");
    click(r#"[data-message="BBBBBBBBBBB"] [data-action="toggle"]"#);
    let unfolded = r#"[data-message="BBBBBBBBBBB"] [aria-expanded="true"]"#;
    let button: HtmlElement = find(unfolded).unwrap().unchecked_into();
    button.focus().unwrap();
    let new = ("CCCCCCCCCCC", "New", "unseen");
    let opened = ("BBBBBBBBBBB", "Two", "opened");
    tell(&overview(2, &[new, one, opened]));
    until("the news", || {
        find(r#"[data-message="CCCCCCCCCCC"]"#).is_some()
    })
    .await;
    assert_eq!(focused().as_deref(), Some("BBBBBBBBBBB"));
    assert!(find(unfolded).unwrap().is_same_node(Some(&button)));
    assert!(find(r#"[data-message="BBBBBBBBBBB"][data-kaifu-state="opened"]"#).is_some());
    assert!(text("#news").contains("Probably opened: Two"));
    let event = text(r#"[data-message="BBBBBBBBBBB"] .event"#);
    assert!(
        event.contains("(Firefox) · Linux · Germany (based on network)"),
        "{event}"
    );

    show_page(false);
    let looked = times_asked("looked");
    assert!(looked > 0);
    let opened = ("CCCCCCCCCCC", "New", "opened");
    tell(&overview(3, &[opened, one]));
    until("more news", || {
        find(r#"[data-message="CCCCCCCCCCC"][data-kaifu-state="opened"]"#).is_some()
    })
    .await;
    assert_eq!(times_asked("looked"), looked, "nobody sees a hidden page");
    show_page(true);
    until("the look to be told", || times_asked("looked") > looked).await;
    assert_eq!(times_asked("looked"), looked + 1);
    let opened = ("BBBBBBBBBBB", "Two", "opened");
    tell(&overview(4, &[new, one, opened]));
    until("the second mail again", || {
        find(r#"[data-message="BBBBBBBBBBB"]"#).is_some()
    })
    .await;

    choose("#mailbox", "aaaaaaaaaaa@example.org");
    assert!(find(r#"[data-message="AAAAAAAAAAA"]"#).is_some());
    assert!(find(r#"[data-message="BBBBBBBBBBB"]"#).is_none());
    until("the choice to be kept", || {
        kept_mailbox() == "aaaaaaaaaaa@example.org"
    })
    .await;
    assert_eq!(asked_mailbox(), "aaaaaaaaaaa@example.org");
    choose("#mailbox", "");
    assert!(find(r#"[data-message="BBBBBBBBBBB"]"#).is_some());

    let search: HtmlInputElement = find("#search").unwrap().unchecked_into();
    for (words, found) in [("tWO", true), ("nowhere", false), ("", true)] {
        search.set_value(words);
        let input = Event::new("input").unwrap();
        assert!(search.dispatch_event(&input).unwrap());
        assert_eq!(find(r#"[data-message="BBBBBBBBBBB"]"#).is_some(), found);
    }

    click(r#"[data-action="show"]"#);
    click(r#"[data-action="retry"]"#);
    until("both calls", || {
        times_asked("open_conversation") == 1 && times_asked("refresh") == 1
    })
    .await;
}
