//! Gmail's own requests, as the script in Gmail's world shows them: the proof that the image is in
//! the email that leaves, and what becomes of that email.
//!
//! The page can forge all of it. Nothing here does more for what it says than the page could do by
//! itself: the most it brings about is one of this account's images in an email.

use crate::forms::form::Form;
use crate::forms::toggle::Status;
use crate::outcomes::Evidence;
use crate::page::account::account_label;
use crate::page::dom::document;
use crate::tab::Tab;
use crate::worker;
use kaifu_chrome::clock;
use kaifu_core::choice::Choice;
use kaifu_core::gmail::id::{DraftId, ThreadId};
use kaifu_core::gmail::{Answer, Fate, Kind, Outgoing, Pixel, Report, Wish, amend, carried, fate};
use kaifu_core::id::MessageId;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
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
    /// Whether it is to leave, or is only saved as a draft.
    is_sent: bool,
    asked_at: Millis,
}

/// An email in a request that the worker is to know of.
struct Known {
    message: MessageId,
    /// How it is tracked, if it is.
    how: Option<Manner>,
    /// The one that it was in the form, before its draft had an id.
    replaces: Option<MessageId>,
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
            if let Some(known) = &report.value {
                leaving.extend(left(tab, report, known));
            }
        }
        for report in &amended.messages {
            let draft = &report.outgoing.message;
            // Gmail saves a draft in the request that sends it, too.
            let is_sent = |other: &Report<'_, _>| {
                other.outgoing.kind != Kind::Draft && other.outgoing.message == *draft
            };
            if report.outgoing.kind == Kind::Draft && !amended.messages.iter().any(is_sent) {
                leaving.extend(self.saved(tab, draft));
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

    /// `draft` is saved: what was asked for before is over, and no answer to that counts any more.
    fn saved(&self, tab: &Tab, draft: &DraftId) -> Option<Leaving> {
        let message = tab.session.message(draft)?;
        tab.is_draft(draft, Signal::Wire);
        for (_, leaving) in &mut *self.under_way.borrow_mut() {
            leaving.retain(|mail| mail.draft != *draft);
        }
        Some(Leaving {
            draft: draft.clone(),
            thread: None,
            message,
            is_sent: false,
            asked_at: clock::now(),
        })
    }

    /// Whether anything hangs on the answer to request `number`.
    pub(crate) fn is_awaited(&self, tab: &Tab, number: u32) -> bool {
        let is_its = |(other, _): &(u32, _)| *other == number;
        self.under_way.borrow().iter().any(is_its)
            || (number >= self.last.get() && tab.session.any_awaited())
    }

    /// Gmail's server answered request `number` with `body`.
    pub(crate) fn answered(&self, tab: &Tab, number: u32, status: &str, body: &str) {
        let mut under_way = self.under_way.borrow_mut();
        let place = under_way.iter().position(|(other, _)| *other == number);
        let leaving = place.map_or_else(Vec::new, |place| under_way.swap_remove(place).1);
        drop(under_way);
        let answer = Answer::parse(body);
        let status = status.parse().unwrap_or(0);
        for mail in leaving {
            let sign = match (fate(status, answer.as_ref(), &mail.draft), mail.is_sent) {
                (Fate::Sent, true) => Sign::Accepted(When::Now),
                (Fate::Scheduled, true) => Sign::Accepted(When::Later),
                (Fate::Draft, false) => Sign::Draft,
                // Gmail tries again under the same id, and other signs may still come.
                _ => continue,
            };
            let found = answer.as_ref().and_then(|answer| answer.find(&mail.draft));
            let legacy = found.and_then(|(thread, _)| thread.legacy.clone());
            if let Some((thread, legacy)) = mail.thread.zip(legacy) {
                tab.outcomes.located(thread, legacy);
            }
            let evidence = Evidence::answered(sign, mail.asked_at);
            tab.observe(mail.message, State::Unknown, evidence);
        }
        if number >= self.last.get() {
            check_awaited(tab, status, answer.as_ref());
        }
    }
}

/// Whatever was asked for: no request that cancels is on record, but Gmail is known to answer a
/// change of labels with the labels that the messages have then; and an email that another page sent,
/// or this one before it was loaded anew, comes with the next answers.
fn check_awaited(tab: &Tab, status: u16, answer: Option<&Answer<'_>>) {
    let now = clock::now();
    let scheduled = tab.session.scheduled().into_iter();
    let open = tab.session.open_presses().into_iter();
    let awaited = scheduled
        .map(|mail| (mail.draft, mail.message, mail.state))
        .chain(open.map(|press| (press.draft, press.message, State::Unknown)));
    for (draft, message, state) in awaited {
        let sign = match (fate(status, answer, &draft), state) {
            (Fate::Draft, State::Settled(_)) => Sign::Draft,
            (Fate::Scheduled, _) => Sign::Accepted(When::Later),
            (Fate::Sent, State::Unknown) => Sign::Accepted(When::Now),
            _ => continue,
        };
        tab.observe(message, state, Evidence::answered(sign, now));
    }
}

/// What is wanted for a message of a request, and what the worker is to know it as, if it is.
fn wish(tab: &Tab, pixels: &Pixels, outgoing: &Outgoing<'_>) -> (Wish, Option<Known>) {
    match outgoing.kind {
        Kind::Send | Kind::Scheduled => {}
        Kind::Draft => return (Wish::Clean, None),
        Kind::Other => return (Wish::Leave, None),
    }
    let (draft, session) = (&outgoing.message, &tab.session);
    let mut form = tab.forms.of_draft(draft);
    let Some(number) = session.number(Some(draft)) else {
        return (Wish::Clean, None);
    };
    let carried = carried(outgoing, pixels);
    let former = pressed_unnamed(tab, number, &carried);
    if let Some((_, pressed)) = &former {
        form = Some(pressed.clone());
    }
    let is_its = |message| message == number || former.as_ref().is_some_and(|it| it.0 == message);
    let of_it = carried.iter().filter(|(message, _)| is_its(*message));
    let evidence = of_it.map(|(_, mode)| *mode).max();
    let shown = form.as_ref().map(|form| form.shown(session));
    let shown = shown.or_else(|| session.closed(draft));
    let choices = session.choices(draft);
    let decided = choices.on_wire(shown, evidence);
    // Here it is certain whom the email goes to: the form may not have shown all of them.
    let how = decided.and_then(|how| session.allowed(how, &|| recipients(outgoing)).ok());
    // One that was pressed as tracked has a record, which must say what became of it.
    let was_tracked = evidence.is_some() || choices.was_tracked();
    if how.is_none() && !was_tracked && !session.mark_untracked() {
        return (Wish::Clean, None);
    }
    let wish = how.map_or(Wish::Clean, |how| {
        let typed = outgoing.typed().map_or("", |(_, part)| &part.html);
        let its = (number, how);
        Wish::Track(session.insertion(pixels, its, delivery(outgoing), typed))
    });
    let known = Known {
        message: number,
        how,
        replaces: former.map(|(message, _)| message),
        form,
    };
    (wish, Some(known))
}

/// The form in which the email was pressed as one to track before its draft had an id, and the
/// message that it is there: the image in the request says so.
fn pressed_unnamed(
    tab: &Tab,
    number: MessageId,
    carried: &[(MessageId, Mode)],
) -> Option<(MessageId, Rc<Form>)> {
    let is_carried = |message| carried.iter().any(|it| it.0 == message);
    let pressed = tab
        .outcomes
        .pending(&|it| it.message != number && is_carried(it.message));
    pressed.into_iter().next()
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
    let (outgoing, message, now) = (&report.outgoing, known.message, clock::now());
    let decision = Choice {
        how: known.how,
        at: now,
    };
    tab.session.press(&outgoing.message, message, decision);
    let Some(how) = known.how else {
        return left_untracked(tab, outgoing, known, now);
    };
    if let Some(before) = known.replaces {
        tab.outcomes.renumber(before, message);
    }
    tab.outcomes.leaves(message);
    worker::tell(Press {
        message: message.to_string(),
        mode: how.code(),
        draft: Some(outgoing.message.clone()),
        thread: Some(outgoing.thread.clone()),
        account_label: account_label(),
        from: outgoing.from.as_ref().map(|from| from.address.to_string()),
        subject: outgoing.subject.to_string(),
        recipients: recipients(outgoing),
        at: now.0,
        delivery: delivery(outgoing).0,
        replaces: known.replaces.map(|it| it.to_string()),
    });
    let on_wire = Evidence::shown(Sign::Request, Signal::Wire);
    tab.observe(message, State::Unknown, on_wire);
    if report.pixel == Pixel::Missing {
        let evidence = Evidence::shown(Sign::ImageMissing, Signal::Wire);
        tab.observe(message, State::Unknown, evidence);
        if let Some(form) = &known.form {
            form.say(Some(Status::NotTracked));
        }
        return None;
    }
    Some(Leaving {
        draft: outgoing.message.clone(),
        thread: Some(outgoing.thread.clone()),
        message,
        is_sent: true,
        asked_at: now,
    })
}

/// An email leaves without an image, as was decided: tells the worker so. Where it keeps no such
/// emails, only the record of a press that was to be tracked has to learn of it, and nothing else may
/// call that one sent.
fn left_untracked(
    tab: &Tab,
    outgoing: &Outgoing<'_>,
    known: &Known,
    now: Millis,
) -> Option<Leaving> {
    let message = known.message;
    let keeps = tab.session.mark_untracked();
    tab.outcomes.leaves(message);
    worker::tell(PressUntracked {
        message: message.to_string(),
        draft: outgoing.message.clone(),
        thread: outgoing.thread.clone(),
        at: Some(now.0),
    });
    let itself = Some(message).filter(|_| !keeps);
    for tracked in known.replaces.into_iter().chain(itself) {
        let evidence = Evidence::shown(Sign::ImageMissing, Signal::Wire);
        tab.observe(tracked, State::Unknown, evidence);
    }
    if !keeps {
        return None;
    }
    let on_wire = Evidence::shown(Sign::Request, Signal::Wire);
    tab.observe(message, State::Unknown, on_wire);
    Some(Leaving {
        draft: outgoing.message.clone(),
        thread: None,
        message,
        is_sent: true,
        asked_at: now,
    })
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
