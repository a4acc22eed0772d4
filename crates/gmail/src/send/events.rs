//! What the user does and the page shows around a send, heard before Gmail hears it.

use crate::page::dom::{document, later, listen, target, window};
use crate::send::press::press;
use crate::send::schedule::Schedule;
use crate::send::signs::Signs;
use crate::send::wire::Wire;
use crate::tab::Tab;
use gloo_events::{EventListener, EventListenerOptions};
use js_sys::JsString;
use kaifu_core::outcome::{Signal, When};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{CustomEvent, Event, KeyboardEvent};

/// How long changes of the page are gathered before it is searched for ids, in milliseconds.
const SEARCH_MS: u32 = 500;

/// Everything about sending.
#[derive(Debug)]
pub(crate) struct Sending {
    tab: Rc<Tab>,
    schedule: Schedule,
    signs: Signs,
    wire: Wire,
    /// Whether the page will be searched soon.
    searches: Cell<bool>,
}

impl Sending {
    /// Nothing is being sent yet.
    pub(crate) fn new(tab: Rc<Tab>) -> Rc<Self> {
        Rc::new(Self {
            tab,
            schedule: Schedule::default(),
            signs: Signs::default(),
            wire: Wire::default(),
            searches: Cell::default(),
        })
    }

    /// Listens to the user and to the page's script, for as long as the listeners live.
    pub(crate) fn listen(self: &Rc<Self>) -> Vec<EventListener> {
        let by_user = |kind: &'static str, handle: fn(&Self, &Event)| {
            let it = self.clone();
            let options = EventListenerOptions::run_in_capture_phase();
            let handle = Box::new(move |event: &Event| handle(&it, event));
            listen(&window(), kind, options, handle)
        };
        let by_page = |kind: &'static str, handle: fn(&Self, &JsString)| {
            let it = self.clone();
            let handle = Box::new(move |event: &Event| {
                if let Some(detail) = detail(event) {
                    handle(&it, &detail);
                }
            });
            listen(&document(), kind, EventListenerOptions::default(), handle)
        };
        vec![
            by_user("click", Self::on_click),
            by_user("keydown", Self::on_keydown),
            by_user("input", Self::on_input),
            by_user("mousedown", Self::on_choice),
            by_user("mouseup", Self::on_choice),
            by_page("kaifu-request", |it, detail| {
                if let Some((number, _, body)) = parts(detail) {
                    it.wire.requested(&it.tab, number, &String::from(body));
                }
            }),
            by_page("kaifu-answer", |it, detail| {
                // An answer may have megabytes: it is read only where anything hangs on it.
                if let Some((number, status, body)) = parts(detail)
                    && it.wire.is_awaited(&it.tab, number)
                {
                    it.wire
                        .answered(&it.tab, number, &status, &String::from(body));
                }
            }),
        ]
    }

    /// A click anywhere in the page.
    fn on_click(&self, event: &Event) {
        let Some(element) = target(event) else { return };
        if let Some(form) = self.tab.forms.around(&element)
            && form.compose.is_send(&element)
        {
            press(&self.tab, &form, When::Now);
        } else {
            self.on_choice(event);
        }
    }

    /// A key anywhere in the page: Enter or Space on Send, Ctrl+Enter or Cmd+Enter in a form.
    fn on_keydown(&self, event: &Event) {
        let (Some(key), Some(element)) = (event.dyn_ref::<KeyboardEvent>(), target(event)) else {
            return;
        };
        let enter = key.key() == "Enter";
        if key.is_composing() || key.repeat() {
            return;
        }
        if key.key() == "Escape" {
            return self.on_choice(event);
        }
        if !enter && key.key() != " " {
            return;
        }
        let shortcut = enter && (key.ctrl_key() || key.meta_key());
        match self.tab.forms.around(&element) {
            Some(form) if shortcut || form.compose.is_send(&element) => {
                press(&self.tab, &form, When::Now);
            }
            _ => self.on_choice(event),
        }
    }

    /// Typing in a form whose email should have left: it did not.
    fn on_input(&self, event: &Event) {
        if event.is_trusted()
            && let Some(form) = target(event).and_then(|element| self.tab.forms.around(&element))
            && form.pressed.get()
        {
            let tab = self.tab.clone();
            // Not within the event: taking the image out is one of its kind.
            spawn_local(async move { tab.refused(&form, Signal::Typing) });
        }
    }

    /// A press of the mouse or of a key that may choose a time to send at.
    fn on_choice(&self, event: &Event) {
        if let Some(form) = self.schedule.chosen(&self.tab.forms, event) {
            press(&self.tab, &form, When::Later);
        }
    }

    /// The page changed: looks for what it shows of presses, at once and once it is at rest.
    pub(crate) fn page_changed(self: &Rc<Self>) {
        self.schedule.page_changed();
        let is_pending = self.tab.outcomes.any_pending();
        if is_pending {
            Signs::check_moment(&self.tab);
        }
        if (is_pending || Signs::are_awaited(&self.tab)) && !self.searches.replace(true) {
            let it = self.clone();
            let search = Box::new(move || {
                it.searches.set(false);
                it.signs.search(&it.tab);
            });
            later(SEARCH_MS, search).forget(); // Runs once.
        }
    }
}

fn detail(event: &Event) -> Option<JsString> {
    event.dyn_ref::<CustomEvent>()?.detail().dyn_into().ok()
}

/// A request's or an answer's number, what stands behind that in the first line, and the rest.
fn parts(detail: &JsString) -> Option<(u32, String, JsString)> {
    let line = u32::try_from(detail.index_of("\n", 0)).ok()?;
    let head = String::from(detail.slice(0, line));
    let (number, rest) = head.split_once(' ').unwrap_or((&head, ""));
    let body = detail.slice(line + 1, detail.length());
    Some((number.parse().ok()?, rest.to_owned(), body))
}
