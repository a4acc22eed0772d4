//! The check on the user's own Gmail: while they write an email to themselves, each thing that Kaifu
//! relies on is ticked off.

use crate::steps::{Tick, report, steps};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::{clock, runtime};
use kaifu_core::time::Millis;
use kaifu_l10n::{Browser, Words as _};
use kaifu_protocol::pages::{Check, Checked};
use kaifu_ui::dom::{self, element, listen, set};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Element;

/// How often the worker is asked, in milliseconds.
const PAUSE_MS: u32 = 1_000;

/// How much older than this page an email of the check may be, in milliseconds: whoever comes here may
/// have just pressed Send.
const BEFORE_MS: i64 = 60_000;

struct Page {
    words: Browser,
    list: Element,
    began: Millis,
    report: RefCell<String>,
}

/// Brings the page to life.
///
/// # Errors
///
/// When an element is missing; the error names its id.
pub(crate) fn open() -> Result<(), JsValue> {
    let words = Browser::new();
    dom::fill_texts(|key| words.text(key), words.language())?;
    let page = Rc::new(Page {
        words,
        list: element("steps")?,
        began: clock::now(),
        report: RefCell::default(),
    });
    let copied: Element = element("copied")?;
    let its = Rc::clone(&page);
    let copy: Element = element("copy")?;
    listen(&copy, "click", move |_| {
        spawn_local(Rc::clone(&its).copy(copied.clone()));
    });
    spawn_local(page.follow());
    Ok(())
}

impl Page {
    /// Asks for as long as the page lives: what the marks and views of a tab say changes nothing that a
    /// held call could wait for.
    async fn follow(self: Rc<Self>) {
        loop {
            self.look().await;
            TimeoutFuture::new(PAUSE_MS).await;
        }
    }

    async fn look(&self) {
        let since = self.began.0 - BEFORE_MS;
        // Without an answer, what is shown stays.
        if let Ok(checked) = runtime::call(Check { since }).await {
            self.show(&checked).expect_throw("the list takes its steps");
            *self.report.borrow_mut() = report(&checked);
        }
    }

    fn show(&self, checked: &Checked) -> Result<(), JsValue> {
        let rows = self.list.query_selector_all("li")?;
        for (place, (name, tick)) in (0..).zip(steps(checked)) {
            let Some(row) = rows.item(place) else {
                continue;
            };
            let row: Element = row.unchecked_into();
            let (state, note) = match tick {
                Tick::Waiting => ("waiting", self.words.text("check_waiting")),
                Tick::Done => ("done", self.done(name, checked)),
                Tick::Missing(key) => ("missing", self.words.text(key)),
            };
            if row.get_attribute("data-state").as_deref() != Some(state) {
                set(&row, "data-state", state);
                if let Some(place) = row.query_selector(".note")? {
                    place.set_text_content(Some(&note));
                }
            }
        }
        Ok(())
    }

    fn done(&self, name: &str, checked: &Checked) -> String {
        if name == "tab" {
            let runtime = match checked.runtime.as_str() {
                "js" => "JavaScript",
                _ => "WebAssembly",
            };
            return self.words.with("check_tab_done", &[runtime]);
        }
        self.words.text("check_done")
    }

    async fn copy(self: Rc<Self>, copied: Element) {
        let text = self.report.borrow().clone();
        let Some(window) = web_sys::window() else {
            return;
        };
        let is_copied = JsFuture::from(window.navigator().clipboard().write_text(&text));
        let key = if is_copied.await.is_ok() {
            "popup_copied"
        } else {
            "settings_failed"
        };
        copied.set_text_content(Some(&self.words.text(key)));
    }
}
