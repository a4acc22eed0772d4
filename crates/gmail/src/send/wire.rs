//! Gmail's own requests, as the script in Gmail's world shows them: the proof that the image is in
//! the mail that leaves, and what becomes of that mail.
//!
//! The page can forge all of it. Nothing here does more for what it says than the page could do by
//! itself: the most it brings about is one of this account's images in a mail.

use crate::app::App;
use crate::forms::toggle::Status;
use crate::page::account;
use crate::page::dom::document;
use crate::send::press::random_message;
use crate::worker;
use gloo_events::EventListener;
use js_sys::Date;
use kaifu_core::gmail::{Address, Answer, Fate, Kind, Outgoing, Pixel, Report, Wish, amend, fate};
use kaifu_core::id::MessageId;
use kaifu_protocol::content::{Outcome, Press, PressUntracked, Recipient, Signal};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Event};

/// What the requests under way carry, by the number that the page's script gave them.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    under_way: RefCell<Vec<(u32, Vec<Leaving>)>>,
    /// The last request that had a tracked mail in it: answers to earlier ones may be out of date.
    last: Cell<u32>,
}

/// A mail that was told of, in a request that was not answered yet.
#[derive(Debug)]
struct Leaving {
    draft: String,
    /// The conversation, where it is to be found again.
    thread: Option<String>,
    message: MessageId,
}

/// Listens to the page's script for as long as the listeners live.
pub(crate) fn listen(app: &Rc<App>) -> [EventListener; 2] {
    let hear = |kind: &'static str, handle: fn(&App, u32, &str, &str)| {
        let app = app.clone();
        EventListener::new(&document(), kind, move |event| {
            if let Some((head, body)) = detail(event).as_deref().and_then(|it| it.split_once('\n'))
            {
                let (number, rest) = head.split_once(' ').unwrap_or((head, ""));
                if let Ok(number) = number.parse() {
                    handle(&app, number, rest, body);
                }
            }
        })
    };
    [
        hear("kaifu-request", requested),
        hear("kaifu-answer", answered),
    ]
}

fn detail(event: &Event) -> Option<String> {
    event.dyn_ref::<CustomEvent>()?.detail().as_string()
}

/// Gmail is about to send `body`.
fn requested(app: &App, number: u32, _: &str, body: &str) {
    let Some(pixels) = app.pixels() else { return };
    let told: RefCell<Vec<(String, MessageId)>> = RefCell::default();
    let wish = |outgoing: &Outgoing<'_>| match outgoing.kind {
        Kind::Send | Kind::Scheduled => {
            let tracks = app.tracks_draft(&outgoing.message);
            if !tracks && !app.known.borrow().mark_untracked {
                return Wish::Clean;
            }
            let Some(message) = random_message() else {
                return Wish::Clean;
            };
            let message = app.message_of_draft(&outgoing.message, message);
            told.borrow_mut()
                .push((outgoing.message.clone().into_owned(), message));
            if tracks {
                Wish::Track(pixels.url(message))
            } else {
                Wish::Clean
            }
        }
        Kind::Draft => Wish::Clean,
        Kind::Other => Wish::Leave,
    };
    let Some(amended) = amend(body, &pixels, wish) else {
        return;
    };
    let told = told.into_inner();
    let mut leaving = Vec::new();
    for report in &amended.messages {
        let outgoing = &report.outgoing;
        match told.iter().find(|(draft, _)| *draft == outgoing.message) {
            Some((_, message)) => leaving.extend(left(app, report, *message)),
            None if outgoing.kind == Kind::Draft => {
                app.is_draft(&outgoing.message, Signal::Wire);
            }
            None => {}
        }
    }
    if !leaving.is_empty() {
        app.observer.last.set(number);
        app.observer.under_way.borrow_mut().push((number, leaving));
    }
    if let Some(body) = amended.body {
        let init = CustomEventInit::new();
        init.set_detail(&JsValue::from_str(&body));
        if let Ok(event) = CustomEvent::new_with_event_init_dict("kaifu-amended", &init) {
            // Without this the request goes out as Gmail wrote it, which is what failing means here.
            let _ = document().dispatch_event(&event);
        }
    }
}

/// A mail that the worker is to know of leaves: tells it what is really in it.
fn left(app: &App, report: &Report<'_>, message: MessageId) -> Option<Leaving> {
    let outgoing = &report.outgoing;
    let leaving = |thread| Leaving {
        draft: outgoing.message.to_string(),
        thread,
        message,
    };
    if report.pixel == Pixel::Unwanted {
        worker::tell(PressUntracked {
            message: message.to_string(),
            draft: outgoing.message.to_string(),
            thread: outgoing.thread.to_string(),
        });
        app.outcomes.on_wire(message);
        return Some(leaving(None));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the clock has whole milliseconds"
    )]
    let now = Date::now() as i64;
    let later = outgoing
        .date
        .filter(|date| outgoing.kind == Kind::Scheduled && *date > now);
    let people = |list: &[Address<'_>]| {
        list.iter()
            .map(|who| Recipient {
                address: who.address.to_string(),
                name: who.name.to_string(),
            })
            .collect::<Vec<_>>()
    };
    worker::tell(Press {
        message: message.to_string(),
        draft: Some(outgoing.message.to_string()),
        thread: Some(outgoing.thread.to_string()),
        account_label: account::account_label(),
        from: outgoing.from.as_ref().map(|from| from.address.to_string()),
        subject: outgoing.subject.to_string(),
        recipients: [&outgoing.to, &outgoing.cc, &outgoing.bcc]
            .map(|it| people(it))
            .concat(),
        at: later.unwrap_or(now),
    });
    app.outcomes.on_wire(message);
    if report.pixel == Pixel::Missing {
        app.outcomes
            .settled(message, Outcome::Untracked, Signal::Wire);
        if let Some(form) = app.form_of_draft(&outgoing.message) {
            form.say(Some(Status::NotTracked));
        }
        return None;
    }
    Some(leaving(Some(outgoing.thread.to_string())))
}

/// Gmail's server answered request `number` with `body`.
fn answered(app: &App, number: u32, status: &str, body: &str) {
    let mut under_way = app.observer.under_way.borrow_mut();
    let place = under_way.iter().position(|(other, _)| *other == number);
    let leaving = place.map_or_else(Vec::new, |place| under_way.swap_remove(place).1);
    drop(under_way);
    let known = app.known.borrow();
    let is_late = number < app.observer.last.get();
    if leaving.is_empty() && (is_late || known.scheduled().next().is_none()) {
        return;
    }
    let answer = Answer::parse(body);
    let status = status.parse().unwrap_or(0);
    for mail in leaving {
        let outcome = match fate(status, answer.as_ref(), &mail.draft) {
            Fate::Sent => Outcome::Sent,
            Fate::Scheduled => Outcome::Scheduled,
            // Gmail tries again under the same id, and other signs may still come.
            Fate::Draft | Fate::Failed | Fate::Unknown => continue,
        };
        let found = answer.as_ref().and_then(|answer| answer.find(&mail.draft));
        let legacy = found.and_then(|(thread, _)| thread.legacy.clone());
        if let Some((thread, legacy)) = mail.thread.zip(legacy) {
            app.outcomes.located(thread, legacy.to_string());
        }
        app.outcomes.left(mail.message, outcome);
    }
    // Whatever was asked for: no request that cancels is on record, but Gmail is known to answer a
    // change of labels with the labels that the messages have then.
    for mail in known.scheduled().filter(|_| !is_late) {
        match fate(status, answer.as_ref(), mail.draft) {
            Fate::Draft if !mail.cancelled => app.outcomes.taken_back(mail.message, Signal::Wire),
            Fate::Scheduled if mail.cancelled => {
                app.outcomes.given_back(mail.message, Signal::Wire);
            }
            _ => {}
        }
    }
}
