//! One tracked message as markup: its row, and the summary that is always seen.

use crate::details::details;
use crate::model::Model;
use crate::time::{Shown, time};
use kaifu_l10n::{Words, people, states};
use kaifu_protocol::content::Recipient;
use kaifu_protocol::pages::Message;
use kaifu_protocol::state::State;
use maud::{Markup, html};

/// How many recipients the folded row names.
const NAMED: usize = 2;

/// The row of `message`: a button that says the most important, and the details below it.
pub(crate) fn row(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let state = message.state.name();
    let expanded = model.expanded.contains(&message.message);
    let below = format!("details-{}", message.message);
    html! {
        li.message data-kaifu="message" data-kaifu-state=(state) data-message=(message.message) {
            button.summary type="button" data-action="toggle"
                aria-expanded=(expanded) aria-controls=(below) {
                span.icon { (icon(message.state)) }
                span.who { (who(&message.recipients, words)) }
                span.sent { (time(message.sent_at, Shown::Relative, model.now, words)) }
                span.subject dir="auto" { (people::subject(&message.subject, words)) }
                (state_line(message, model, words))
                @if message.sent_by.is_none() {
                    span.unconfirmed { (words.text("popup_unconfirmed")) }
                }
            }
            div.details id=(below) hidden[!expanded] { (details(message, model, words)) }
        }
    }
}

/// The state, since when, and how often and by how many it was viewed.
fn state_line(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let (name, meaning) = states::keys(message.state);
    html! {
        span.state title=(words.text(meaning)) {
            (words.text(name))
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
    }
}

fn who(recipients: &[Recipient], words: &impl Words) -> Markup {
    html! {
        @if recipients.is_empty() { (people::unknown(words)) }
        @for (index, recipient) in recipients.iter().take(NAMED).enumerate() {
            @if index > 0 { (people::separator(words)) }
            bdi title=(recipient.address) { (people::name(recipient)) }
        }
        @if recipients.len() > NAMED {
            " "
            span.more {
                (words.with("popup_and_more", &[&(recipients.len() - NAMED).to_string()]))
            }
        }
    }
}

/// The estimate of readers and its explanation, where it says something: one reader of an email to
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

/// When the event came that decided the state.
fn decided_at(message: &Message) -> Option<i64> {
    let place = usize::try_from(message.decided_by?).ok()?;
    Some(message.opens.get(place)?.open.at)
}

/// A drawing for each state; the text beside it says the same.
fn icon(state: State) -> Markup {
    let path = match state {
        State::Unseen => "M3 5h14v10H3zM3 5l7 6 7-6",
        State::Machine => "M5 8h10v8H5zM10 8V4M8 12h.1M12 12h.1M3 11v3M17 11v3",
        State::Opened => "M3 9l7-6 7 6v8H3zM3 9l7 5 7-5",
        State::Confirmed => "M4 11l4 4 8-10",
        State::Refused => "M10 3a7 7 0 1 0 .1 0zM5 5l10 10",
        State::Unsure => "M5 8h10v8H5zM10 8V4M8 12h.1M3 11v3",
        State::Untracked => "M4 10h12M4 5l12 10",
        State::Off => "M4 10h12",
        State::Scheduled => "M10 3a7 7 0 1 0 .1 0zM10 6v4l3 2",
        State::Unfollowed => "M10 3a7 7 0 1 0 .1 0zM7 7v6M13 7v6",
    };
    html! {
        svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" {
            path d=(path) fill="none" stroke="currentColor" stroke-width="1.8"
                stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}
