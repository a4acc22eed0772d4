//! One tracked message as markup.

use crate::model::Model;
use crate::words::{Words, named, source_key, state_text, subject_or_stand_in};
use kaifu_core::fetch::{Class, Country};
use kaifu_core::relative;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Event, Kind};
use kaifu_protocol::content::{Recipient, Signal};
use kaifu_protocol::pages::{Later, Message, Seen};
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
                    (state_text(message, words))
                    @if let Some(at) = decided_at(message) {
                        " · " (time(at, Shown::Relative, model.now, words))
                    }
                    @if message.views > 1 {
                        " · " (words.with("popup_views", &[&message.views.to_string()]))
                    }
                    @if let Some((text, title)) = readers(message, words) {
                        " · " span title=(title) { (text) }
                    }
                }
                @if message.sent_by.is_none() {
                    span.unconfirmed { (words.text("popup_unconfirmed")) }
                }
            }
            div.details id=(details) hidden[!expanded] { (unfolded(message, model, words)) }
        }
    }
}

/// The details of `message`. While nobody sees them they end with the newest event: a list of a
/// hundred mails has thousands.
fn unfolded(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let events_shown = if model.expanded.contains(&message.message) {
        usize::MAX
    } else {
        1
    };
    html! {
        p.meaning { (reason(&message.reason, words)) }
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
            @if let Some(alias) = &message.alias {
                dt { (words.text("popup_alias")) }
                dd { bdi.address { (alias) } }
            }
            dt {
                (words.text(match message.later {
                    Some(Later::Timed) => "popup_scheduled",
                    Some(Later::Untimed) => "popup_scheduled_at",
                    None => "popup_sent",
                }))
            }
            dd {
                (time(message.sent_at, Shown::Exact, model.now, words))
                @if message.later == Some(Later::Untimed) {
                    " · " (words.text("popup_time_unknown"))
                }
                @if let Some(key) = message.sent_by.and_then(evidence_key) {
                    " · " (words.text(key))
                }
            }
            dt { (words.text("popup_events")) }
            dd {
                @if message.opens.is_empty() {
                    (words.text("popup_no_events"))
                } @else {
                    ol.events {
                        (events(message, events_shown, model.now, words))
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

/// The key of the words for how it is known that a mail left.
const fn evidence_key(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::Wire => Some("popup_sent_wire"),
        Signal::Toast => Some("popup_sent_toast"),
        Signal::List => Some("popup_sent_list"),
        Signal::Form | Signal::Dialog | Signal::Typing | Signal::Editor | Signal::Fetch => None,
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

/// The estimate of readers and its explanation, where it says something: one reader of a mail to
/// one recipient goes without saying.
fn readers(message: &Message, words: &impl Words) -> Option<(String, String)> {
    let readers = message.readers?;
    if message.recipients.len() < 2 && !readers.beyond_recipients {
        return None;
    }
    let text = match readers.estimate {
        1 => words.text("popup_reader"),
        several => words.with("popup_readers", &[&several.to_string()]),
    };
    let title = if readers.beyond_recipients {
        "popup_readers_beyond"
    } else {
        "popup_readers_title"
    };
    Some((text, words.text(title)))
}

/// The newest `most` events that repeat no other.
fn events(message: &Message, most: usize, now: Millis, words: &impl Words) -> Markup {
    let newest = message.opens.iter().enumerate().rev();
    let own = newest.filter(|(_, seen)| seen.repeats.is_none());
    html! {
        @for (place, seen) in own.take(most) { (event(message, place, seen, now, words)) }
    }
}

/// The event at `place` among the message's own, with its repeats.
fn event(message: &Message, place: usize, seen: &Seen, now: Millis, words: &impl Words) -> Markup {
    let open = &seen.open;
    let fetched = matches!(open.kind, Kind::Pixel | Kind::Link);
    let after = Millis(open.at).since(Millis(message.sent_at));
    let repeats = repeats(message, place);
    html! {
        li.event data-own[seen.is_own()] data-claim=(claim_name(seen.claim)) {
            p.when {
                (time(open.at, Shown::Exact, now, words))
                @if after >= 0 {
                    @let (amount, unit) = relative::length(after);
                    " · " (words.with("event_after", &[&words.amount(amount, unit)]))
                }
            }
            p.what {
                @if open.kind == Kind::Link { (words.text("event_link")) " · " }
                (words.text(event_key(seen)))
            }
            @if fetched {
                p.source { (source(open, words)) }
                p.reason { (reason(&seen.reason, words)) }
            }
            @if let Some((count, span)) = repeats {
                @let (amount, unit) = relative::within(span);
                p.repeats {
                    (words.with("event_repeats", &[&count.to_string(), &words.amount(amount, unit)]))
                }
            }
        }
    }
}

/// How many events repeat the one at `place`, and over how many milliseconds.
fn repeats(message: &Message, place: usize) -> Option<(usize, i64)> {
    let first = message.opens.get(place)?;
    let of_first = |seen: &&Seen| {
        seen.repeats
            .is_some_and(|repeated| usize::try_from(repeated) == Ok(place))
    };
    let count = message.opens.iter().filter(of_first).count();
    let last = message
        .opens
        .iter()
        .filter(of_first)
        .map(|seen| seen.open.at)
        .max()?;
    Some((count, Millis(last).since(Millis(first.open.at))))
}

fn event_key(seen: &Seen) -> &'static str {
    match (seen.open.kind, seen.claim) {
        _ if seen.is_own() => "event_own",
        (Kind::Read, _) => "event_read",
        (Kind::Refuse, _) => "event_refuse",
        (Kind::Other, _) => "event_other",
        (Kind::Pixel | Kind::Link, Claim::Likely) => "event_likely",
        (Kind::Pixel | Kind::Link, Claim::Unknown) => "event_unknown",
        (Kind::Pixel | Kind::Link, Claim::No) => "event_no",
    }
}

const fn claim_name(claim: Claim) -> &'static str {
    match claim {
        Claim::Likely => "likely",
        Claim::Unknown => "unknown",
        Claim::No => "no",
    }
}

/// The program, and for a reader's own one what is known of the device and its network.
fn source(open: &Event, words: &impl Words) -> String {
    let source = &open.source;
    let class = words.text(source_key(source.class));
    let mut text = match &source.client {
        Some(client) if !class.contains(client.as_str()) => {
            words.with("event_source", &[&class, client])
        }
        _ => class,
    };
    // Whatever a backend says, a mail service's device and place are nobody's.
    if !Class::from(source.class).is_proxy() {
        let country = source.country.as_deref().and_then(Country::new);
        let place = country.map(|country| words.with("event_place", &[&words.country(country)]));
        for part in source.device.iter().chain(&place) {
            text.push_str(" · ");
            text.push_str(part);
        }
    }
    text
}

/// A newer worker may give reasons that this page has no words for.
fn reason(code: &str, words: &impl Words) -> String {
    let known = named(words, "reason", code);
    if known.is_empty() {
        words.text("reason_reported")
    } else {
        known
    }
}

/// When the newest event came that makes the message what it is; a repeat makes nothing.
fn decided_at(message: &Message) -> Option<i64> {
    let decides = |seen: &&Seen| {
        let fetched = matches!(seen.open.kind, Kind::Pixel | Kind::Link);
        match message.state {
            State::Unseen | State::Untracked => false,
            State::Machine => fetched && !seen.is_own(),
            State::Opened => fetched && seen.claim == Claim::Likely,
            State::Confirmed => seen.open.kind == Kind::Read && !seen.is_own(),
            State::Refused => seen.open.kind == Kind::Refuse,
        }
    };
    message
        .opens
        .iter()
        .filter(|seen| seen.repeats.is_none())
        .filter(decides)
        .map(|seen| seen.open.at)
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
