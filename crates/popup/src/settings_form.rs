//! The settings form on the page.

use crate::app::{App, listen};
use crate::page::{self, element};
use crate::settings;
use gloo_events::{EventListener, EventListenerOptions};
use kaifu_chrome::{CallError, permissions, runtime};
use kaifu_protocol::pages::{SaveSettings, Settings};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// The form's elements, and what is under way.
pub(crate) struct Form {
    whole: Element,
    backend: HtmlInputElement,
    default: HtmlInputElement,
    mark_untracked: HtmlInputElement,
    error: Element,
    status: Element,
    save: Element,
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
    pub(crate) fn find() -> Result<Self, JsValue> {
        Ok(Self {
            whole: element("settings-form")?,
            backend: element("backend")?,
            default: element("default")?,
            mark_untracked: element("mark-untracked")?,
            error: element("backend-error")?,
            status: element("settings-status")?,
            save: element("settings-save")?,
            edited: Cell::new(false),
            saving: Cell::new(false),
        })
    }

    /// Shows `settings`, unless the user is changing them.
    pub(crate) fn fill(&self, settings: &Settings) {
        if !self.edited.get() && !self.saving.get() {
            self.backend.set_value(&settings.backend);
            self.default.set_checked(settings.track_by_default);
            self.mark_untracked.set_checked(settings.mark_untracked);
        }
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
        let granted = permissions::request(&[&backend.match_pattern()]).await;
        if !granted.unwrap_or(false) {
            return Err(Refusal::Backend("settings_host_refused"));
        }
        let settings = Settings {
            backend: backend.to_string(),
            track_by_default: self.default.checked(),
            mark_untracked: self.mark_untracked.checked(),
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
}

/// Listens to the form of `app`, and to the button that shows it.
pub(crate) fn listen_to_settings(app: &Rc<App>) -> Result<(), JsValue> {
    let open: HtmlElement = element("settings-open")?;
    let section: HtmlElement = element("settings")?;
    let show = move |shown: bool| {
        section.set_hidden(!shown);
        set(&open, "aria-expanded", &shown.to_string());
    };
    show(page::fragment() == "#settings");
    let button: HtmlElement = element("settings-open")?;
    listen(&button.clone(), "click", move |_| {
        show(button.get_attribute("aria-expanded").as_deref() != Some("true"));
    });
    let edited = Rc::clone(app);
    listen(&app.settings.whole, "input", move |_| {
        edited.settings.edited.set(true);
        edited.settings.say("", "");
    });
    let submitted = Rc::clone(app);
    EventListener::new_with_options(
        &app.settings.whole,
        "submit",
        EventListenerOptions::enable_prevent_default(),
        move |event| {
            event.prevent_default();
            if !submitted.settings.saving.get() {
                submitted.settings.saving.set(true);
                // The browser asks for a host only while the user's gesture is fresh; the first
                // step of the task runs before any other event.
                spawn_local(submit(Rc::clone(&submitted)));
            }
        },
    )
    .forget();
    Ok(())
}

async fn submit(app: Rc<App>) {
    let form = &app.settings;
    form.say("", &app.text("settings_saving"));
    let answer = form.save().await;
    form.saving.set(false);
    match answer {
        Ok(saved) => {
            form.edited.set(false);
            form.fill(&saved);
            form.say("", &app.text("settings_saved"));
        }
        Err(Refusal::Backend(key)) => {
            form.say(&app.text(key), "");
            form.backend.focus().expect_throw("a field takes the focus");
        }
        Err(Refusal::Whole(key)) => form.say("", &app.text(key)),
    }
}

fn set(element: &Element, name: &str, value: &str) {
    element
        .set_attribute(name, value)
        .expect_throw("the attribute's name is well-formed");
}
