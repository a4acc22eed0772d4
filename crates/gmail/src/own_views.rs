//! The sender's own views: when the page shows an image of this account, the worker is told at
//! once, so that a fetch which the view causes is not taken for an open.
//!
//! The image's own container does not matter: it may stand in a conversation, a page for printing, a
//! window of its own or a quote, and each of these loads it.

use crate::forms::compose::Compose;
use crate::page::dom::{attribute, page};
use crate::page::selectors::{EDITOR, IMAGE, is_shown};
use crate::tab::Tab;
use crate::worker;
use kaifu_chrome::clock;
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::Millis;
use kaifu_protocol::content::Viewed;
use std::cell::RefCell;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlImageElement};

/// How long one report stands for further views of the same message, in milliseconds.
const REPORT_MS: i64 = 5_000;

/// How many images are kept until there is an account.
const MAX_EARLY: usize = 500;

/// What was reported, and what is to be as soon as there is an account.
#[derive(Debug, Default)]
pub(crate) struct OwnViews {
    reported: RefCell<Vec<(MessageId, Millis)>>,
    early: RefCell<Vec<(Element, Millis)>>,
}

impl OwnViews {
    /// Reports those of `images` that are ours.
    pub(crate) fn shown(&self, tab: &Tab, images: Vec<Element>) {
        if images.is_empty() {
            return;
        }
        let now = clock::now();
        if let Some(pixels) = tab.session.pixels() {
            self.report(tab, &pixels, &images, now);
        } else {
            let mut early = self.early.borrow_mut();
            early.extend(images.into_iter().map(|image| (image, now)));
            early.truncate(MAX_EARLY);
        }
    }

    /// The session changed: reports what was shown before there was an account.
    pub(crate) fn refresh(&self, tab: &Tab) {
        if let Some(pixels) = tab.session.pixels() {
            for (image, at) in self.early.take() {
                self.report(tab, &pixels, &[image], at);
            }
        }
    }

    /// The tab came to the front: what is still loading in it loads for the sender. What has been
    /// loaded is not fetched again, so that a recipient's open at this moment stays one.
    pub(crate) fn tab_shown(&self, tab: &Tab) {
        let images = IMAGE.find_all(&page());
        let loading = images.into_iter().filter(|image| {
            let complete = image
                .dyn_ref::<HtmlImageElement>()
                .is_some_and(HtmlImageElement::complete);
            !complete && is_shown(image)
        });
        self.shown(tab, loading.collect());
    }

    fn report(&self, tab: &Tab, pixels: &Pixels, images: &[Element], at: Millis) {
        let mut reported = self.reported.borrow_mut();
        reported.retain(|(_, reported_at)| at.since(*reported_at).abs() < REPORT_MS);
        let mut messages = Vec::new();
        for image in images {
            let Some(message) = attribute(image, "src").and_then(|src| pixels.message_of(&src))
            else {
                continue;
            };
            let is_reported = reported.iter().any(|(other, _)| *other == message);
            if !is_reported && !is_being_sent(tab, image, message) {
                reported.push((message, at));
                messages.push(message.to_string());
            }
        }
        if !messages.is_empty() {
            worker::tell(Viewed { messages, at: at.0 });
        }
    }
}

/// Whether `image` is the one that a form's own email leaves with: nobody looks at that.
fn is_being_sent(tab: &Tab, image: &Element, message: MessageId) -> bool {
    // A form that has only just arrived is not known yet.
    let Some(compose) = EDITOR
        .around(image)
        .and_then(|editor| Compose::around(&editor))
    else {
        return false;
    };
    let draft = compose.draft();
    draft.is_some_and(|draft| tab.session.message(&draft) == Some(message))
        || tab
            .forms
            .around(image)
            .is_some_and(|form| form.pressed.get())
}
