//! The state of a tracked message, judged from everything known about it.

use crate::fetch::{Claim, Class};
use crate::time::Millis;

/// What the server reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The image was fetched.
    Pixel,
    /// A link was followed.
    Link,
    /// The recipient pressed "I've read this".
    Read,
    /// The recipient refused to be tracked.
    Refuse,
}

/// One event of a message, as far as its state hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, by the server's clock.
    pub at: Millis,
    /// Who asked.
    pub class: Class,
    /// What the server claims from the request alone.
    pub claim: Claim,
}

/// The state of a tracked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing has been seen. This does not mean that nobody read it.
    Unseen,
    /// Fetched, but by a machine or by something that cannot be told from one.
    Machine,
    /// Probably opened.
    Opened,
    /// The recipient said that they read it.
    Confirmed,
    /// The recipient refuses tracking.
    Refused,
    /// The mail left without its image.
    Untracked,
}

impl State {
    /// The name by which the page and the popup know the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Machine => "machine",
            Self::Opened => "opened",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Untracked => "untracked",
        }
    }
}

/// What an event is worth for a message that was sent at `sent_at`.
///
/// A fetch from before the send is the sender's own: writing, pasting or previewing.
#[must_use]
pub fn claim_of(event: &Event, sent_at: Millis) -> Claim {
    if event.at < sent_at {
        Claim::No
    } else {
        event.claim
    }
}

/// The state of a message sent at `sent_at`. The order of `events` does not matter.
pub fn state_of<'a>(sent_at: Millis, events: impl IntoIterator<Item = &'a Event>) -> State {
    events.into_iter().fold(State::Unseen, |state, event| {
        let seen = match (event.kind, event.claim) {
            _ if event.at < sent_at => State::Unseen,
            (EventKind::Refuse, _) => State::Refused,
            (EventKind::Read, _) => State::Confirmed,
            (EventKind::Pixel | EventKind::Link, Claim::Likely) => State::Opened,
            (EventKind::Pixel | EventKind::Link, Claim::Unknown | Claim::No) => State::Machine,
        };
        if rank(seen) > rank(state) {
            seen
        } else {
            state
        }
    })
}

const fn rank(state: State) -> u8 {
    match state {
        State::Unseen => 0,
        State::Machine => 1,
        State::Opened => 2,
        State::Confirmed => 3,
        State::Refused => 4,
        State::Untracked => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SENT: Millis = Millis(1_000);

    fn event(kind: EventKind, at: i64, claim: Claim) -> Event {
        Event {
            kind,
            at: Millis(at),
            class: Class::Human,
            claim,
        }
    }

    #[test]
    fn states_follow_the_strongest_event() {
        use EventKind::{Pixel, Read, Refuse};
        for (events, expected) in [
            (vec![], State::Unseen),
            (vec![event(Pixel, 2_000, Claim::No)], State::Machine),
            (vec![event(Pixel, 2_000, Claim::Unknown)], State::Machine),
            (vec![event(Pixel, 999, Claim::Likely)], State::Unseen),
            (vec![event(Pixel, 1_000, Claim::Likely)], State::Opened),
            (
                vec![
                    event(Pixel, 2_000, Claim::Likely),
                    event(Read, 3_000, Claim::Likely),
                ],
                State::Confirmed,
            ),
            (
                vec![
                    event(Refuse, 4_000, Claim::Likely),
                    event(Read, 3_000, Claim::Likely),
                ],
                State::Refused,
            ),
        ] {
            assert_eq!(state_of(SENT, &events), expected, "{events:?}");
        }
    }

    fn any_event() -> impl Strategy<Value = Event> {
        use EventKind::{Link, Pixel, Read, Refuse};
        let kinds = prop::sample::select(vec![Pixel, Link, Read, Refuse]);
        let claims = prop::sample::select(vec![Claim::No, Claim::Unknown, Claim::Likely]);
        (kinds, 0i64..3_000, claims).prop_map(|(kind, at, claim)| event(kind, at, claim))
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            events in prop::collection::vec(any_event(), 0..8),
            turn in 0usize..8,
        ) {
            let mut turned = events.clone();
            turned.rotate_left(turn.min(events.len()));
            prop_assert_eq!(state_of(SENT, &events), state_of(SENT, &turned));
            turned.reverse();
            prop_assert_eq!(state_of(SENT, &events), state_of(SENT, &turned));
        }

        #[test]
        fn a_machine_never_makes_it_opened(events in prop::collection::vec(any_event(), 0..8)) {
            let before = state_of(SENT, &events);
            let more: Vec<_> =
                events.into_iter().chain([event(EventKind::Pixel, 2_000, Claim::No)]).collect();
            let after = state_of(SENT, &more);
            prop_assert!(after == before || (before == State::Unseen && after == State::Machine));
        }
    }
}
