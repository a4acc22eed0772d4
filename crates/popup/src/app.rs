//! The living popup: asks the worker, shows the answer, listens to the user.

use crate::mailboxes::MailboxChoice;
use crate::model::{Filter, Model, PAGE_LEN, kind_named};
use crate::{details, keys, live_region, sample, view};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::{clock, runtime};
use kaifu_l10n::{Browser, Words as _};
use kaifu_protocol::call::Call;
use kaifu_protocol::pages::{
    BringBack, Forget, Looked, Mute, OpenConversation, Overview, Refresh, RegisterAgain, Remind,
    Reminder, WatchMessages,
};
use kaifu_protocol::state::Kind;
use kaifu_ui::dom::{self, listen};
use kaifu_ui::patch;
use kaifu_ui::watch::{Next, Turn, Watcher};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// How often relative times are brought up to date.
const TICK_MS: u32 = 20_000;

/// For how long a message that was forgotten can be brought back.
const UNDO_MS: u32 = 8_000;

/// The popup while it is open.
pub(crate) struct App {
    model: RefCell<Model>,
    words: Browser,
    place: Element,
    connection: Element,
    search: HtmlInputElement,
    live_region: Element,
    mailboxes: MailboxChoice,
    turn: Turn,
    /// Whether the next answer is to another question than the last one was.
    switched: Cell<bool>,
}

/// Fills the page and starts asking.
pub(crate) fn start() {
    let app = open().expect_throw("popup.html has every element that the popup needs");
    app.show();
    if app.model.borrow().sample {
        spawn_local(Rc::clone(&app).play());
    } else {
        spawn_local(Rc::clone(&app).begin());
    }
    spawn_local(app.keep_time());
}

fn open() -> Result<Rc<App>, JsValue> {
    let words = Browser::new();
    dom::fill_texts(|key| words.text(key), words.language())?;
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let model = Model {
        sample: hash.as_deref() == Some(sample::HASH),
        ..Model::new(clock::now())
    };
    let app = Rc::new(App {
        model: RefCell::new(model),
        words,
        place: dom::element("view")?,
        connection: dom::element("connection")?,
        search: dom::element("search")?,
        live_region: dom::element("news")?,
        mailboxes: MailboxChoice::find()?,
        turn: Turn::default(),
        switched: Cell::new(false),
    });
    app.listen_to_list();
    app.listen_to_filter();
    keys::listen(&app.search, &app.place)?;
    app.listen_to_visibility()?;
    Ok(app)
}

impl App {
    fn show(&self) {
        let model = self.model.borrow();
        for (place, markup) in [
            (&self.place, view::view(&model, &self.words)),
            (&self.connection, view::connection(&model, &self.words)),
        ] {
            patch::patch(place, &markup.into_string())
                .expect_throw("well-formed markup can be shown");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Model)) {
        {
            let mut model = self.model.borrow_mut();
            model.now = clock::now();
            change(&mut model);
        }
        self.show();
    }

    async fn begin(self: Rc<Self>) {
        let mailbox = self.mailboxes.recall().await;
        self.model.borrow_mut().filter.mailbox = mailbox;
        Turn::follow(self, |app| &app.turn).await;
    }

    /// Shows the sample in the place of the worker's answers.
    async fn play(self: Rc<Self>) {
        let began = clock::now();
        for step in 0..sample::STEPS {
            if step > 0 {
                TimeoutFuture::new(sample::STEP_MS).await;
            }
            self.take(sample::overview(step, began, &self.words));
        }
    }

    /// Asks another question than before.
    fn watch_anew(self: &Rc<Self>) {
        if self.model.borrow().sample {
            return;
        }
        self.switched.set(true);
        spawn_local(Turn::follow(Rc::clone(self), |app| &app.turn));
    }

    /// Tells the worker what of the news the user looks at, where that is so.
    fn look(&self) {
        let messages = self.model.borrow().news_shown(&self.words);
        if dom::is_visible() && !messages.is_empty() && !self.model.borrow().sample {
            spawn_local(async {
                // What is not told now is told with the next answer.
                let _ = runtime::call(Looked { messages }).await;
            });
        }
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
                app.look();
            }
        });
        listen(&self.place, "change", move |event| {
            let choice = event.target().and_then(|it| it.dyn_into().ok());
            if let Some(choice) = choice {
                let choice: HtmlSelectElement = choice;
                let reminder = details::chosen_reminder(&choice.value(), clock::now());
                choice.set_value("");
                remind(message_of(&choice), reminder);
            }
        });
    }

    fn press(self: &Rc<Self>, button: &Element) {
        let message = message_of(button);
        match (button.get_attribute("data-action").as_deref(), message) {
            (Some("toggle"), Some(message)) => self.change(|model| model.toggle(&message)),
            (Some("show"), Some(message)) => spawn_local(Rc::clone(self).show_in_gmail(message)),
            (Some(action @ ("mute" | "unmute")), Some(message)) => {
                let muted = action == "mute";
                spawn_local(async move {
                    let messages = vec![message];
                    // The next answer shows what became of it.
                    let _ = runtime::call(Mute { messages, muted }).await;
                });
            }
            (Some("forget"), Some(message)) => {
                spawn_local(Rc::clone(self).forget(message));
            }
            (Some("bring-back"), _) => {
                self.change(|model| model.forgotten = None);
                spawn_local(async {
                    let _ = runtime::call(BringBack {}).await;
                });
            }
            (Some("forget-reminder"), message) => remind(message, None),
            (Some("more"), _) => {
                self.change(|model| {
                    model.limit = model.limit.max(PAGE_LEN).saturating_add(PAGE_LEN);
                });
                self.watch_anew();
            }
            (Some("kind"), _) => {
                let kind = button.get_attribute("data-kind");
                let kind = kind.as_deref().and_then(kind_named).unwrap_or_default();
                let mut is_asked = false;
                self.change(|model| is_asked = model.choose(kind));
                if is_asked {
                    self.watch_anew();
                }
            }
            (Some("clear"), _) => self.clear_filter(),
            (Some("copy"), _) => spawn_local(Rc::clone(self).copy_report()),
            (Some("retry"), _) if !self.model.borrow().trying => {
                spawn_local(Rc::clone(self).try_now(Refresh {}));
            }
            (Some("register"), _) if !self.model.borrow().trying => {
                spawn_local(Rc::clone(self).try_now(RegisterAgain {}));
            }
            _ => {}
        }
    }

    /// Forgets a message, and offers for a moment to bring it back.
    async fn forget(self: Rc<Self>, message: String) {
        let messages = vec![message];
        if runtime::call(Forget { messages }).await.is_ok() {
            let at = clock::now();
            self.change(|model| model.forgotten = Some(at));
            TimeoutFuture::new(UNDO_MS).await;
            // Not where another was forgotten since.
            self.change(|model| model.forgotten = model.forgotten.filter(|since| *since != at));
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

    /// Puts the report about Gmail's page on the clipboard, for an issue or an email to Kaifu's makers.
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

    async fn try_now(self: Rc<Self>, call: impl Call) {
        self.change(|model| model.trying = true);
        let answer = runtime::call(call).await;
        self.change(|model| {
            model.trying = false;
            model.silent |= answer.is_err();
        });
    }

    fn listen_to_visibility(self: &Rc<Self>) -> Result<(), JsValue> {
        let app = Rc::clone(self);
        let document = dom::document()?;
        listen(&document, "visibilitychange", move |_| app.look());
        Ok(())
    }

    /// Shows every message again.
    fn clear_filter(self: &Rc<Self>) {
        self.search.set_value("");
        self.mailboxes.choose_all();
        self.change(|model| {
            model.filter = Filter::default();
            model.asked = Kind::All;
        });
        self.watch_anew();
    }

    fn listen_to_filter(self: &Rc<Self>) {
        let app = Rc::clone(self);
        listen(&self.search, "input", move |_| {
            // What is loaded is there at once, and all that is kept a moment later.
            app.change(|model| model.filter.text = app.search.value());
            app.look();
            app.watch_anew();
        });
        let app = Rc::clone(self);
        listen(self.mailboxes.select(), "change", move |_| {
            app.mailboxes.remember();
            app.change(|model| model.filter.mailbox = app.mailboxes.chosen());
            app.watch_anew();
        });
    }
}

fn remind(message: Option<String>, reminder: Option<Reminder>) {
    if let Some(message) = message {
        spawn_local(async move {
            // The next answer shows what became of it.
            let _ = runtime::call(Remind { message, reminder }).await;
        });
    }
}

/// The message of the row that `element` is in.
fn message_of(element: &Element) -> Option<String> {
    let row = element.closest("[data-message]").ok().flatten()?;
    row.get_attribute("data-message")
}

impl Watcher for App {
    type Call = WatchMessages;
    type Value = Overview;

    fn ask(&self, revision: u64) -> WatchMessages {
        let model = self.model.borrow();
        WatchMessages {
            revision,
            limit: model.limit,
            mailbox: model.filter.mailbox.clone(),
            text: model.filter.text.clone(),
            kind: model.asked,
        }
    }

    fn take(&self, overview: Overview) -> Next {
        self.mailboxes
            .offer(overview.mailboxes.iter().map(String::as_str));
        let sentences = match &self.model.borrow().overview {
            Some(before) if !self.switched.take() => {
                live_region::sentences(before, &overview, &self.words)
            }
            _ => Vec::new(),
        };
        if !sentences.is_empty() {
            self.live_region
                .set_text_content(Some(&sentences.join("\n")));
        }
        let mut next = Next::Newer;
        self.change(|model| {
            if model.limit < PAGE_LEN {
                if overview.total > model.limit {
                    next = Next::Other;
                }
                model.limit = PAGE_LEN;
            }
            model.silent = false;
            let new = overview.messages.iter().filter(|message| message.news);
            model
                .news
                .extend(new.map(|message| message.message.clone()));
            model.overview = Some(overview);
        });
        self.look();
        next
    }

    fn silent(&self) {
        self.change(|model| model.silent = true);
    }
}
