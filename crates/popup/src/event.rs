//! One event of a message as markup.

use crate::time::time;
use kaifu_core::time::Millis;
use kaifu_l10n::{Words, events, states};
use kaifu_protocol::api::{Claim, Kind};
use kaifu_protocol::pages::{Message, Seen};
use maud::{Markup, html};

/// The newest `most` events that repeat no other, and how many there are besides.
pub(crate) fn newest(message: &Message, most: usize, now: Millis, words: &impl Words) -> Markup {
    let newest = message.opens.iter().enumerate().rev();
    let own = newest.filter(|(_, seen)| seen.repeats.is_none());
    let all = Repeats::new(message);
    let more = own.clone().count().saturating_sub(most);
    html! {
        @for (place, seen) in own.take(most) {
            (event(message, seen, all.of(place), now, words))
        }
        @if most > 1 && more > 0 {
            li.event { p.note { (words.with("popup_and_more", &[&more.to_string()])) } }
        }
    }
}

/// How many fetches repeat each event, by its place, and when the last of them was.
struct Repeats(Vec<(u64, i64)>);

impl Repeats {
    fn new(message: &Message) -> Self {
        let mut all = vec![(0_u64, i64::MIN); message.opens.len()];
        for (place, seen) in message.opens.iter().enumerate() {
            let repeated = seen.repeats.and_then(|place| usize::try_from(place).ok());
            let itself = u64::from(repeated.is_some());
            let count = itself.saturating_add(seen.open.repeats);
            if count > 0
                && let Some(known) = all.get_mut(repeated.unwrap_or(place))
            {
                *known = (known.0.saturating_add(count), known.1.max(seen.open.at));
            }
        }
        Self(all)
    }

    /// Those of the event at `place`; `None` where it has none.
    fn of(&self, place: usize) -> Option<(u64, i64)> {
        self.0.get(place).copied().filter(|(count, _)| *count > 0)
    }
}

/// An event of the message's own, with its repeats.
fn event(
    message: &Message,
    seen: &Seen,
    repeats: Option<(u64, i64)>,
    now: Millis,
    words: &impl Words,
) -> Markup {
    let open = &seen.open;
    let fetched = matches!(open.kind, Kind::Pixel | Kind::Link);
    let after = events::after_sending(Millis(open.at), Millis(message.sent_at), words);
    html! {
        li.event data-own[seen.is_own()] data-claim=(claim_name(seen.claim)) {
            p.line {
                strong {
                    @if fetched {
                        @if open.kind == Kind::Link { (words.text("event_link")) " · " }
                        (events::source(&open.source, words))
                    } @else {
                        (words.text(event_key(seen)))
                    }
                }
                (time(open.at, now, words))
            }
            p.note {
                @if fetched {
                    span.what { (words.text(event_key(seen))) }
                    @if let Some(after) = after { " · " (after) }
                    br;
                    (states::reason(&seen.reason, words))
                } @else if let Some(after) = after { (after) }
            }
            @if let Some((count, last)) = repeats {
                p.note.repeats {
                    (events::repeats(count, Millis(last).since(Millis(open.at)), words))
                }
            }
        }
    }
}

fn event_key(seen: &Seen) -> &'static str {
    match (seen.open.kind, seen.claim) {
        _ if seen.is_own() => "event_own",
        (Kind::Read | Kind::Agree, Claim::Unknown | Claim::No) => "event_unsure",
        (Kind::Read, Claim::Likely) => "event_read",
        (Kind::Agree, Claim::Likely) => "event_agree",
        (Kind::Refuse, _) => "event_refuse",
        (Kind::Undo, _) => "event_undo",
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
