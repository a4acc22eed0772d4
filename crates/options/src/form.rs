//! The settings form on the page.

use crate::{hosts, settings};
use gloo_events::{EventListener, EventListenerOptions};
use kaifu_chrome::{CallError, runtime};
use kaifu_core::token::RECORDED_DAYS;
use kaifu_l10n::Words;
use kaifu_protocol::pages::{KEEP_DAYS, Notices, SaveSettings, Settings};
use kaifu_ui::dom::{element, listen, set};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The form's elements, and what is under way.
pub(crate) struct Form {
    whole: Element,
    backend: HtmlInputElement,
    default: HtmlInputElement,
    mode: HtmlSelectElement,
    tells: HtmlInputElement,
    strict: HtmlInputElement,
    mark_untracked: HtmlInputElement,
    keep: HtmlSelectElement,
    track_days: HtmlSelectElement,
    error: Element,
    status: Element,
    save: Element,
    worker: HtmlElement,
    /// What notifications tell of is set elsewhere.
    notices: RefCell<Notices>,
    edited: Cell<bool>,
    saving: Cell<bool>,
}

/// Why nothing was saved: the key of the text that says it.
enum Refusal {
    /// It is about the address.
    Backend(&'static str),
    /// It is about the whole.
    Whole(&'static str),
}

impl Form {
    /// The form of `options.html`.
    ///
    /// # Errors
    ///
    /// When an element is missing; the error names its id.
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            whole: element("settings-form")?,
            backend: element("backend")?,
            default: element("default")?,
            mode: element("mode")?,
            tells: element("tells")?,
            strict: element("strict")?,
            mark_untracked: element("mark-untracked")?,
            keep: element("keep")?,
            track_days: element("track-days")?,
            error: element("backend-error")?,
            status: element("settings-status")?,
            save: element("settings-save")?,
            worker: element("worker")?,
            notices: RefCell::default(),
            edited: Cell::new(false),
            saving: Cell::new(false),
        })
    }

    /// Shows `settings`, unless the user is changing them.
    pub(crate) fn fill(&self, settings: &Settings) {
        self.worker.set_hidden(true);
        self.notices.replace(settings.notices.clone());
        if !self.edited.get() && !self.saving.get() {
            self.backend.set_value(&settings.backend);
            self.default.set_checked(settings.track_by_default);
            self.mode.set_value(&settings.mode);
            self.tells.set_checked(settings.tells);
            self.strict.set_checked(settings.strict);
            self.mark_untracked.set_checked(settings.mark_untracked);
            self.keep.set_value(&settings.keep_days.to_string());
            self.track_days.set_value(&settings.track_days.to_string());
        }
    }

    /// Says in `words` that the worker does not answer, until it does.
    pub(crate) fn worker_is_silent(&self, words: &str) {
        self.worker.set_text_content(Some(words));
        self.worker.set_hidden(false);
    }

    fn say(&self, error: &str, status: &str) {
        self.error.set_text_content(Some(error));
        self.status.set_text_content(Some(status));
        let invalid = if error.is_empty() { "false" } else { "true" };
        set(&self.backend, "aria-invalid", invalid);
        set(&self.save, "aria-disabled", &self.saving.get().to_string());
    }

    async fn save(&self) -> Result<Settings, Refusal> {
        let backend = settings::backend(&self.backend.value()).map_err(Refusal::Backend)?;
        let allowed = hosts::allow(&[backend.match_pattern()]).await;
        allowed.map_err(Refusal::Backend)?;
        let settings = Settings {
            backend: backend.to_string(),
            track_by_default: self.default.checked(),
            mode: self.mode.value(),
            tells: self.tells.checked(),
            strict: self.strict.checked(),
            mark_untracked: self.mark_untracked.checked(),
            // A time that was set elsewhere is none of those on offer.
            keep_days: self.keep.value().parse().unwrap_or(KEEP_DAYS),
            track_days: self.track_days.value().parse().unwrap_or(RECORDED_DAYS),
            notices: self.notices.borrow().clone(),
        };
        match runtime::call(SaveSettings { settings }).await {
            Ok(saved) => Ok(saved),
            Err(CallError::Refused(failure)) if settings::is_about_backend(&failure) => {
                Err(Refusal::Backend(settings::failure_key(&failure)))
            }
            Err(CallError::Refused(failure)) => {
                Err(Refusal::Whole(settings::failure_key(&failure)))
            }
            Err(CallError::Channel(_)) => Err(Refusal::Whole("settings_failed")),
        }
    }

    /// Listens to the user, for as long as the page lives.
    pub(crate) fn listen(self: &Rc<Self>, words: &Rc<impl Words + 'static>) {
        let form = Rc::clone(self);
        listen(&self.whole, "input", move |_| {
            form.edited.set(true);
            form.say("", "");
        });
        let (form, words) = (Rc::clone(self), Rc::clone(words));
        EventListener::new_with_options(
            &self.whole,
            "submit",
            EventListenerOptions::enable_prevent_default(),
            move |event| {
                event.prevent_default();
                if !form.saving.replace(true) {
                    // The browser asks for a host only while the user's gesture is fresh; the first
                    // step of the task runs before any other event.
                    spawn_local(Rc::clone(&form).submit(Rc::clone(&words)));
                }
            },
        )
        .forget();
    }

    async fn submit(self: Rc<Self>, words: Rc<impl Words>) {
        self.say("", &words.text("settings_saving"));
        let answer = self.save().await;
        self.saving.set(false);
        match answer {
            Ok(saved) => {
                self.edited.set(false);
                self.fill(&saved);
                self.say("", &words.text("settings_saved"));
            }
            Err(Refusal::Backend(key)) => {
                self.say(&words.text(key), "");
                self.backend.focus().expect_throw("a field takes the focus");
            }
            Err(Refusal::Whole(key)) => self.say("", &words.text(key)),
        }
    }
}
