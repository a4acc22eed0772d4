//! The first page: what Kaifu does, what leaves the browser, and the button without which nothing
//! does.

use crate::{hosts, settings};
use kaifu_chrome::{CallError, runtime};
use kaifu_core::mail::line::parts;
use kaifu_l10n::{Browser, Words as _, reach};
use kaifu_protocol::pages::{Agree, Connection, First, Problem, WatchFirst};
use kaifu_ui::dom::{self, element, listen, listen_instead, set};
use kaifu_ui::watch::{Next, Turn, Watcher};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlFieldSetElement, HtmlInputElement};

/// The page while it is open.
struct Page {
    form: Element,
    agree: Element,
    asking: HtmlElement,
    agreed: HtmlElement,
    server: HtmlElement,
    backend: HtmlInputElement,
    error: Element,
    trouble: HtmlElement,
    choices: HtmlFieldSetElement,
    tells: HtmlInputElement,
    strict: HtmlInputElement,
    ready: Element,
    words: Browser,
    turn: Turn,
    edited: Cell<bool>,
    agreeing: Cell<bool>,
}

/// Brings the page to life.
///
/// # Errors
///
/// When an element is missing; the error names its id.
pub(crate) fn open() -> Result<(), JsValue> {
    let words = Browser::new();
    dom::fill_texts(|key| words.text(key), words.language())?;
    fill_lines(&words)?;
    let page = Rc::new(Page {
        form: element("first-form")?,
        agree: element("agree")?,
        asking: element("asking")?,
        agreed: element("agreed")?,
        server: element("server")?,
        backend: element("backend")?,
        error: element("backend-error")?,
        trouble: element("trouble")?,
        choices: element("choices")?,
        tells: element("tells")?,
        strict: element("strict")?,
        ready: element("ready")?,
        words,
        turn: Turn::default(),
        edited: Cell::new(false),
        agreeing: Cell::new(false),
    });
    let its = Rc::clone(&page);
    listen(&page.backend, "input", move |_| {
        its.edited.set(true);
        its.refuse("");
    });
    let its = Rc::clone(&page);
    listen_instead(&page.form, "submit", move |event| {
        event.prevent_default();
        let is_ready = its.agree.get_attribute("aria-disabled").as_deref() == Some("false");
        if is_ready && !its.agreeing.replace(true) {
            // The browser asks for a host only while the user's gesture is fresh; the first step of
            // the task runs before any other event.
            spawn_local(Rc::clone(&its).submit());
        }
    });
    spawn_local(Turn::follow(page, |page| &page.turn));
    Ok(())
}

/// Writes the lines of emails into their pictures.
fn fill_lines(words: &Browser) -> Result<(), JsValue> {
    let document = dom::document()?;
    let lines = document.query_selector_all("[data-line]")?;
    for place in (0..lines.length()).filter_map(|place| lines.item(place)) {
        let place: Element = place.unchecked_into();
        let sentence = words.text(&place.get_attribute("data-line").unwrap_or_default());
        let [before, link, after] = parts(&sentence);
        let underlined = document.create_element("u")?;
        underlined.set_text_content(Some(link));
        place.append_with_str_1(before)?;
        place.append_with_node_1(&underlined)?;
        place.append_with_str_1(after)?;
    }
    Ok(())
}

impl Page {
    async fn submit(self: Rc<Self>) {
        self.refuse("");
        let answer = self.send().await;
        self.agreeing.set(false);
        if let Err(key) = answer {
            self.refuse(key);
        }
    }

    /// Tells the worker that the user agrees, with the server that they named; else the key of the
    /// text that says why not.
    async fn send(&self) -> Result<(), &'static str> {
        let backend = settings::backend(&self.backend.value())?;
        hosts::allow(&[backend.match_pattern()]).await?;
        let agree = Agree {
            backend: backend.to_string(),
            mode: self.mode(),
            tells: self.tells.checked(),
            strict: self.strict.checked(),
        };
        match runtime::call(agree).await {
            Ok(()) => Ok(()),
            Err(CallError::Refused(failure)) => Err(settings::failure_key(&failure)),
            Err(CallError::Channel(_)) => Err("settings_failed"),
        }
    }

    /// The name of the mode that is chosen.
    fn mode(&self) -> String {
        let chosen = self.choices.query_selector("input[name=mode]:checked");
        let chosen = chosen
            .ok()
            .flatten()
            .and_then(|it| it.get_attribute("value"));
        chosen.unwrap_or_default()
    }

    /// Says what was wrong, or nothing, with an empty `key`.
    fn refuse(&self, key: &str) {
        let is_wrong = !key.is_empty();
        let words = is_wrong.then(|| self.words.text(key));
        self.error.set_text_content(words.as_deref());
        set(
            &self.backend,
            "aria-invalid",
            if is_wrong { "true" } else { "false" },
        );
        if is_wrong {
            set(&self.server, "open", "");
            self.backend.focus().expect_throw("a field takes the focus");
        }
    }

    fn show(&self, first: &First) {
        // Whoever pressed the button finds themselves at what took its place.
        let had_focus =
            dom::document().ok().and_then(|it| it.active_element()) == Some(self.agree.clone());
        self.asking.set_hidden(first.agreed);
        self.agreed.set_hidden(!first.agreed);
        set(&self.agree, "aria-disabled", "false");
        if first.agreed && had_focus {
            let gmail: Result<HtmlElement, _> = element("gmail");
            if let Ok(gmail) = gmail {
                gmail.focus().expect_throw("a link takes the focus");
            }
        }
        // From now on, all this is changed on the options page.
        self.server.set_hidden(first.agreed);
        self.choices.set_disabled(first.agreed);
        if !self.edited.get() && !self.agreeing.get() {
            self.backend.set_value(&first.backend);
        }
        let host = first.backend.split_once("://").map_or("", |(_, host)| host);
        let (state, text) = match &first.connection {
            _ if !first.agreed => ("", String::new()),
            Connection {
                problem: None,
                account: true,
                ..
            } => ("alive", self.words.with("first_ready", &[host])),
            Connection {
                problem: None | Some(Problem::NotAgreed),
                ..
            } => ("connecting", self.words.text("popup_connecting")),
            _ => ("trouble", self.words.with("first_no_answer", &[host])),
        };
        set(&self.ready, "data-state", state);
        if self.ready.text_content().as_deref() != Some(&text) {
            self.ready.set_text_content(Some(&text));
        }
        self.hint(reach::key(first.connection.reach).filter(|_| first.agreed));
    }

    /// Says what keeps the whole from working, if anything does.
    fn hint(&self, key: Option<&str>) {
        self.trouble.set_hidden(key.is_none());
        let words = key.map(|key| self.words.text(key));
        if self.trouble.text_content() != words {
            self.trouble.set_text_content(words.as_deref());
        }
    }
}

impl Watcher for Page {
    type Call = WatchFirst;
    type Value = First;

    fn ask(&self, revision: u64) -> WatchFirst {
        WatchFirst { revision }
    }

    fn take(&self, first: First) -> Next {
        self.show(&first);
        Next::Newer
    }

    fn silent(&self) {
        self.hint(Some("problem_worker"));
    }
}
