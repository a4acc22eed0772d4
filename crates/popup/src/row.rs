//! One tracked message as markup.

use crate::model::Model;
use crate::relative;
use crate::words::{Words, named, source_key, subject_or_stand_in};
use kaifu_core::state::{Event, state_of};
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Kind, Open};
use kaifu_protocol::content::Recipient;
use kaifu_protocol::popup::{Message, Seen};
use kaifu_protocol::state::State;
use maud::{Markup, html};

/// How many recipients the folded row names.
const NAMED: usize = 2;

/// The row of `message`: a button that says the most important, and the details below it.
pub(crate) fn row(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let state = message.state.name();
    let expanded = model.expanded.contains(&message.message);
    let details = format!("details-{}", message.message);
    html! {
        li.message data-kaifu="message" data-kaifu-state=(state) data-message=(message.message) {
            button.summary type="button" data-action="toggle"
                aria-expanded=(expanded) aria-controls=(details) {
                span.icon { (icon(message.state)) }
                span.who { (who(&message.recipients, words)) }
                span.sent { (time(message.sent_at, Shown::Relative, model.now, words)) }
                span.subject dir="auto" { (subject_or_stand_in(&message.subject, words)) }
                span.state title=(named(words, "state", &format!("{state}_title"))) {
                    (named(words, "state", state))
                    @if let Some(at) = decided_at(message) {
                        " · " (time(at, Shown::Relative, model.now, words))
                    }
                }
                @if !message.confirmed_sent {
                    span.unconfirmed { (words.text("popup_unconfirmed")) }
                }
            }
            div.details id=(details) hidden[!expanded] { (unfolded(message, model, words)) }
        }
    }
}

fn unfolded(message: &Message, model: &Model, words: &impl Words) -> Markup {
    html! {
        p.meaning { (named(words, "state", &format!("{}_title", message.state.name()))) }
        dl {
            dt { (words.text("popup_recipients")) }
            dd {
                ul.recipients {
                    @for Recipient { address, name } in &message.recipients {
                        li {
                            @if !name.is_empty() { bdi { (name) } " " }
                            bdi.address { (address) }
                        }
                    }
                    @if message.recipients.is_empty() { li { (words.text("popup_no_recipients")) } }
                }
            }
            @if let Some(mailbox) = &message.mailbox {
                dt { (words.text("popup_from")) }
                dd { bdi.address { (mailbox) } }
            }
            dt { (words.text("popup_sent")) }
            dd { (time(message.sent_at, Shown::Exact, model.now, words)) }
            dt { (words.text("popup_events")) }
            dd {
                @if message.opens.is_empty() {
                    (words.text("popup_no_events"))
                } @else {
                    ol.events {
                        @for seen in message.opens.iter().rev() { (event(seen, model.now, words)) }
                    }
                }
            }
        }
        button type="button" data-action="show" { (words.text("popup_show_in_gmail")) }
        p.failed role="status" {
            @if model.show_failed.as_ref() == Some(&message.message) {
                (words.text("popup_show_failed"))
            }
        }
    }
}

fn who(recipients: &[Recipient], words: &impl Words) -> Markup {
    html! {
        @if recipients.is_empty() { (words.text("popup_no_recipients")) }
        @for (index, Recipient { address, name }) in recipients.iter().take(NAMED).enumerate() {
            @if index > 0 { ", " }
            bdi title=(address) { (if name.is_empty() { address } else { name }) }
        }
        @if recipients.len() > NAMED {
            " "
            span.more {
                (words.with("popup_and_more", &[&(recipients.len() - NAMED).to_string()]))
            }
        }
    }
}

fn event(seen: &Seen, now: Millis, words: &impl Words) -> Markup {
    let open = &seen.open;
    let by_machine_or_person = matches!(open.kind, Kind::Pixel | Kind::Link);
    html! {
        li.event data-own[seen.before_send] {
            p.when {
                (time(open.at, Shown::Exact, now, words))
            }
            p.what {
                @if seen.before_send {
                    (words.text("event_own"))
                } @else {
                    @if open.kind == Kind::Link { (words.text("event_link")) " · " }
                    (words.text(event_key(open)))
                }
            }
            @if by_machine_or_person {
                p.source { (source(open, words)) }
                @if !seen.before_send { p.reason { (reason(&open.reason, words)) } }
            }
        }
    }
}

const fn event_key(open: &Open) -> &'static str {
    match (open.kind, open.claim) {
        (Kind::Read, _) => "event_read",
        (Kind::Refuse, _) => "event_refuse",
        (Kind::Other, _) => "event_other",
        (Kind::Pixel | Kind::Link, Claim::Likely) => "event_likely",
        (Kind::Pixel | Kind::Link, Claim::Unknown) => "event_unknown",
        (Kind::Pixel | Kind::Link, Claim::No) => "event_no",
    }
}

fn source(open: &Open, words: &impl Words) -> String {
    let class = words.text(source_key(open.source.class));
    match &open.source.client {
        Some(client) if !class.contains(client.as_str()) => {
            words.with("event_source", &[&class, client])
        }
        _ => class,
    }
}

/// A newer backend may give reasons that this version has no words for.
fn reason(code: &str, words: &impl Words) -> String {
    let known = named(words, "reason", code);
    if known.is_empty() {
        words.text("reason_other")
    } else {
        known
    }
}

/// When the newest event came that alone makes the message what it is.
fn decided_at(message: &Message) -> Option<i64> {
    let counted = message.opens.iter().filter(|seen| !seen.before_send);
    counted
        .filter_map(|seen| Event::try_from(&seen.open).ok())
        .filter(|event| State::from(state_of(Millis(i64::MIN), [event])) == message.state)
        .map(|event| event.at.0)
        .max()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Exact,
    Relative,
}

fn time(at: i64, shown: Shown, now: Millis, words: &impl Words) -> Markup {
    let at = Millis(at);
    let (amount, unit) = relative::distance(at, now);
    let (exact, distance) = (words.exact(at), words.distance(amount, unit));
    let (text, title) = match shown {
        Shown::Exact => (exact, distance),
        Shown::Relative => (distance, exact),
    };
    html! { time datetime=(words.iso(at)) title=(title) { (text) } }
}

/// A drawing for each state; the text beside it says the same.
fn icon(state: State) -> Markup {
    let path = match state {
        State::Unseen => "M3 5h14v10H3zM3 5l7 6 7-6",
        State::Machine => "M5 8h10v8H5zM10 8V4M8 12h.1M12 12h.1M3 11v3M17 11v3",
        State::Opened => "M3 9l7-6 7 6v8H3zM3 9l7 5 7-5",
        State::Confirmed => "M4 11l4 4 8-10",
        State::Refused => "M10 3a7 7 0 1 0 .1 0zM5 5l10 10",
        State::Untracked => "M4 10h12",
    };
    html! {
        svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="1.8"
                stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}
