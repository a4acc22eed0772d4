//! What holds whatever came.

use super::*;

use proptest::prelude::*;

fn any_event() -> impl Strategy<Value = Event> {
    use Class::{AppleMpp, Bot, GmailProxy, Human, Scanner, Unknown, YahooProxy};
    use EventKind::{Agree, Link, Pixel, Read, Refuse, Undo};
    let kinds = vec![Pixel, Pixel, Pixel, Link, Link, Read, Refuse, Agree, Undo];
    let kinds = prop::sample::select(kinds);
    let claims = prop::sample::select(vec![Claim::No, Claim::Unknown, Claim::Likely]);
    let classes = prop::sample::select(vec![
        Human, GmailProxy, YahooProxy, AppleMpp, Scanner, Bot, Unknown,
    ]);
    let reasons = prop::option::of(prop::sample::select(Reason::ALL));
    let readers = prop::option::of(0u64..3);
    let programs = prop::option::of(0u64..2);
    let known = (reasons, readers, programs);
    let id = || prop::option::of((0u8..3).prop_map(|id| EventId([id; 8])));
    (kinds, -3i64..40, classes, claims, known, (id(), id())).prop_map(
        |(kind, seconds, class, claim, (reason, reader, program), (id, of))| Event {
            id,
            of,
            reason,
            reader: reader.map(Reader),
            program: program.map(Program),
            ..event(kind, seconds, class, claim)
        },
    )
}

fn any_machine() -> impl Strategy<Value = Event> {
    any_event().prop_map(|event| Event {
        kind: if event.kind == EventKind::Link {
            event.kind
        } else {
            EventKind::Pixel
        },
        claim: event.claim.min(Claim::Unknown),
        ..event
    })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        events in prop::collection::vec(any_event(), 0..10),
        mut views in prop::collection::vec(-3i64..40, 0..3),
        seed: u64,
    ) {
        let before = judged(&events, &views);
        let mut shuffled: Vec<(u64, usize)> = (0..events.len())
            .map(|index| (seed.wrapping_mul(index as u64 + 1).rotate_left(17) ^ seed, index))
            .collect();
        shuffled.sort_unstable();
        let turned: Vec<Event> = shuffled.iter().map(|&(_, index)| events[index]).collect();
        views.reverse();
        let after = judged(&turned, &views);
        prop_assert_eq!(before.state, after.state);
        prop_assert_eq!(before.reason, after.reason);
        prop_assert_eq!(before.views, after.views);
        prop_assert_eq!(before.readers, after.readers);
        let decided = |judgement: &Judgement| {
            judgement.decided_by.map(|index| judgement.events[index].reason)
        };
        prop_assert_eq!(decided(&before), decided(&after));
        for (place, &(_, index)) in shuffled.iter().enumerate() {
            prop_assert_eq!(after.events[place].claim, before.events[index].claim);
            prop_assert_eq!(after.events[place].reason, before.events[index].reason);
        }
    }

    #[test]
    fn more_machines_never_make_it_opened(
        events in prop::collection::vec(any_event(), 0..8),
        machines in prop::collection::vec(any_machine(), 1..5),
    ) {
        let before = judged(&events, &[]);
        let more: Vec<Event> = events.iter().chain(&machines).copied().collect();
        let after = judged(&more, &[]);
        prop_assert!(
            after.state <= before.state || (before.state == State::Unseen && after.state == State::Machine)
        );
        for (before, after) in before.events.iter().zip(&after.events) {
            prop_assert!(after.claim <= before.claim);
        }
    }

    #[test]
    fn own_views_never_make_it_opened(
        events in prop::collection::vec(any_event(), 0..8),
        views in prop::collection::vec(-3i64..40, 1..4),
    ) {
        prop_assert!(judged(&events, &views).state <= judged(&events, &[]).state);
    }

    #[test]
    fn nothing_is_dropped(events in prop::collection::vec(any_event(), 0..10)) {
        let judgement = judged(&events, &[]);
        prop_assert_eq!(judgement.events.len(), events.len());
        for judged in &judgement.events {
            if let Some(first) = judged.folded_into {
                prop_assert_eq!(judgement.events[first].folded_into, None);
                prop_assert_eq!(judgement.events[first].claim, judged.claim);
            }
        }
    }
}
