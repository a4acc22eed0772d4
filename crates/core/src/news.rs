//! Which events are worth telling the user about at once.

use crate::fetch::Claim;
use crate::state::{Event, EventKind, Judgement, State};

/// What a notification may say, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum News {
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
/// Only what may be claimed is told, and each view once, whichever of its fetches came first.
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
                EventKind::Pixel | EventKind::Link => Some(News::Opened),
                EventKind::Read => Some(News::Confirmed),
                EventKind::Refuse => Some(News::Refused),
                EventKind::Agree | EventKind::Undo => None,
            };
            news.filter(|_| !before)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clocks;
    use crate::fetch::Class;
    use crate::state::{Sent, View, judge};
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
        check(&apart, &[], &[true, false], &[None, opened]);
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
