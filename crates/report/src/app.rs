//! The living page: asks the worker, shows the answer, listens to the user.

use crate::export::{self, Format};
use crate::model::{Asked, Model, PAGE_LEN, Period};
use crate::view;
use kaifu_chrome::{clock, runtime};
use kaifu_core::report::{Order, Which};
use kaifu_l10n::{Browser, Words as _};
use kaifu_protocol::call::Call;
use kaifu_protocol::pages::{BringBack, Forget, Mute, OpenConversation};
use kaifu_protocol::report::{Email, Question, Report, WatchReport};
use kaifu_ui::dom::{self, listen};
use kaifu_ui::watch::{Next, Turn, Watcher};
use kaifu_ui::{download, patch};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The page while it is open.
struct App {
    model: RefCell<Model>,
    words: Browser,
    title: Element,
    periods: Element,
    notice: Element,
    summary: Element,
    emails: HtmlElement,
    heading: HtmlElement,
    chosen: Element,
    list: Element,
    honest: HtmlElement,
    search: HtmlInputElement,
    mailbox: HtmlSelectElement,
    status: Element,
    turn: Turn,
}

/// Fills the page and starts asking.
pub(crate) fn start() {
    let app = open().expect_throw("report.html has every element that the page needs");
    app.show();
    app.ask_anew();
}

fn open() -> Result<Rc<App>, JsValue> {
    let words = Browser::new();
    dom::fill_texts(|key| words.text(key), words.language())?;
    let now = clock::now();
    let app = Rc::new(App {
        model: RefCell::new(Model {
            now,
            ..Model::default()
        }),
        words,
        title: dom::element("title")?,
        periods: dom::element("periods")?,
        notice: dom::element("notice")?,
        summary: dom::element("summary")?,
        emails: dom::element("emails")?,
        heading: dom::element("emails-heading")?,
        chosen: dom::element("chosen")?,
        list: dom::element("list")?,
        honest: dom::element("honest")?,
        search: dom::element("search")?,
        mailbox: dom::element("mailbox")?,
        status: dom::element("status")?,
        turn: Turn::default(),
    });
    app.listen()?;
    Ok(app)
}

impl App {
    fn show(&self) {
        let (model, words) = (self.model.borrow(), &self.words);
        self.title
            .set_text_content(Some(&view::title(&model, words)));
        for (place, markup) in [
            (&self.periods, view::periods(&model, words)),
            (&self.notice, view::notice(&model, words)),
            (&self.summary, view::summary(&model, words)),
            (&self.chosen, view::chosen(&model, words)),
            (&self.list, view::emails(&model, words)),
            (self.honest.as_ref(), view::honest(&model, words)),
        ] {
            patch::patch(place, &markup.into_string())
                .expect_throw("well-formed markup can be shown");
        }
        let has_emails = (model.report.as_ref()).is_some_and(|report| report.kept > 0);
        self.emails.set_hidden(!has_emails);
        self.honest.set_hidden(!has_emails);
        // Once a user has pressed a box, its attribute says no longer whether it is checked.
        let boxes = self
            .list
            .query_selector_all("input")
            .expect_throw("a selector");
        for place in 0..boxes.length() {
            if let Some(one) = boxes.get(place) {
                let one: HtmlInputElement = one.unchecked_into();
                one.set_checked(one.has_attribute("checked"));
            }
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

    /// Asks what `change` makes of the question.
    fn ask(self: &Rc<Self>, change: impl FnOnce(&mut Asked)) {
        self.change(|model| model.ask(change));
        self.ask_anew();
    }

    fn ask_anew(self: &Rc<Self>) {
        spawn_local(Turn::follow(Rc::clone(self), |app| &app.turn));
    }

    fn listen(self: &Rc<Self>) -> Result<(), JsValue> {
        let app = Rc::clone(self);
        let document = dom::document()?;
        listen(&document, "click", move |event| app.pressed(event));
        let app = Rc::clone(self);
        listen(&self.search, "input", move |_| {
            let text = app.search.value();
            app.ask(|asked| {
                asked.text = text;
                asked.limit = PAGE_LEN;
            });
        });
        let app = Rc::clone(self);
        listen(&self.mailbox, "change", move |_| {
            let mailbox = Some(app.mailbox.value()).filter(|it| !it.is_empty());
            app.ask(|asked| asked.mailbox = mailbox);
        });
        Ok(())
    }

    fn pressed(self: &Rc<Self>, event: &Event) {
        let target: Option<Element> = event.target().and_then(|it| it.dyn_into().ok());
        let near = |selector: &str| target.as_ref()?.closest(selector).ok().flatten();
        let value = |name: &str| near(&["[", name, "]"].concat())?.get_attribute(name);
        if let Some(which) = value("data-which").and_then(|code| Which::from_code(&code)) {
            self.lead_to(which);
        } else if let Some(order) = value("data-order").and_then(|code| Order::from_code(&code)) {
            self.ask(|asked| asked.sort(order));
        } else if let Some(period) = value("data-period").and_then(|name| Period::named(&name)) {
            self.ask(|asked| asked.period = period);
        } else if let Some(action) = value("data-action") {
            self.act(&action, value("data-message"));
        }
    }

    fn act(self: &Rc<Self>, action: &str, message: Option<String>) {
        match (action, message) {
            ("select", Some(message)) => self.change(|model| model.select(&message)),
            ("select-all", _) => self.change(Model::select_all),
            ("show", Some(message)) => spawn_local(Rc::clone(self).show_in_gmail(message)),
            ("more", _) => self.ask(|asked| asked.limit = asked.limit.saturating_add(PAGE_LEN)),
            ("mute", _) => spawn_local(Rc::clone(self).change_selected(|messages| Mute {
                messages,
                muted: true,
            })),
            ("forget", _) => {
                self.change(|model| model.forgotten = true);
                spawn_local(Rc::clone(self).change_selected(|messages| Forget { messages }));
            }
            ("bring-back", _) => {
                self.change(|model| model.forgotten = false);
                spawn_local(async {
                    // The next answer shows what became of it.
                    let _ = runtime::call(BringBack {}).await;
                });
            }
            ("all", _) => {
                self.search.set_value("");
                self.ask(|asked| {
                    asked.text.clear();
                    asked.list(Which::All);
                });
            }
            _ => {
                if let Some(format) = Format::named(action) {
                    spawn_local(Rc::clone(self).export(format));
                }
            }
        }
    }

    /// Lists the emails of a number that was pressed, and goes there; pressed once more, all again.
    fn lead_to(self: &Rc<Self>, which: Which) {
        let is_chosen = self.model.borrow().asked.which == which;
        self.ask(|asked| asked.list(if is_chosen { Which::All } else { which }));
        if !is_chosen {
            self.heading
                .focus()
                .expect_throw("a heading takes the focus");
        }
    }

    /// Adds `mailboxes` to what can be chosen; while there is one, there is no choice.
    fn offer(&self, mailboxes: &[String]) -> Result<(), JsValue> {
        // The first option stands for all.
        let offered = usize::try_from(self.mailbox.length()).unwrap_or(1) - 1;
        if offered != mailboxes.len() {
            let chosen = self.mailbox.value();
            self.mailbox.set_length(1);
            for mailbox in mailboxes {
                let option = dom::document()?.create_element("option")?;
                option.set_text_content(Some(mailbox));
                self.mailbox.append_child(&option)?;
            }
            self.mailbox.set_value(&chosen);
        }
        self.mailbox.set_hidden(mailboxes.len() < 2);
        Ok(())
    }

    /// Has the worker do something with the emails that are selected, which they are no longer then.
    async fn change_selected<C: Call>(self: Rc<Self>, call: impl FnOnce(Vec<String>) -> C) {
        let selected = std::mem::take(&mut self.model.borrow_mut().selected);
        let done = runtime::call(call(selected.into_iter().collect())).await;
        if done.is_err() {
            self.change(|model| model.forgotten = false);
            self.say(&self.words.text("settings_failed"));
        } else {
            self.show();
        }
    }

    async fn show_in_gmail(self: Rc<Self>, message: String) {
        self.say("");
        if runtime::call(OpenConversation { message }).await.is_err() {
            self.say(&self.words.text("popup_show_failed"));
        }
    }

    /// Saves what is listed, or of this what is selected, as a file.
    async fn export(self: Rc<Self>, format: Format) {
        self.say("");
        let question = Question {
            limit: u32::MAX,
            ..self.model.borrow().asked.question()
        };
        // The first revision is no longer there, so this is answered at once.
        let call = WatchReport {
            revision: 0,
            question,
        };
        let saved = match runtime::call(call).await {
            Ok(held) => self.save(format, &held.value),
            Err(_) => return self.say(&self.words.text("report_export_failed")),
        };
        let key = if saved.is_ok() {
            "report_exported"
        } else {
            "report_export_failed"
        };
        self.say(&self.words.text(key));
    }

    fn save(&self, format: Format, report: &Report) -> Result<(), JsValue> {
        let model = self.model.borrow();
        let is_wanted =
            |email: &&Email| model.selected.is_empty() || model.selected.contains(&email.message);
        let emails = report.emails.iter().filter(is_wanted);
        let now = clock::now();
        let text = match format {
            Format::Csv => export::csv(emails, &self.words),
            Format::Json => export::json(report, emails, &model.asked, now, &self.words),
        };
        download::text(
            &format.file(&self.words.iso(now)),
            format.media_type(),
            &text,
        )
    }

    fn say(&self, text: &str) {
        self.status.set_text_content(Some(text));
    }
}

impl Watcher for App {
    type Call = WatchReport;
    type Value = Report;

    fn ask(&self, revision: u64) -> WatchReport {
        WatchReport {
            revision,
            question: self.model.borrow().asked.question(),
        }
    }

    fn take(&self, report: Report) -> Next {
        self.offer(&report.mailboxes)
            .expect_throw("a choice takes an option");
        self.change(|model| {
            model.silent = false;
            model.report = Some(report);
        });
        Next::Newer
    }

    fn silent(&self) {
        self.change(|model| model.silent = true);
    }
}
