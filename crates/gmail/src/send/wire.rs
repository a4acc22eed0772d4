//! Gmail's own requests, as the script in Gmail's world shows them: the proof that the image is in
//! the email that leaves, and what becomes of that email.
//!
//! The page can forge all of it. Nothing here does more for what it says than the page could do by
//! itself: the most it brings about is one of this account's images in an email.

use crate::forms::form::Form;
use crate::forms::toggle::Status;
use crate::page::account::account_label;
use crate::page::dom::document;
use crate::page::random::random_message;
use crate::tab::Tab;
use crate::worker;
use kaifu_chrome::clock;
use kaifu_core::gmail::id::{DraftId, ThreadId};
use kaifu_core::gmail::{Answer, Fate, Kind, Outgoing, Pixel, Report, Wish, amend, fate};
use kaifu_core::id::MessageId;
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::outcome::{Sign, Signal, State, When};
use kaifu_core::time::Millis;
use kaifu_protocol::content::{Press, PressUntracked, Recipient};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit};

/// The requests under way.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// What each carries, by the number that the page's script gave it.
    under_way: RefCell<Vec<(u32, Vec<Leaving>)>>,
    /// The last request that had an email in it which the worker knows of: answers to earlier ones
    /// may be out of date.
    last: Cell<u32>,
}

/// An email that the worker knows of, in a request that was not answered yet.
#[derive(Debug)]
struct Leaving {
    draft: DraftId,
    /// The conversation, where it is to be found again.
    thread: Option<ThreadId>,
    message: MessageId,
}

/// An email in a request that the worker is to know of.
struct Known {
    message: MessageId,
    /// Its form, where that is open.
    form: Option<Rc<Form>>,
}

impl Wire {
    /// Gmail is about to send `body` as request `number`.
    pub(crate) fn requested(&self, tab: &Tab, number: u32, body: &str) {
        let Some(pixels) = tab.session.pixels() else {
            return;
        };
        let amended = amend(body, &pixels, |outgoing| wish(tab, &pixels, outgoing));
        let Some(amended) = amended else { return };
        let mut leaving = Vec::new();
        for report in &amended.messages {
            match &report.value {
                Some(known) => leaving.extend(left(tab, report, known)),
                None if report.outgoing.kind == Kind::Draft => {
                    tab.is_draft(&report.outgoing.message, Signal::Wire);
                }
                None => {}
            }
        }
        if !leaving.is_empty() {
            self.last.set(number);
            self.under_way.borrow_mut().push((number, leaving));
        }
        if let Some(body) = amended.body {
            let init = CustomEventInit::new();
            init.set_detail(&JsValue::from_str(&body));
            if let Ok(event) = CustomEvent::new_with_event_init_dict("kaifu-amended", &init) {
                // Without this the request goes out as Gmail wrote it, which is what failing means
                // here.
                let _ = document().dispatch_event(&event);
            }
        }
    }

    /// Gmail's server answered request `number` with `body`.
    pub(crate) fn answered(&self, tab: &Tab, number: u32, status: &str, body: &str) {
        let mut under_way = self.under_way.borrow_mut();
        let place = under_way.iter().position(|(other, _)| *other == number);
        let leaving = place.map_or_else(Vec::new, |place| under_way.swap_remove(place).1);
        drop(under_way);
        let is_late = number < self.last.get();
        if leaving.is_empty() && (is_late || !tab.session.any_scheduled()) {
            return;
        }
        let answer = Answer::parse(body);
        let status = status.parse().unwrap_or(0);
        for mail in leaving {
            let when = match fate(status, answer.as_ref(), &mail.draft) {
                Fate::Sent => When::Now,
                Fate::Scheduled => When::Later,
                // Gmail tries again under the same id, and other signs may still come.
                Fate::Draft | Fate::Failed | Fate::Unknown => continue,
            };
            let found = answer.as_ref().and_then(|answer| answer.find(&mail.draft));
            let legacy = found.and_then(|(thread, _)| thread.legacy.clone());
            if let Some((thread, legacy)) = mail.thread.zip(legacy) {
                tab.outcomes.located(thread, legacy);
            }
            let sign = Sign::Accepted(when);
            tab.outcomes
                .observe(mail.message, State::Unknown, sign, Signal::Wire);
        }
        if is_late {
            return;
        }
        // Whatever was asked for: no request that cancels is on record, but Gmail is known to answer
        // a change of labels with the labels that the messages have then.
        for mail in tab.session.scheduled() {
            let sign = match fate(status, answer.as_ref(), &mail.draft) {
                Fate::Draft => Sign::Draft,
                Fate::Scheduled => Sign::Accepted(When::Later),
                Fate::Sent | Fate::Failed | Fate::Unknown => continue,
            };
            tab.outcomes
                .observe(mail.message, mail.state, sign, Signal::Wire);
        }
    }
}

/// What is wanted for a message of a request, and what the worker is to know it as, if it is.
fn wish(tab: &Tab, pixels: &Pixels, outgoing: &Outgoing<'_>) -> (Wish, Option<Known>) {
    match outgoing.kind {
        Kind::Send | Kind::Scheduled => {}
        Kind::Draft => return (Wish::Clean, None),
        Kind::Other => return (Wish::Leave, None),
    }
    let draft = &outgoing.message;
    let form = tab.forms.of_draft(draft);
    let tracks = tab.tracks(form.as_deref(), draft);
    if !tracks && !tab.session.mark_untracked() {
        return (Wish::Clean, None);
    }
    let Some(fresh) = random_message() else {
        return (Wish::Clean, None);
    };
    let message = tab.message(form.as_deref(), draft, fresh);
    let wish = if tracks {
        Wish::Track(Insertion::new(pixels, message, delivery(outgoing)))
    } else {
        Wish::Clean
    };
    (wish, Some(Known { message, form }))
}

/// When an email is to be delivered, as far as its request says: at the time that was chosen for it,
/// else now.
fn delivery(outgoing: &Outgoing<'_>) -> Millis {
    let now = clock::now();
    let chosen = outgoing.date.filter(|_| outgoing.kind == Kind::Scheduled);
    chosen.map_or(now, |chosen| now.max(Millis(chosen)))
}

/// An email that the worker is to know of leaves: tells it what is really in it.
fn left(tab: &Tab, report: &Report<'_, Option<Known>>, known: &Known) -> Option<Leaving> {
    let (outgoing, message) = (&report.outgoing, known.message);
    let leaving = |thread| Leaving {
        draft: outgoing.message.clone(),
        thread,
        message,
    };
    let is_on_wire = || {
        tab.outcomes
            .observe(message, State::Unknown, Sign::Request, Signal::Wire);
    };
    if report.pixel == Pixel::Unwanted {
        worker::tell(PressUntracked {
            message: message.to_string(),
            draft: outgoing.message.clone(),
            thread: outgoing.thread.clone(),
        });
        is_on_wire();
        return Some(leaving(None));
    }
    worker::tell(Press {
        message: message.to_string(),
        draft: Some(outgoing.message.clone()),
        thread: Some(outgoing.thread.clone()),
        account_label: account_label(),
        from: outgoing.from.as_ref().map(|from| from.address.to_string()),
        subject: outgoing.subject.to_string(),
        recipients: recipients(outgoing),
        at: delivery(outgoing).0,
    });
    is_on_wire();
    if report.pixel == Pixel::Missing {
        tab.outcomes
            .observe(message, State::Unknown, Sign::ImageMissing, Signal::Wire);
        if let Some(form) = &known.form {
            form.say(Some(Status::NotTracked));
        }
        return None;
    }
    Some(leaving(Some(outgoing.thread.clone())))
}

/// Whom a message goes to: to, cc and bcc.
fn recipients(outgoing: &Outgoing<'_>) -> Vec<Recipient> {
    let mut recipients = Vec::new();
    for list in [&outgoing.to, &outgoing.cc, &outgoing.bcc] {
        for who in list {
            recipients.push(Recipient {
                address: who.address.to_string(),
                name: who.name.to_string(),
            });
        }
    }
    recipients
}
