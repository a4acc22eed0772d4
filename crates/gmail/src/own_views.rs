//! The sender's own views: when the page shows an image of this account, the worker is told at
//! once, so that a fetch which the view causes is not taken for an open.
//!
//! The image's own container does not matter: it may stand in a conversation, a page for printing, a
//! window of its own or a quote, and each of these loads it.

use crate::app::App;
use crate::forms::compose::Compose;
use crate::page::dom::{attribute, page};
use crate::page::selectors::{EDITOR, IMAGE, is_shown};
use crate::worker;
use js_sys::Date;
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::Pixels;
use kaifu_protocol::content::Viewed;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlImageElement};

/// How long one report stands for further views of the same message, in milliseconds.
const REPORT_MS: f64 = 5_000.0;

/// How many images are kept until there is an account.
const MOST_EARLY: usize = 500;

/// What was reported, and what is to be as soon as there is an account.
#[derive(Debug, Default)]
pub(crate) struct Views {
    reported: RefCell<Vec<(MessageId, f64)>>,
    early: RefCell<Vec<(Element, f64)>>,
}

impl Views {
    /// Reports those of `images` that are ours.
    pub(crate) fn arrived(&self, app: &App, images: Vec<Element>) {
        if images.is_empty() {
            return;
        }
        let now = Date::now();
        if let Some(pixels) = app.pixels() {
            self.report(app, &pixels, &images, now);
        } else {
            let mut early = self.early.borrow_mut();
            early.extend(images.into_iter().map(|image| (image, now)));
            early.truncate(MOST_EARLY);
        }
    }

    /// The session changed: reports what was shown before there was an account.
    pub(crate) fn refresh(&self, app: &App) {
        if let Some(pixels) = app.pixels() {
            for (image, at) in self.early.take() {
                self.report(app, &pixels, &[image], at);
            }
        }
    }

    /// The tab came to the front: what is still loading in it loads for the sender. What has been
    /// loaded is not fetched again, so that a recipient's open at this moment stays one.
    pub(crate) fn on_visible(app: &Rc<App>, _: &Event) {
        let images = IMAGE.find_all(&page());
        let loading = images.into_iter().filter(|image| {
            let complete = image
                .dyn_ref::<HtmlImageElement>()
                .is_some_and(HtmlImageElement::complete);
            !complete && is_shown(image)
        });
        app.views.arrived(app, loading.collect());
    }

    fn report(&self, app: &App, pixels: &Pixels, images: &[Element], at: f64) {
        let mut reported = self.reported.borrow_mut();
        reported.retain(|(_, reported_at)| (at - reported_at).abs() < REPORT_MS);
        let mut messages = Vec::new();
        for image in images {
            let Some(message) = attribute(image, "src").and_then(|src| pixels.message_of(&src))
            else {
                continue;
            };
            let is_reported = reported.iter().any(|(other, _)| *other == message);
            if !is_reported && !is_being_sent(app, image, message) {
                reported.push((message, at));
                messages.push(message.to_string());
            }
        }
        if !messages.is_empty() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the clock has whole milliseconds"
            )]
            let at = at as i64;
            worker::tell(Viewed { messages, at });
        }
    }
}

/// Whether `image` is the one that a form's own mail leaves with: nobody looks at that.
fn is_being_sent(app: &App, image: &Element, message: MessageId) -> bool {
    // A form that has only just arrived is not known to the app yet.
    let Some(compose) = EDITOR
        .around(image)
        .and_then(|editor| Compose::around(&editor))
    else {
        return false;
    };
    let draft = compose.draft();
    draft.is_some_and(|draft| app.known.borrow().message(&draft) == Some(message))
        || app
            .form_around(image)
            .is_some_and(|form| form.pressed.get())
}
