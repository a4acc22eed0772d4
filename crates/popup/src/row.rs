//! One tracked message as markup: its row, and the summary that is always seen.

use crate::details::details;
use crate::groups;
use crate::icon;
use crate::model::Model;
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
    let at = groups::activity(message);
    html! {
        li.message data-kaifu="message" data-kaifu-state=(state) data-message=(message.message) {
            button.summary type="button" data-action="toggle"
                aria-expanded=(expanded) aria-controls=(below) {
                span.tile { (icon::of_state(message.state)) }
                span.who { (who(&message.recipients, words)) }
                time.at datetime=(words.iso(at)) title=(words.exact(at)) {
                    (groups::row_time(message, model.now, words))
                }
                span.subject dir="auto" { (people::subject(&message.subject, words)) }
                (state_words(message, words))
            }
            div.details id=(below) hidden[!expanded] { (details(message, model, words)) }
        }
    }
}

/// The state, and how many views there were if there was more than one.
fn state_words(message: &Message, words: &impl Words) -> Markup {
    let (name, meaning) = states::keys(message.state);
    let says_nothing = matches!(message.state, State::Unseen | State::Waiting);
    let is_waiting = message.sent_by.is_none() && says_nothing;
    html! {
        span.state title=(words.text(meaning)) {
            (words.text(if is_waiting { "popup_unconfirmed" } else { name }))
            @if message.views > 1 {
                " " span.count aria-hidden="true" { (message.views) }
                span.spoken { (words.with("popup_views", &[&message.views.to_string()])) }
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
