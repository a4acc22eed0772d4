//! What is known of a message, below its row: a sentence, and what happened, newest first.

use crate::event;
use crate::model::Model;
use crate::time::time;
use kaifu_core::state::StateReason;
use kaifu_core::time::{DAY, Millis};
use kaifu_l10n::{Words, people, states};
use kaifu_protocol::content::{Recipient, Signal};
use kaifu_protocol::pages::{Confirmed, Later, Message, Missing, Reminder};
use kaifu_protocol::state::State;
use maud::{Markup, html};

/// How many events are listed: a flood has hundreds.
const MOST_EVENTS: usize = 100;

/// How many absences of its server are listed.
const MOST_ABSENCES: usize = 3;

/// The details of `message`. While nobody sees them they have the newest event alone: a list of a
/// hundred emails has thousands.
pub(crate) fn details(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let events_shown = if model.expanded.contains(&message.message) {
        MOST_EVENTS
    } else {
        1
    };
    html! {
        p.meaning { (meaning(message, words)) }
        @if message.to_self && message.state == State::Unseen {
            p.to-self { (words.text("popup_to_self")) }
        }
        (absences(message, model, words))
        @if let Some(confirmed) = &message.confirmed {
            p.confirmed { (confirmations(confirmed, message.recipients.len(), words)) }
        }
        h3.spoken { (words.text("popup_events")) }
        ol.timeline {
            (event::newest(message, events_shown, model.now, words))
            (departure(message, model, words))
        }
        @if !model.sample {
            div.actions {
                button type="button" data-action="show" { (words.text("popup_show_in_gmail")) }
                button type="button" data-action=(if message.muted { "unmute" } else { "mute" }) {
                    (words.text(if message.muted { "popup_unmute" } else { "popup_mute" }))
                }
                button type="button" data-action="forget" { (words.text("popup_forget")) }
            }
            // A list of a hundred emails would have hundreds of choices that nobody sees.
            @if model.expanded.contains(&message.message) { (reminder(message, words)) }
        }
        p.failed role="status" {
            @if model.show_failed.as_ref() == Some(&message.message) {
                (words.text("popup_show_failed"))
            }
        }
    }
}

/// When its server did not answer.
fn absences(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let clock = |at: i64| words.clock(Millis(at), model.now);
    html! {
        @for &[from, until] in message.away.as_chunks().0.iter().rev().take(MOST_ABSENCES) {
            p.away { (words.with("popup_away", &[&clock(from), &clock(until)])) }
        }
    }
}

/// When the user is to be reminded of it, or the choice of that, while something may still come.
fn reminder(message: &Message, words: &impl Words) -> Markup {
    let missing: &[(Missing, &str, &str)] = match message.state {
        State::Unseen | State::Unsure | State::Machine => &[NO_OPEN, NO_WORD],
        State::Opened => &[NO_WORD],
        _ => &[],
    };
    let asked = message.reminder.and_then(|reminder| {
        let about = missing.iter().find(|(it, ..)| *it == reminder.missing)?;
        Some((words.date(Millis(reminder.at)), about.2))
    });
    html! {
        @if let Some((date, about)) = asked {
            p.reminder {
                (words.with("popup_reminder", &[&date, &words.text(about)])) " "
                button type="button" data-action="forget-reminder" { (words.text("popup_reminder_forget")) }
            }
        } @else if !missing.is_empty() {
            p.reminder {
                select data-action="remind" aria-label=(words.text("popup_remind")) {
                    option value="" { (words.text("popup_remind")) }
                    @for (_, value, about) in missing {
                        optgroup label=(words.text(about)) {
                            @for days in REMIND_DAYS {
                                option value=(format!("{value}:{days}")) { (words.distance(days, "day")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What can be missing, with its name in the choice and the key of its words.
const NO_OPEN: (Missing, &str, &str) = (Missing::Open, "open", "popup_remind_no_open");
const NO_WORD: (Missing, &str, &str) = (Missing::Confirmation, "word", "popup_remind_no_word");

/// After how many days the user can be reminded.
const REMIND_DAYS: [i32; 3] = [1, 3, 7];

/// The reminder that a choice stands for, made at `now`; `None` for the choice of none.
#[must_use]
pub(crate) fn chosen_reminder(value: &str, now: Millis) -> Option<Reminder> {
    let (name, days) = value.split_once(':')?;
    let missing = [NO_OPEN, NO_WORD]
        .into_iter()
        .find(|(_, known, _)| *known == name)?;
    let days: i64 = days.parse().ok()?;
    Some(Reminder {
        missing: missing.0,
        at: now.plus(DAY * days).0,
    })
}

/// What was detected, how sure that is, and what it does not say.
fn meaning(message: &Message, words: &impl Words) -> Markup {
    let reason = StateReason::from_code(&message.reason);
    // What a reason says beyond the state that it goes with.
    let adds = match message.state {
        State::Unsure | State::Machine | State::Confirmed | State::Refused => false,
        State::Opened => reason != Some(StateReason::ImageLoaded),
        State::Untracked => reason != Some(StateReason::NotTracked),
        State::Off => reason != Some(StateReason::NotAsked),
        State::Scheduled | State::Unfollowed | State::Waiting => {
            reason != Some(StateReason::NothingSeen)
        }
        State::Unseen => true,
    };
    let readers = readers(message, words);
    html! {
        strong {
            (states::name(message.state, words))
            @if message.views > 1 {
                " · " (words.with("popup_views", &[&message.views.to_string()]))
            }
            @if let Some((text, _)) = &readers { " · " (text) }
        }
        br;
        @if adds { (states::reason(&message.reason, words)) " " }
        // "Nothing was detected" is said by its reason, and better.
        @if message.state != State::Unseen { (states::meaning(message.state, words)) }
        @if let Some((_, explained)) = &readers { " " (explained) }
    }
}

/// How many confirmed, and the names that they signed with: whoever has the email can sign as anybody.
fn confirmations(confirmed: &Confirmed, recipients: usize, words: &impl Words) -> Markup {
    let Confirmed { presses, names } = confirmed;
    let presses = usize::try_from(*presses).unwrap_or(usize::MAX);
    let unsigned = presses.saturating_sub(names.len());
    html! {
        @if recipients > 1 && presses <= recipients {
            (words.with("popup_confirmed_of", &[&presses.to_string(), &recipients.to_string()]))
        } @else if presses > 1 {
            (words.with("popup_confirmed", &[&presses.to_string()]))
        } @else if names.is_empty() {
            (words.text("popup_confirmed_unsigned"))
        }
        @if !names.is_empty() {
            " " (words.text("popup_signed")) " "
            @for (place, name) in names.iter().enumerate() {
                @if place > 0 { (people::separator(words)) }
                q { bdi { (name) } }
            }
        }
        @if unsigned > 0 && presses > 1 {
            " · " (words.with("popup_unsigned", &[&unsigned.to_string()]))
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
    let explained = if readers.beyond_recipients {
        "popup_readers_beyond"
    } else {
        "popup_readers_title"
    };
    Some((text, words.text(explained)))
}

/// When it left or is to leave, to whom, from where, and how that is known.
fn departure(message: &Message, model: &Model, words: &impl Words) -> Markup {
    let key = match message.later {
        Some(Later::Timed) => "popup_scheduled",
        Some(Later::Untimed) => "popup_scheduled_at",
        None => "popup_sent",
    };
    html! {
        li.sent {
            p.line {
                strong { (words.text(key)) }
                (time(message.sent_at, model.now, words))
            }
            p.note {
                @if message.later == Some(Later::Untimed) {
                    (words.text("popup_time_unknown")) " · "
                }
                @match message.sent_by.map(evidence_key) {
                    Some(Some(key)) => (words.text(key)),
                    Some(None) => "",
                    None => (words.text("popup_unconfirmed")),
                }
            }
            (addresses(message, words))
        }
    }
}

/// Whom it went to, and from which mailbox and address.
fn addresses(message: &Message, words: &impl Words) -> Markup {
    html! {
        dl {
            dt { (words.text("popup_recipients")) }
            dd.recipients {
                @for Recipient { address, name } in &message.recipients {
                    p {
                        @if !name.is_empty() { bdi { (name) } " " }
                        bdi.address { (address) }
                    }
                }
                @if message.recipients.is_empty() { p { (people::unknown(words)) } }
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
