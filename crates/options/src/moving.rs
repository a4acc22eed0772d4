//! The part of the page about moving to another browser: all that this one has, as a file under a
//! passphrase, and out of one.

use crate::{hosts, settings};
use kaifu_chrome::{CallError, clock, passphrase, runtime};
use kaifu_l10n::{Browser, Words as _};
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::{Pack, TakeOver};
use kaifu_ui::dom::{element, listen};
use kaifu_ui::download;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlInputElement};

/// A passphrase of fewer characters can be found by trying.
const LEAST: usize = 12;

/// The part's elements.
pub(crate) struct MovingPart {
    passphrase: HtmlInputElement,
    pack: Element,
    file: HtmlInputElement,
    take_over: Element,
    status: Element,
    words: Rc<Browser>,
}

impl MovingPart {
    /// Brings the part of `options.html` to life.
    ///
    /// # Errors
    ///
    /// When an element is missing; the error names its id.
    pub(crate) fn open(words: &Rc<Browser>) -> Result<(), JsValue> {
        let part = Rc::new(Self {
            passphrase: element("passphrase")?,
            pack: element("pack")?,
            file: element("packed")?,
            take_over: element("take-over")?,
            status: element("moving-status")?,
            words: Rc::clone(words),
        });
        let its = Rc::clone(&part);
        listen(&part.pack, "click", move |_| {
            spawn_local(Rc::clone(&its).pack());
        });
        let its = Rc::clone(&part);
        listen(&part.take_over, "click", move |_| {
            spawn_local(Rc::clone(&its).take_over());
        });
        Ok(())
    }

    async fn pack(self: Rc<Self>) {
        let said = self.packed().await;
        self.say(&self.words.text(match said {
            Ok(()) => "moving_saved",
            Err(key) => key,
        }));
    }

    /// Saves the file; else the key of the text that says why not.
    async fn packed(&self) -> Result<(), &'static str> {
        let passphrase = self.passphrase.value();
        if passphrase.chars().count() < LEAST {
            return Err("moving_short");
        }
        let packed = runtime::call(Pack {}).await;
        let packed = packed.map_err(|_| "report_export_failed")?;
        // What the other browser is asked to allow stands in the first line.
        let text = [&packed.backends.join(" "), "\n", &packed.text].concat();
        let locked = passphrase::lock(&text, &passphrase).await;
        let locked = locked.map_err(|_| "report_export_failed")?;
        let name = download::dated("kaifu-move-", &self.words.iso(clock::now()), ".txt");
        download::text(&name, "text/plain", &locked).map_err(|_| "report_export_failed")
    }

    async fn take_over(self: Rc<Self>) {
        self.say(&self.words.text("moving_opening"));
        let said = match self.taken_over().await {
            Ok(count) => self.words.with("moving_done", &[&count.to_string()]),
            Err(key) => self.words.text(key),
        };
        self.say(&said);
    }

    /// Takes the file's content over, and returns how many emails came with it; else the key of the
    /// text that says why not.
    async fn taken_over(&self) -> Result<u32, &'static str> {
        let file = self.file.files().and_then(|files| files.get(0));
        let file = file.ok_or("moving_no_file")?;
        let text = JsFuture::from(file.text()).await.ok();
        let text = text.and_then(|text| text.as_string()).unwrap_or_default();
        let opened = passphrase::open(text.trim(), &self.passphrase.value()).await;
        let opened = opened.ok().flatten().ok_or("moving_locked")?;
        let (backends, text) = opened.split_once('\n').ok_or("moving_malformed")?;
        let backends = backends.split_whitespace().map(settings::backend);
        let backends: Result<Vec<_>, _> = backends.collect();
        let patterns = backends?.into_iter().map(|it| it.match_pattern());
        let patterns: Vec<String> = patterns.collect();
        // The passphrase is tried within the seconds for which the press counts as the user's.
        hosts::allow(&patterns).await?;
        let text = text.to_owned();
        match runtime::call(TakeOver { text }).await {
            Ok(count) => {
                self.passphrase.set_value("");
                self.file.set_value("");
                Ok(count)
            }
            Err(CallError::Refused(Failure::NotEmpty)) => Err("moving_not_empty"),
            Err(CallError::Refused(Failure::Malformed)) => Err("moving_malformed"),
            Err(CallError::Refused(failure)) => Err(settings::failure_key(&failure)),
            Err(CallError::Channel(_)) => Err("settings_failed"),
        }
    }

    fn say(&self, text: &str) {
        self.status.set_text_content(Some(text));
    }
}
