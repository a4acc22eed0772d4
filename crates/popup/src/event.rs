//! One event of a message as markup.

use crate::time::time;
use kaifu_core::time::Millis;
use kaifu_l10n::{Words, events, states};
use kaifu_protocol::api::{Claim, Kind};
use kaifu_protocol::pages::{Message, Seen};
use maud::{Markup, html};

/// The newest `most` events that repeat no other.
pub(crate) fn newest(message: &Message, most: usize, now: Millis, words: &impl Words) -> Markup {
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
    let after = events::after_sending(Millis(open.at), Millis(message.sent_at), words);
    let repeats = repeats(message, place);
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
            @if let Some((count, span)) = repeats {
                p.note.repeats { (events::repeats(count, span, words)) }
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
