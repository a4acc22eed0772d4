//! The options page: which server, what is tracked and marked, and what notifications tell of; the first
//! page, on which the user agrees to that; the check on their own Gmail; and the page that says why a
//! sender cannot confirm.
//!
//! [`settings`] says what may be saved, and what is wrong where it may not, and [`steps`] what the check has
//! found; they know no browser. The
//! page keeps nothing but what the user has typed and not saved.

mod check;
mod data;
mod first;
mod form;
mod hosts;
mod moving;
mod notices;
mod people;
pub mod settings;
pub mod steps;
mod theme;

use crate::data::DataPart;
use crate::form::Form;
use crate::moving::MovingPart;
use crate::notices::NoticesForm;
use crate::people::PeoplePart;
use kaifu_l10n::{Browser, Words as _};
use kaifu_protocol::pages::{Settings, WatchSettings};
use kaifu_ui::dom;
use kaifu_ui::watch::{Next, Turn, Watcher};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsValue, UnwrapThrowExt as _};
use wasm_bindgen_futures::spawn_local;

/// The page while it is open.
struct Page {
    form: Rc<Form>,
    notices: Rc<NoticesForm>,
    people: Rc<PeoplePart>,
    data: Rc<DataPart>,
    words: Rc<Browser>,
    turn: Turn,
}

/// Brings the first page to life. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start_first() {
    first::open().expect_throw("first.html has every element that it needs");
}

/// Brings the check to life. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start_check() {
    check::open().expect_throw("check.html has every element that it needs");
}

/// Fills a page that only says something. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start_texts() {
    let words = Browser::new();
    dom::fill_texts(|key| words.text(key), words.language()).expect_throw("a page takes its texts");
}

/// Brings the options page to life. To be called once, when the page and this module have loaded.
#[wasm_bindgen]
pub fn start() {
    let page = open().expect_throw("options.html has every element that it needs");
    spawn_local(Turn::follow(Rc::new(page), |page| &page.turn));
}

fn open() -> Result<Page, JsValue> {
    let words = Rc::new(Browser::new());
    dom::fill_texts(|key| words.text(key), words.language())?;
    let form = Rc::new(Form::find()?);
    form.listen(&words);
    let notices = Rc::new(NoticesForm::find()?);
    notices.listen(&words);
    let data = Rc::new(DataPart::find()?);
    data.listen(&words);
    data.listen_to_erasing(&words);
    MovingPart::open(&words)?;
    theme::open()?;
    Ok(Page {
        form,
        notices,
        people: Rc::new(PeoplePart::find()?),
        data,
        words,
        turn: Turn::default(),
    })
}

impl Watcher for Page {
    type Call = WatchSettings;
    type Value = Settings;

    fn ask(&self, revision: u64) -> WatchSettings {
        WatchSettings { revision }
    }

    fn take(&self, settings: Settings) -> Next {
        self.form.fill(&settings);
        self.notices.fill(&settings);
        // Not before: the worker may not answer yet.
        spawn_local(Rc::clone(&self.data).count(Rc::clone(&self.words)));
        spawn_local(Rc::clone(&self.people).show(Rc::clone(&self.words)));
        Next::Newer
    }

    fn silent(&self) {
        self.form
            .worker_is_silent(&self.words.text("problem_worker"));
    }
}
