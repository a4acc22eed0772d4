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

/// Numbers that are the same in every run and on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn event(&mut self) -> Event {
        use EventKind::{Agree, Link, Pixel, Read, Refuse, Undo};
        let kind = self.one_of(&[Pixel, Pixel, Pixel, Pixel, Link, Read, Refuse, Agree, Undo]);
        let claim = self.one_of(&[Claim::No, Claim::Unknown, Claim::Likely, Claim::Likely]);
        let seconds =
            self.one_of(&[-5, 1, 4, 20, 40, 90, 1_000, 90_000]) + self.below(9).cast_signed();
        let class = self.one_of(Class::ALL);
        Event {
            id: self.maybe(|it| EventId([it.below(3).to_le_bytes()[0]; 8])),
            of: self.maybe(|it| EventId([it.below(3).to_le_bytes()[0]; 8])),
            reason: self.maybe(|it| it.one_of(Reason::ALL)),
            reader: self.maybe(|it| Reader(it.below(3))),
            program: self.maybe(|it| Program(it.below(2))),
            others: u64::from(self.below(20) == 0),
            ..event(kind, seconds, class, claim)
        }
    }
}

/// What browsers keep of judgements is made anew when [`RULES_VERSION`] grows.
#[test]
fn a_judgement_that_changes_takes_the_next_version() {
    let mut numbers = Numbers(7);
    let mut all = 0xcbf2_9ce4_8422_2325_u64;
    for _ in 0..4_000 {
        let events: Vec<Event> = (0..numbers.below(9)).map(|_| numbers.event()).collect();
        let views: Vec<i64> = (0..numbers.below(3))
            .map(|_| numbers.below(2_000).cast_signed())
            .collect();
        let judgement = judged(&events, &views);
        let codes = judgement
            .events
            .iter()
            .map(|it| (it.claim, it.reason.code(), it.folded_into));
        let codes: Vec<_> = codes.collect();
        let text = format!(
            "{:?} {} {codes:?}",
            judgement.state,
            judgement.reason.code()
        );
        for byte in text.bytes() {
            all = (all ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    assert_eq!(
        (RULES_VERSION, all),
        (1, 0x01f3_8fe5_2b5e_b5fc),
        "a judgement has changed: take the next version"
    );
}
