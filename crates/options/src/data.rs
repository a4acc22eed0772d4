//! The part of the page about what is kept: how much it is, as a file, and out of one.

use kaifu_chrome::{CallError, clock, runtime};
use kaifu_l10n::Words;
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::{CountKept, Erase, Export, Import};
use kaifu_ui::dom::{element, listen};
use kaifu_ui::download;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// The part's elements.
pub(crate) struct DataPart {
    kept: Element,
    export: Element,
    import: HtmlInputElement,
    erase: Element,
    erase_here: HtmlElement,
    status: Element,
}

/// What is shown once everything is erased.
const FIRST_PAGE: &str = "first.html";

impl DataPart {
    /// The part of `options.html`.
    ///
    /// # Errors
    ///
    /// When an element is missing; the error names its id.
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            kept: element("kept")?,
            export: element("export")?,
            import: element("import")?,
            erase: element("erase")?,
            erase_here: element("erase-here")?,
            status: element("data-status")?,
        })
    }

    /// Listens to the user, for as long as the page lives.
    pub(crate) fn listen(self: &Rc<Self>, words: &Rc<impl Words + 'static>) {
        let (part, known) = (Rc::clone(self), Rc::clone(words));
        listen(&self.export, "click", move |_| {
            spawn_local(Rc::clone(&part).export(Rc::clone(&known)));
        });
        let (part, known) = (Rc::clone(self), Rc::clone(words));
        listen(&self.import, "change", move |_| {
            spawn_local(Rc::clone(&part).import(Rc::clone(&known)));
        });
    }

    /// Erases everything when one of the buttons for it is pressed.
    pub(crate) fn listen_to_erasing(self: &Rc<Self>, words: &Rc<impl Words + 'static>) {
        for (button, here_only) in [(&self.erase, false), (self.erase_here.as_ref(), true)] {
            let (part, words) = (Rc::clone(self), Rc::clone(words));
            listen(button, "click", move |_| {
                spawn_local(Rc::clone(&part).erase(Rc::clone(&words), here_only));
            });
        }
    }

    async fn erase(self: Rc<Self>, words: Rc<impl Words>, here_only: bool) {
        self.say(&words.text("settings_erasing"));
        let failed = match runtime::call(Erase { here_only }).await {
            Ok(()) => {
                let location = web_sys::window().map(|window| window.location());
                return match location.map(|location| location.assign(FIRST_PAGE)) {
                    Some(Ok(())) => {}
                    _ => self.say(&words.text("settings_erased")),
                };
            }
            Err(CallError::Refused(Failure::Unanswered)) => {
                self.erase_here.set_hidden(false);
                "settings_erase_unanswered"
            }
            Err(_) => "settings_failed",
        };
        self.say(&words.text(failed));
    }

    /// Shows how much is kept.
    pub(crate) async fn count(self: Rc<Self>, words: Rc<impl Words>) {
        if let Ok(kept) = runtime::call(CountKept {}).await {
            let counts = [kept.emails.to_string(), kept.events.to_string()];
            let text = words.with("settings_kept", &[&counts[0], &counts[1]]);
            self.kept.set_text_content(Some(&text));
        }
    }

    async fn export(self: Rc<Self>, words: Rc<impl Words>) {
        let saved = match runtime::call(Export {}).await {
            Ok(text) => {
                let name = download::dated("kaifu-emails-", &words.iso(clock::now()), ".json");
                download::text(&name, "application/json", &text)
            }
            Err(_) => Err(JsValue::NULL),
        };
        let key = if saved.is_ok() {
            "report_exported"
        } else {
            "report_export_failed"
        };
        self.say(&words.text(key));
    }

    async fn import(self: Rc<Self>, words: Rc<impl Words + 'static>) {
        let file = self.import.files().and_then(|files| files.get(0));
        let Some(file) = file else {
            return;
        };
        let text = JsFuture::from(file.text()).await.ok();
        let text = text.and_then(|text| text.as_string()).unwrap_or_default();
        // The same file can be chosen once more.
        self.import.set_value("");
        let answer = runtime::call(Import { text }).await;
        self.say(&match answer {
            Ok(count) => words.with("settings_imported", &[&count.to_string()]),
            Err(CallError::Refused(Failure::Malformed)) => words.text("settings_import_malformed"),
            Err(CallError::Refused(Failure::Full)) => words.text("problem_full"),
            Err(_) => words.text("settings_failed"),
        });
        self.count(words).await;
    }

    fn say(&self, text: &str) {
        self.status.set_text_content(Some(text));
    }
}
