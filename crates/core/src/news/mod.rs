//! Which events are worth telling the user about at once, and how.

mod wishes;

pub use wishes::{Again, Manner, Quiet, Wishes};

use crate::fetch::Claim;
use crate::state::{Event, EventKind, Judgement, State};

/// An open is told anew only when none came for so long, in milliseconds.
const QUIET_MS: i64 = 1_800_000;

/// What a notification may say, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
    /// The email was probably opened, and not for the first time.
    Reopened,
    /// The email was probably opened.
    Opened,
    /// The recipient said that they read it.
    Confirmed,
    /// The recipient refused tracking.
    Refused,
}

/// What to tell of each of the `events` that `judgement` is about, where `handled` says which
/// of them the user was told of before, or did not need to be.
///
/// Only what may be claimed is told, and each view once, whichever of its fetches came first. Whoever
/// opens an email again and again is told of once, until it has been quiet.
///
/// # Panics
///
/// When the three are not about the same events.
#[must_use]
pub fn news(events: &[Event], judgement: &Judgement, handled: &[bool]) -> Vec<Option<News>> {
    assert!(
        events.len() == judgement.events.len() && events.len() == handled.len(),
        "each event has a judgement and is handled or not"
    );
    let view = |index: usize| judgement.events[index].folded_into.unwrap_or(index);
    let mut told = vec![false; events.len()];
    for index in (0..events.len()).filter(|&index| handled[index]) {
        told[view(index)] = true;
    }
    (0..events.len())
        .map(|index| {
            let claimed = judgement.events[index].claim == Claim::Likely;
            let is_none = handled[index] || !claimed || events[index].is_count();
            if is_none || judgement.state == State::Untracked {
                return None;
            }
            let before = std::mem::replace(&mut told[view(index)], true);
            let news = match events[index].kind {
                EventKind::Pixel | EventKind::Link if was_opened(events, judgement, index) => {
                    Some(News::Reopened)
                }
                EventKind::Pixel | EventKind::Link => Some(News::Opened),
                EventKind::Read => Some(News::Confirmed),
                EventKind::Refuse => Some(News::Refused),
                EventKind::Agree | EventKind::Undo => None,
            };
            let is_repeat = events[index].kind.is_fetch() && repeats(events, judgement, index);
            news.filter(|_| !before && !is_repeat)
        })
        .collect()
}

/// Whether the email was probably opened before the event at `index`, by whomever.
fn was_opened(events: &[Event], judgement: &Judgement, index: usize) -> bool {
    let at = events[index].at;
    let mut all = events.iter().zip(&judgement.events);
    all.any(|(other, judged)| {
        judged.claim == Claim::Likely && other.kind.is_fetch() && !other.is_count() && other.at < at
    })
}

/// Whether what may be the same person opened the email shortly before the event at `index`.
fn repeats(events: &[Event], judgement: &Judgement, index: usize) -> bool {
    let event = &events[index];
    let is_same_person = |other: &Event| match (other.reader, event.reader) {
        (Some(other), Some(reader)) => other == reader,
        _ => true,
    };
    let mut all = events.iter().zip(&judgement.events).enumerate();
    all.any(|(place, (other, judged))| {
        place != index
            && judged.claim == Claim::Likely
            && other.kind.is_fetch()
            && is_same_person(other)
            && (1..QUIET_MS).contains(&event.at.since(other.at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clocks;
    use crate::fetch::Class;
    use crate::state::{Reader, Sent, View, judge};
    use crate::time::Millis;

    const SENT: Millis = Millis(1_000_000);

    fn event(kind: EventKind, seconds: i64, class: Class, claim: Claim) -> Event {
        Event {
            id: None,
            of: None,
            kind,
            at: SENT.plus(1_000 * seconds),
            class,
            claim,
            reason: None,
            reader: None,
            client: None,
            program: None,
            others: 0,
            clocks: Clocks::default(),
        }
    }

    fn pixel(seconds: i64, class: Class) -> Event {
        event(EventKind::Pixel, seconds, class, Claim::Likely)
    }

    fn check(events: &[Event], views: &[i64], handled: &[bool], expected: &[Option<News>]) {
        let sent = Sent {
            at: SENT,
            ..Sent::default()
        };
        let views: Vec<View> = views
            .iter()
            .map(|seconds| View {
                at: SENT.plus(1_000 * seconds),
                clocks: Clocks::default(),
            })
            .collect();
        let judgement = judge(&sent, events, &views);
        assert_eq!(news(events, &judgement, handled), expected, "{events:?}");
    }

    #[test]
    fn only_what_may_be_claimed_is_news() {
        use Class::{AppleMpp, Bot, GmailProxy, Human};
        use EventKind::{Link, Pixel, Read, Refuse};
        let (opened, confirmed) = (Some(News::Opened), Some(News::Confirmed));
        for (event, views, expected) in [
            (pixel(60, GmailProxy), vec![], opened),
            (event(Link, 60, Human, Claim::Likely), vec![], opened),
            (event(Read, 60, Human, Claim::Unknown), vec![], confirmed),
            (
                event(Refuse, 60, Human, Claim::Unknown),
                vec![],
                Some(News::Refused),
            ),
            (event(Pixel, 60, AppleMpp, Claim::Unknown), vec![], None),
            (event(Pixel, 60, Bot, Claim::No), vec![], None),
            (pixel(-1, Human), vec![], None),
            // Gmail's proxy in the first seconds is too early to tell; a person's browser is not.
            (pixel(3, GmailProxy), vec![], None),
            (pixel(3, Human), vec![], opened),
            (pixel(60, GmailProxy), vec![59], None),
            (pixel(60, GmailProxy), vec![30], opened),
        ] {
            check(&[event], &views, &[false], &[expected]);
            check(&[event], &views, &[true], &[None]);
        }
    }

    #[test]
    fn a_view_is_told_once_whichever_fetch_comes_first() {
        let opened = Some(News::Opened);
        let near = [pixel(60, Class::Human), pixel(70, Class::Human)];
        check(&near, &[], &[false, false], &[opened, None]);
        check(&near, &[], &[true, false], &[None, None]);
        check(&near, &[], &[false, true], &[None, None]);
        let apart = [pixel(60, Class::Human), pixel(3_600, Class::Human)];
        check(&apart, &[], &[true, false], &[None, Some(News::Reopened)]);
        let early = [pixel(3, Class::GmailProxy), pixel(60, Class::GmailProxy)];
        check(&early, &[], &[true, false], &[None, opened]);
        let read = event(EventKind::Read, 61, Class::Human, Claim::Likely);
        check(
            &[near[0], read],
            &[],
            &[true, false],
            &[None, Some(News::Confirmed)],
        );
    }

    #[test]
    fn whoever_opens_it_again_and_again_is_told_of_once() {
        let opened = Some(News::Opened);
        let minutes = |minutes: i64| pixel(60 * minutes, Class::Human);
        let often = [minutes(1), minutes(20), minutes(40), minutes(90)];
        let again = Some(News::Reopened);
        check(&often, &[], &[false; 4], &[opened, None, None, again]);
        check(
            &often,
            &[],
            &[true, true, false, false],
            &[None, None, None, again],
        );
        let by = |reader, event: Event| Event {
            reader: Some(Reader::new(reader)),
            ..event
        };
        let two = [
            by("a", minutes(1)),
            by("b", minutes(20)),
            by("a", minutes(25)),
        ];
        check(&two, &[], &[false; 3], &[opened, again, None]);
    }

    #[test]
    fn a_mail_without_its_image_makes_no_news() {
        let events = [pixel(60, Class::Human)];
        let sent = Sent {
            at: SENT,
            tracked: false,
            ..Sent::default()
        };
        assert_eq!(news(&events, &judge(&sent, &events, &[]), &[false]), [None]);
    }

    #[test]
    fn the_count_of_a_flood_is_no_news() {
        let flood = Event {
            others: 70,
            ..pixel(300, Class::Human)
        };
        check(&[flood], &[], &[false], &[None]);
        check(
            &[pixel(60, Class::Human), flood],
            &[],
            &[true, false],
            &[None, None],
        );
    }
}
