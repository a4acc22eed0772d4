//! The living popup: asks the worker, shows the answer, listens to the user.

use crate::browser::Browser;
use crate::mailboxes::MailboxChoice;
use crate::model::{Model, PAGE, state_named};
use crate::page::listen;
use crate::settings_form::Form;
use crate::words::Words as _;
use crate::{news, page, patch, view};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::runtime;
use kaifu_protocol::pages::{Looked, OpenConversation, Overview, Refresh, WatchMessages};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, VisibilityState};

/// How often relative times are brought up to date.
const TICK_MS: u32 = 20_000;
/// How long after a first failure the worker is asked again.
const RETRY_MS: u32 = 200;
/// The longest wait between two questions that fail.
const RETRY_MOST_MS: u32 = 10_000;

/// The popup while it is open.
pub(crate) struct App {
    model: RefCell<Model>,
    words: Rc<Browser>,
    place: Element,
    news: Element,
    mailboxes: MailboxChoice,
    settings: Rc<Form>,
    /// The watch whose answers count; a new one takes over when the limit grows.
    watch: Cell<u32>,
    /// Whether the next answer is to another question than the last one was.
    switched: Cell<bool>,
}

/// Fills the page and starts asking.
pub(crate) fn start() {
    let app = open().expect_throw("popup.html has every element that the popup needs");
    app.show();
    if let Ok(document) = page::document() {
        listen(&document, "visibilitychange", |_| say_looked());
    }
    spawn_local(Rc::clone(&app).begin());
    spawn_local(app.keep_time());
}

fn open() -> Result<Rc<App>, JsValue> {
    let words = Rc::new(Browser::new());
    page::fill_texts(|key| words.text(key), &words.language)?;
    let settings = Rc::new(Form::find()?);
    settings.listen(&words)?;
    let app = Rc::new(App {
        model: RefCell::new(Model::new(page::now())),
        words,
        place: page::element("view")?,
        news: page::element("news")?,
        mailboxes: MailboxChoice::find()?,
        settings,
        watch: Cell::new(0),
        switched: Cell::new(false),
    });
    app.listen_to_list();
    app.listen_to_filter()?;
    Ok(app)
}

/// Says that the user has the list before their eyes, if this page is visible.
fn say_looked() {
    let is_visible = page::document()
        .is_ok_and(|document| document.visibility_state() == VisibilityState::Visible);
    if is_visible {
        spawn_local(async {
            // What fails is tried with the next answer.
            let _ = runtime::call(Looked {}).await;
        });
    }
}

impl App {
    fn show(&self) {
        let html = view::view(&self.model.borrow(), &*self.words).into_string();
        patch::patch(&self.place, &html).expect_throw("well-formed markup can be shown");
    }

    fn change(&self, change: impl FnOnce(&mut Model)) {
        {
            let mut model = self.model.borrow_mut();
            model.now = page::now();
            change(&mut model);
        }
        self.show();
    }

    async fn begin(self: Rc<Self>) {
        let mailbox = self.mailboxes.recall().await;
        self.model.borrow_mut().filter.mailbox = mailbox;
        self.watch_messages().await;
    }

    /// Asks another question than before.
    fn watch_anew(self: &Rc<Self>) {
        self.switched.set(true);
        self.watch.set(self.watch.get() + 1);
        spawn_local(Rc::clone(self).watch_messages());
    }

    async fn watch_messages(self: Rc<Self>) {
        let watch = self.watch.get();
        let mut revision = 0;
        let mut failures = 0_u32;
        loop {
            let limit = self.model.borrow().limit;
            let mailbox = self.model.borrow().filter.mailbox.clone();
            let answer = runtime::call(WatchMessages {
                revision,
                limit,
                mailbox,
            })
            .await;
            if self.watch.get() != watch {
                return;
            }
            let pause_ms = if let Ok(held) = answer {
                failures = 0;
                revision = held.revision;
                let mut pause_ms = held.pause_ms;
                let overview = held.value;
                if limit < PAGE {
                    self.model.borrow_mut().limit = PAGE;
                    if overview.total > limit {
                        // What is asked for differs now, so that it cannot have been seen.
                        (revision, pause_ms) = (0, 0);
                    }
                }
                self.take(overview);
                say_looked();
                pause_ms
            } else {
                failures += 1;
                // A worker that was started anew counts its revisions anew.
                revision = 0;
                // One failure is what a worker that has just been stopped looks like.
                if failures > 1 {
                    self.change(|model| model.silent = true);
                }
                RETRY_MS
                    .saturating_mul(1 << failures.min(10))
                    .min(RETRY_MOST_MS)
            };
            TimeoutFuture::new(pause_ms).await;
            if self.watch.get() != watch {
                return;
            }
        }
    }

    fn take(&self, overview: Overview) {
        self.settings.fill(&overview.settings);
        self.mailboxes
            .offer(overview.mailboxes.iter().map(String::as_str));
        let sentences = match &self.model.borrow().overview {
            Some(before) if !self.switched.take() => {
                news::sentences(before, &overview, &*self.words)
            }
            _ => Vec::new(),
        };
        if !sentences.is_empty() {
            self.news.set_text_content(Some(&sentences.join("\n")));
        }
        self.change(|model| {
            model.silent = false;
            model.overview = Some(overview);
        });
    }

    async fn keep_time(self: Rc<Self>) {
        loop {
            TimeoutFuture::new(TICK_MS).await;
            self.change(|_| ());
        }
    }

    fn listen_to_list(self: &Rc<Self>) {
        let app = Rc::clone(self);
        listen(&self.place, "click", move |event| {
            let pressed = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .and_then(|element| element.closest("[data-action]").ok().flatten());
            if let Some(button) = pressed {
                app.press(&button);
            }
        });
    }

    fn press(self: &Rc<Self>, button: &Element) {
        let message = button
            .closest("[data-message]")
            .ok()
            .flatten()
            .and_then(|row| row.get_attribute("data-message"));
        match (button.get_attribute("data-action").as_deref(), message) {
            (Some("toggle"), Some(message)) => self.change(|model| model.toggle(&message)),
            (Some("show"), Some(message)) => spawn_local(Rc::clone(self).show_in_gmail(message)),
            (Some("more"), _) => {
                self.change(|model| model.limit = model.limit.max(PAGE).saturating_add(PAGE));
                self.watch_anew();
            }
            (Some("copy"), _) => spawn_local(Rc::clone(self).copy_report()),
            (Some("retry"), _) if !self.model.borrow().trying => {
                spawn_local(Rc::clone(self).try_now());
            }
            _ => {}
        }
    }

    async fn show_in_gmail(self: Rc<Self>, message: String) {
        self.change(|model| model.show_failed = None);
        let call = OpenConversation {
            message: message.clone(),
        };
        if runtime::call(call).await.is_err() {
            self.change(|model| model.show_failed = Some(message));
        }
    }

    /// Puts the report about Gmail's page on the clipboard, for an issue or a mail to Kaifu's makers.
    async fn copy_report(self: Rc<Self>) {
        let report = self
            .model
            .borrow()
            .overview
            .as_ref()
            .and_then(|it| it.unfamiliar.clone());
        let (Some(report), Some(window)) = (report, web_sys::window()) else {
            return;
        };
        let text = format!("{}\n\n{}\n", report.missing.join(", "), report.skeleton);
        let copied = JsFuture::from(window.navigator().clipboard().write_text(&text))
            .await
            .is_ok();
        self.change(|model| model.copied = copied);
    }

    async fn try_now(self: Rc<Self>) {
        self.change(|model| model.trying = true);
        let answer = runtime::call(Refresh {}).await;
        self.change(|model| {
            model.trying = false;
            model.silent |= answer.is_err();
        });
    }

    fn listen_to_filter(self: &Rc<Self>) -> Result<(), JsValue> {
        let search: HtmlInputElement = page::element("search")?;
        let app = Rc::clone(self);
        listen(&search.clone(), "input", move |_| {
            app.change(|model| model.filter.text = search.value());
        });
        let state: HtmlSelectElement = page::element("state")?;
        let app = Rc::clone(self);
        listen(&state.clone(), "change", move |_| {
            app.change(|model| model.filter.state = state_named(&state.value()));
        });
        let app = Rc::clone(self);
        listen(self.mailboxes.select(), "change", move |_| {
            app.mailboxes.remember();
            app.change(|model| model.filter.mailbox = app.mailboxes.chosen());
            app.watch_anew();
        });
        Ok(())
    }
}
