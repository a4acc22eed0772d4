//! The part of the page about notifications: what is changed in it is saved at once.

use crate::settings;
use kaifu_chrome::runtime;
use kaifu_l10n::Words;
use kaifu_protocol::pages::{Again, Notices, SaveSettings, Settings, TestNotice};
use kaifu_ui::dom::{element, listen};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The part's elements, and what was last saved.
pub(crate) struct NoticesForm {
    whole: Element,
    first: HtmlInputElement,
    again: HtmlSelectElement,
    confirmed: HtmlInputElement,
    refused: HtmlInputElement,
    hide: HtmlInputElement,
    quiet: HtmlInputElement,
    times: HtmlElement,
    from: HtmlInputElement,
    until: HtmlInputElement,
    test: Element,
    status: Element,
    saved: RefCell<Option<Settings>>,
}

/// The values of the choices about an email that is opened again.
const AGAIN: [(Again, &str); 3] = [
    (Again::Each, "each"),
    (Again::Quiet, "quiet"),
    (Again::Off, "off"),
];

impl NoticesForm {
    /// The part of `options.html`.
    ///
    /// # Errors
    ///
    /// When an element is missing; the error names its id.
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            whole: element("notices-form")?,
            first: element("notice-first")?,
            again: element("notice-again")?,
            confirmed: element("notice-confirmed")?,
            refused: element("notice-refused")?,
            hide: element("notice-hide")?,
            quiet: element("quiet")?,
            times: element("quiet-times")?,
            from: element("quiet-from")?,
            until: element("quiet-until")?,
            test: element("notice-test")?,
            status: element("notices-status")?,
            saved: RefCell::new(None),
        })
    }

    /// Shows what is set.
    pub(crate) fn fill(&self, settings: &Settings) {
        let notices = &settings.notices;
        self.first.set_checked(notices.first);
        let again = AGAIN.iter().find(|(again, _)| *again == notices.again);
        self.again.set_value(again.map_or("", |(_, value)| value));
        self.confirmed.set_checked(notices.confirmed);
        self.refused.set_checked(notices.refused);
        self.hide.set_checked(notices.hide_subjects);
        self.quiet.set_checked(notices.quiet.is_some());
        self.times.set_hidden(notices.quiet.is_none());
        if let Some([from, until]) = notices.quiet {
            self.from.set_value(&settings::time(from));
            self.until.set_value(&settings::time(until));
        }
        self.saved.replace(Some(settings.clone()));
    }

    /// What the user wants.
    fn read(&self) -> Notices {
        let again = self.again.value();
        let again = AGAIN.iter().find(|(_, value)| *value == again);
        let time = |field: &HtmlInputElement| settings::minutes(&field.value());
        let quiet = time(&self.from).zip(time(&self.until));
        Notices {
            first: self.first.checked(),
            again: again.map_or_else(Again::default, |(again, _)| *again),
            confirmed: self.confirmed.checked(),
            refused: self.refused.checked(),
            quiet: quiet
                .filter(|_| self.quiet.checked())
                .map(|(from, until)| [from, until]),
            hide_subjects: self.hide.checked(),
        }
    }

    /// Listens to the user, for as long as the page lives.
    pub(crate) fn listen(self: &Rc<Self>, words: &Rc<impl Words + 'static>) {
        let (form, known) = (Rc::clone(self), Rc::clone(words));
        listen(&self.whole, "change", move |_| {
            spawn_local(Rc::clone(&form).save(Rc::clone(&known)));
        });
        let (form, known) = (Rc::clone(self), Rc::clone(words));
        listen(&self.test, "click", move |_| {
            spawn_local(Rc::clone(&form).test(Rc::clone(&known)));
        });
    }

    async fn save(self: Rc<Self>, words: Rc<impl Words>) {
        let Some(saved) = self.saved.borrow().clone() else {
            return;
        };
        let notices = self.read();
        self.times.set_hidden(notices.quiet.is_none());
        let settings = Settings { notices, ..saved };
        let key = match runtime::call(SaveSettings { settings }).await {
            Ok(settings) => {
                self.fill(&settings);
                "settings_saved"
            }
            Err(_) => "settings_failed",
        };
        self.status.set_text_content(Some(&words.text(key)));
    }

    async fn test(self: Rc<Self>, words: Rc<impl Words>) {
        let key = match runtime::call(TestNotice {}).await {
            Ok(()) => "settings_notice_tested",
            Err(_) => "settings_notice_test_failed",
        };
        self.status.set_text_content(Some(&words.text(key)));
    }
}
