//! What is known of a message, below its row.

use crate::event;
use crate::model::Model;
use crate::time::{Shown, time};
use kaifu_l10n::{Words, people, states};
use kaifu_protocol::content::{Recipient, Signal};
use kaifu_protocol::pages::{Later, Message};
use maud::{Markup, html};

/// The details of `message`. While nobody sees them they end with the newest event: a list of a
/// hundred emails has thousands.
pub(crate) fn details(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let events_shown = if model.expanded.contains(&message.message) {
        usize::MAX
    } else {
        1
    };
    html! {
        p.meaning { (states::reason(&message.reason, words)) }
        dl {
            (addresses(message, words))
            (departure(message, model, words))
            dt { (words.text("popup_events")) }
            dd {
                @if message.opens.is_empty() {
                    (words.text("popup_no_events"))
                } @else {
                    ol.events { (event::newest(message, events_shown, model.now, words)) }
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

/// Whom it went to, and from which mailbox and address.
fn addresses(message: &Message, words: &impl Words) -> Markup {
    html! {
        dt { (words.text("popup_recipients")) }
        dd {
            ul.recipients {
                @for Recipient { address, name } in &message.recipients {
                    li {
                        @if !name.is_empty() { bdi { (name) } " " }
                        bdi.address { (address) }
                    }
                }
                @if message.recipients.is_empty() { li { (people::unknown(words)) } }
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
    }
}

/// When it left or is to leave, and how that is known.
fn departure(message: &Message, model: &Model, words: &impl Words) -> Markup {
    html! {
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
    }
}

/// The key of the words for how it is known that an email left.
const fn evidence_key(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::Wire => Some("popup_sent_wire"),
        Signal::Toast => Some("popup_sent_toast"),
        Signal::List => Some("popup_sent_list"),
        Signal::Form | Signal::Dialog | Signal::Typing | Signal::Editor | Signal::Fetch => None,
    }
}
