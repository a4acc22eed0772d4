//! What holds whatever clocks do: each of them may be set at any time, by up to a day.

use super::*;
use crate::clock::{Answer, Lead};
use crate::time::{DAY, HOUR, MINUTE};
use proptest::prelude::*;

/// What happens in the world, in turn.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many milliseconds go by.
    Pass(i64),
    /// The browser's clock is set by so much.
    SetBrowser(i64),
    /// The server's clock is set by so much.
    SetServer(i64),
    /// The worker is stopped, and forgets what its steady clock said.
    Stop,
    /// The server answers.
    Poll,
    /// The email is sent.
    Send,
    /// The sender looks at it.
    View,
    /// A program loads the image.
    Open(Class),
}

/// The world, and what the browser has seen of it.
#[derive(Default)]
struct World {
    true_time: i64,
    browser: i64,
    server: i64,
    /// What the browser's clock was ahead of the steady one at the last answer.
    offset: Option<i64>,
    known: Clocks,
    sent: Option<Sent>,
    views: Vec<View>,
    /// On the server, and not told yet.
    waiting: Vec<Event>,
    told: Vec<Event>,
}

impl World {
    fn set(&self) -> Option<i64> {
        self.offset.map(|offset| self.browser - offset)
    }

    fn here(&self) -> (Millis, Clocks) {
        (
            Millis(self.true_time + self.browser),
            self.known.now(self.set()),
        )
    }

    fn take(&mut self, step: Step) {
        let (at, clocks) = self.here();
        match step {
            Step::Pass(millis) => self.true_time += millis,
            Step::SetBrowser(millis) => self.browser += millis,
            Step::SetServer(millis) => self.server += millis,
            Step::Stop => self.offset = None,
            Step::Poll => {
                let made = self.true_time + self.server;
                let answer = Answer {
                    lead: Lead::of_answer(at, at, Millis(made - made.rem_euclid(1_000))),
                    set: self.set(),
                    is_last: true,
                };
                self.known = self.known.heard(answer);
                self.offset = Some(self.browser);
                let clocks = self.known;
                let told = self
                    .waiting
                    .drain(..)
                    .map(|event| Event { clocks, ..event });
                self.told.extend(told);
            }
            Step::Send => {
                self.sent = Some(Sent {
                    at,
                    clocks,
                    undo: UNDO_MAX,
                    ..Sent::default()
                });
            }
            Step::View => self.views.push(View { at, clocks }),
            Step::Open(class) => self.waiting.push(Event {
                at: Millis(self.true_time + self.server),
                ..pixel(0, class)
            }),
        }
    }

    fn judgement(&self) -> Judgement {
        judge(&self.sent.unwrap(), &self.told, &self.views)
    }
}

fn is_setting(step: &Step) -> bool {
    matches!(step, Step::SetBrowser(_) | Step::SetServer(_))
}

fn setting() -> impl Strategy<Value = i64> {
    prop_oneof![10_000..DAY, -DAY..-10_000]
}

/// What may happen between two moments that count.
fn meanwhile() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        setting().prop_map(Step::SetBrowser),
        setting().prop_map(Step::SetServer),
        Just(Step::Stop),
        Just(Step::Poll),
    ];
    prop::collection::vec(step, 0..4)
}

fn story() -> impl Strategy<Value = Vec<Step>> {
    let class = || prop::sample::select(vec![Class::GmailProxy, Class::Human]);
    // Nothing falls within a second of where another verdict begins.
    let later = || prop::sample::select(vec![20_000, 50_000, 10 * MINUTE, 7 * HOUR]);
    let parts = (meanwhile(), meanwhile(), meanwhile(), meanwhile());
    (parts, later(), later(), class(), any::<bool>(), class()).prop_map(
        |((before, sent, opened, after), first, second, class, looks, other)| {
            // The account's first answer is that which made it.
            let mut steps = vec![Step::Poll];
            steps.extend(before);
            steps.extend([Step::Pass(MINUTE), Step::Send]);
            steps.extend(sent);
            steps.push(Step::Pass(first));
            if looks {
                steps.extend([Step::View, Step::Pass(5_000)]);
            }
            steps.push(Step::Open(class));
            steps.extend(opened);
            steps.push(Step::Poll);
            steps.extend(after);
            steps.extend([Step::Pass(second), Step::Open(other), Step::Poll]);
            steps
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn clocks_that_are_set_lead_to_no_wrong_state(steps in story(), end in meanwhile()) {
        let (mut world, mut right) = (World::default(), World::default());
        for &step in &steps {
            world.take(step);
            if !is_setting(&step) {
                right.take(step);
            }
            if world.told.is_empty() {
                continue;
            }
            let (judged, expected) = (world.judgement(), right.judgement());
            let cannot_tell = judged.reason == StateReason::CannotTell;
            prop_assert!(
                cannot_tell || judged.state == expected.state,
                "{:?}, with right clocks {:?}", judged, expected
            );
            for (event, expected) in judged.events.iter().zip(&expected.events) {
                let is_right = event.claim == expected.claim && event.reason == expected.reason;
                prop_assert!(is_right || event.claim == Claim::Unknown, "{:?}, {:?}", event, expected);
            }
        }
        let judged = world.judgement();
        for step in end {
            world.take(step);
            prop_assert_eq!(&world.judgement(), &judged);
        }
    }
}

#[test]
fn a_clock_that_was_set_and_seen_costs_nothing() {
    let open = [Step::Pass(60_000), Step::Open(Class::Human), Step::Poll];
    for (steps, state) in [
        // Wrong at the send, and put right before the open.
        (
            vec![
                Step::SetBrowser(10 * MINUTE),
                Step::Poll,
                Step::Send,
                Step::SetBrowser(-10 * MINUTE),
                Step::Poll,
            ],
            State::Opened,
        ),
        (
            vec![
                Step::Poll,
                Step::Send,
                Step::Poll,
                Step::SetServer(-HOUR),
                Step::Poll,
            ],
            // The open seems to be an hour before the send, but an answer came in between.
            State::Opened,
        ),
        (
            vec![Step::SetServer(HOUR), Step::Poll, Step::Send],
            State::Opened,
        ),
    ] {
        let mut world = World::default();
        for step in steps.into_iter().chain(open) {
            world.take(step);
        }
        let judged = world.judgement();
        assert_eq!(judged.state, state, "{judged:?}");
        // Whatever the browser's clock does afterwards.
        for millis in [-2 * HOUR, 5 * HOUR] {
            world.take(Step::SetBrowser(millis));
            world.take(Step::Poll);
            assert_eq!(world.judgement(), judged);
        }
    }
}
