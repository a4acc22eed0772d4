use super::*;
use crate::fetch::{Claim, Class, Reason};
use crate::time::Millis;
use proptest::prelude::*;

const SENT: Millis = Millis(1_000_000);

fn event(kind: EventKind, seconds: i64, class: Class, claim: Claim) -> Event {
    Event {
        kind,
        at: SENT.plus(1_000 * seconds),
        class,
        claim,
        reason: None,
        reader: None,
        client: None,
        program: None,
    }
}

fn pixel(seconds: i64, class: Class) -> Event {
    event(EventKind::Pixel, seconds, class, Claim::Likely)
}

fn link(seconds: i64) -> Event {
    event(EventKind::Link, seconds, Class::Human, Claim::Likely)
}

fn by(reader: &str, event: Event) -> Event {
    Event {
        reader: Some(Reader::new(reader)),
        ..event
    }
}

fn judged(events: &[Event], views: &[i64]) -> Judgement {
    let views: Vec<View> = views
        .iter()
        .map(|seconds| View {
            at: SENT.plus(1_000 * seconds),
        })
        .collect();
    judge(
        &Sent {
            at: SENT,
            own_browser: Some(Program(0)),
            ..Sent::default()
        },
        events,
        &views,
    )
}

fn check(events: &[Event], views: &[i64], state: State, reason: StateReason, codes: &[&str]) {
    let judgement = judged(events, views);
    assert_eq!(
        (judgement.state, judgement.reason),
        (state, reason),
        "{events:?}"
    );
    let found: Vec<&str> = judgement
        .events
        .iter()
        .map(|judged| judged.reason.code())
        .collect();
    assert_eq!(found, codes);
}

#[test]
fn states_follow_the_strongest_event() {
    use EventKind::{Pixel, Read, Refuse};
    let no = event(Pixel, 60, Class::Bot, Claim::No);
    let unknown = event(Pixel, 60, Class::AppleMpp, Claim::Unknown);
    let read = event(Read, 90, Class::Human, Claim::Likely);
    let refuse = event(Refuse, 90, Class::Human, Claim::Likely);
    let human = pixel(60, Class::Human);
    for (events, state, reason) in [
        (vec![], State::Unseen, StateReason::NothingSeen),
        (vec![no], State::Machine, StateReason::OnlyMachines),
        (vec![no, unknown], State::Machine, StateReason::CannotTell),
        (
            vec![unknown, human],
            State::Opened,
            StateReason::ImageLoaded,
        ),
        (
            vec![human, link(90)],
            State::Opened,
            StateReason::LinkFollowed,
        ),
        (
            vec![human, read],
            State::Confirmed,
            StateReason::ReadPressed,
        ),
        (
            vec![read, refuse, human],
            State::Refused,
            StateReason::RefusePressed,
        ),
        (
            vec![pixel(-1, Class::Human)],
            State::Unseen,
            StateReason::OnlyOwn,
        ),
        (
            vec![pixel(-1, Class::Human), no],
            State::Machine,
            StateReason::OnlyMachines,
        ),
        (
            vec![pixel(0, Class::Human)],
            State::Opened,
            StateReason::ImageLoaded,
        ),
    ] {
        let judgement = judged(&events, &[]);
        assert_eq!(
            (judgement.state, judgement.reason),
            (state, reason),
            "{events:?}"
        );
    }
}

#[test]
fn the_newest_event_that_makes_the_state_decides() {
    let machine = event(EventKind::Pixel, 95, Class::Bot, Claim::No);
    let (first, second) = (pixel(10, Class::Human), pixel(90, Class::Human));
    let repeat = pixel(92, Class::Human);
    assert_eq!(
        judged(&[second, first, machine, repeat], &[]).decided_by,
        Some(0)
    );
    assert_eq!(judged(&[machine], &[]).decided_by, Some(0));
    assert_eq!(judged(&[], &[]).decided_by, None);
}

#[test]
fn a_mail_without_its_image_is_untracked_whatever_came() {
    let message = Sent {
        at: SENT,
        tracked: false,
        ..Sent::default()
    };
    let judgement = judge(&message, &[pixel(60, Class::Human)], &[]);
    assert_eq!(judgement.state, State::Untracked);
    assert_eq!(judgement.events.len(), 1);
}

#[test]
fn gmail_in_the_first_seconds_is_too_early_to_tell() {
    use StateReason::{CannotTell, ImageLoaded};
    let early = pixel(3, Class::GmailProxy);
    check(&[early], &[], State::Machine, CannotTell, &["too_early"]);
    // One window, whatever came in it.
    let repeat = pixel(7, Class::GmailProxy);
    check(
        &[early, repeat],
        &[],
        State::Opened,
        ImageLoaded,
        &["too_early", "reported"],
    );
    let late = pixel(19, Class::GmailProxy);
    check(
        &[early, late],
        &[],
        State::Opened,
        ImageLoaded,
        &["too_early", "reported"],
    );
    // A person with a browser of their own may well be that fast.
    check(
        &[pixel(3, Class::Human)],
        &[],
        State::Opened,
        ImageLoaded,
        &["reported"],
    );
}

#[test]
fn too_early_counts_from_the_delivery() {
    let code = |undo, millis| {
        let message = Sent {
            at: SENT,
            undo,
            ..Sent::default()
        };
        let event = Event {
            at: SENT.plus(millis),
            ..pixel(0, Class::GmailProxy)
        };
        judge(&message, &[event], &[]).events[0].reason.code()
    };
    for (undo, millis, expected) in [
        (0, 4_999, "too_early"),
        (0, 5_000, "reported"),
        (5_000, 9_999, "too_early"),
        (5_000, 10_000, "reported"),
        (UNDO_MAX, 34_999, "too_early"),
        (UNDO_MAX, 35_000, "reported"),
    ] {
        assert_eq!(code(undo, millis), expected, "{undo} {millis}");
    }
}

#[test]
fn the_senders_browser_in_the_moment_of_the_send_is_the_sender() {
    let own = Program::new("Chrome", "Linux");
    let message = Sent {
        at: SENT,
        own_browser: Some(own),
        ..Sent::default()
    };
    let fetch = |seconds, program| Event {
        reason: Some(Reason::Browser),
        program,
        ..pixel(seconds, Class::Human)
    };
    let code = |message: &Sent, event| {
        let judgement = judge(message, &[event], &[]);
        (judgement.state, judgement.events[0].reason.code())
    };
    let (at_send, browser) = ((State::Unseen, "at_send"), (State::Opened, "browser"));
    for seconds in [0, 2] {
        assert_eq!(code(&message, fetch(seconds, Some(own))), at_send);
    }
    // Later it may be anybody, and so may at once another browser or device.
    assert_eq!(code(&message, fetch(3, Some(own))), browser);
    for other in [
        Some(Program::new("Chrome", "Windows")),
        Some(Program::new("Edge", "Linux")),
        None,
    ] {
        assert_eq!(code(&message, fetch(0, other)), browser);
    }
    let unnamed = Sent {
        own_browser: None,
        ..message
    };
    assert_eq!(code(&unnamed, fetch(0, None)), browser);
    // The server knew the sender's address.
    let from_sender = |seconds| Event {
        claim: Claim::Unknown,
        reason: Some(Reason::SenderAddress),
        ..fetch(seconds, None)
    };
    assert_eq!(code(&unnamed, from_sender(0)), at_send);
    assert_eq!(
        code(&unnamed, from_sender(3)),
        (State::Machine, "sender_address")
    );
    // The recipient's own open afterwards counts as ever.
    let judgement = judge(&message, &[fetch(0, Some(own)), fetch(60, Some(own))], &[]);
    assert_eq!((judgement.state, judgement.views), (State::Opened, 1));
}

#[test]
fn own_views_are_kept_and_explained() {
    use StateReason::{ImageLoaded, OnlyOwn};
    let fetch = pixel(600, Class::GmailProxy);
    check(&[fetch], &[598], State::Unseen, OnlyOwn, &["own_view"]);
    check(&[fetch], &[601], State::Unseen, OnlyOwn, &["own_view"]);
    check(
        &[fetch],
        &[500, 700],
        State::Opened,
        ImageLoaded,
        &["reported"],
    );
    // A view in Gmail does not go through Yahoo.
    check(
        &[pixel(600, Class::YahooProxy)],
        &[598],
        State::Opened,
        ImageLoaded,
        &["reported"],
    );
    check(
        &[fetch, pixel(660, Class::GmailProxy)],
        &[598],
        State::Opened,
        ImageLoaded,
        &["own_view", "reported"],
    );
}

#[test]
fn clocks_that_differ_are_compared_as_one() {
    let events = [pixel(600, Class::GmailProxy)];
    let view = View {
        at: SENT.plus(540_000),
    };
    let message = Sent {
        at: SENT,
        server_ahead: 60_000,
        ..Sent::default()
    };
    assert_eq!(judge(&message, &events, &[view]).state, State::Unseen);
    let message = Sent {
        at: SENT,
        server_ahead: -60_000,
        ..Sent::default()
    };
    assert_eq!(judge(&message, &events, &[view]).state, State::Opened);
    let message = Sent {
        at: SENT,
        server_ahead: 700_000,
        ..Sent::default()
    };
    assert_eq!(judge(&message, &events, &[]).reason, StateReason::OnlyOwn);
}

#[test]
fn all_at_once_is_a_machine() {
    let scan = [pixel(60, Class::Human), link(60), link(61)];
    check(
        &scan,
        &[],
        State::Machine,
        StateReason::OnlyMachines,
        &["burst", "burst", "burst"],
    );
    let person = [pixel(60, Class::Human), link(61)];
    check(
        &person,
        &[],
        State::Opened,
        StateReason::LinkFollowed,
        &["reported", "reported"],
    );
    let slow = [pixel(60, Class::Human), link(70), link(80)];
    assert_eq!(judged(&slow, &[]).state, State::Opened);
    // With several recipients, somebody else's scan at the same moment is not this reader's.
    let two = [
        by("a", pixel(60, Class::Human)),
        by("b", link(60)),
        by("c", link(60)),
    ];
    let to = |recipients| {
        let message = Sent {
            at: SENT,
            recipients,
            ..Sent::default()
        };
        judge(&message, &two, &[]).events[0].claim
    };
    assert_eq!((to(1), to(2)), (Claim::No, Claim::Likely));
    // Gmail's proxy follows no links, so links at the same time are another's.
    let gmail = [pixel(60, Class::GmailProxy), link(60), link(61)];
    assert_eq!(judged(&gmail, &[]).events[0].claim, Claim::Likely);
}

#[test]
fn a_reader_that_also_acts_as_a_machine_is_doubted() {
    let scan = by("a", machine(60, Reason::NamedScanner));
    let get = by("a", pixel(65, Class::Human));
    check(
        &[scan, get],
        &[],
        State::Machine,
        StateReason::CannotTell,
        &["named_scanner", "near_machine"],
    );
    let other = by("b", pixel(65, Class::Human));
    assert_eq!(judged(&[scan, other], &[]).state, State::Opened);
    let later = by("a", pixel(3_600, Class::Human));
    assert_eq!(judged(&[scan, later], &[]).state, State::Opened);
}

#[test]
fn moments_are_no_programs() {
    let open = by("a", pixel(65, Class::Human));
    for moment in [Reason::HeadRequest, Reason::PrefetchHeader] {
        let before = by("a", machine(63, moment));
        assert_eq!(judged(&[before, open], &[]).state, State::Opened);
    }
    // What is younger takes nothing back.
    let scan = by("a", machine(66, Reason::NamedScanner));
    let judgement = judged(&[open, scan], &[]);
    assert_eq!(judgement.events[0].claim, Claim::Likely);
    // A scanner at the door of an office lowers nobody who opens in peace.
    let scan = by("a", machine(60, Reason::NamedScanner));
    let office: Vec<Event> = [scan]
        .into_iter()
        .chain((0..8).map(|place| by("a", pixel(63 + place, Class::Human))))
        .collect();
    let to = |recipients| {
        let message = Sent {
            at: SENT,
            recipients,
            ..Sent::default()
        };
        let judgement = judge(&message, &office, &[]);
        let claimed = judgement.events.iter();
        claimed.filter(|event| event.claim == Claim::Likely).count()
    };
    assert_eq!((to(1), to(9)), (0, 8));
    let later = by("a", pixel(71, Class::Human));
    assert_eq!(judged(&[scan, later], &[]).state, State::Opened);
}

fn machine(seconds: i64, reason: Reason) -> Event {
    Event {
        reason: Some(reason),
        ..event(EventKind::Pixel, seconds, Class::Scanner, Claim::No)
    }
}

#[test]
fn repeats_are_folded_and_kept() {
    let times = [60, 62, 85, 300, 301];
    let events: Vec<Event> = times
        .iter()
        .map(|&at| pixel(at, Class::GmailProxy))
        .collect();
    let judgement = judged(&events, &[]);
    let folded: Vec<_> = judgement
        .events
        .iter()
        .map(|judged| judged.folded_into)
        .collect();
    assert_eq!(folded, [None, Some(0), Some(0), None, Some(3)]);
    assert_eq!(judgement.views, 2);
    let two = [
        by("a", pixel(60, Class::Human)),
        by("b", pixel(61, Class::Human)),
    ];
    assert_eq!(judged(&two, &[]).views, 2);
}

#[test]
fn a_view_ends_half_a_minute_after_it_began() {
    let loads: Vec<Event> = (0..144)
        .map(|place| pixel(60 + 25 * place, Class::GmailProxy))
        .collect();
    // Every second load comes 50 s after the last view began.
    assert_eq!(judged(&loads, &[]).views, 72);
}

#[test]
fn two_services_are_two_readers() {
    let by = |service, seconds| Event {
        client: Some(Client::new(service)),
        ..pixel(seconds, Class::PrivacyProxy)
    };
    let judgement = judged(&[by("HEY", 60), by("Fastmail", 80), by("HEY", 85)], &[]);
    assert_eq!(judgement.views, 2);
    assert_eq!(judgement.readers.map(|readers| readers.estimate), Some(2));
}

#[test]
fn the_end_of_a_day_splits_nobody() {
    let midnight = crate::time::DAY;
    let at = |reader, millis, program| Event {
        at: Millis(midnight + millis),
        program: Some(Program(program)),
        ..by(reader, pixel(0, Class::Human))
    };
    let views = |events: &[Event]| {
        let message = Sent::default();
        judge(&message, events, &[]).views
    };
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 5_000, 1)]), 1);
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 5_000, 2)]), 2);
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 21_000, 1)]), 2);
    // Within a day, another reader is another one.
    assert_eq!(views(&[at("a", 1_000, 1), at("b", 5_000, 1)]), 2);
}

#[test]
fn readers_are_an_estimate() {
    let readers = |events: &[Event], recipients| {
        judge(
            &Sent {
                at: SENT,
                recipients,
                ..Sent::default()
            },
            events,
            &[],
        )
        .readers
    };
    let day = 24 * 60 * 60;
    let events = [
        by("a", pixel(60, Class::Human)),
        by("a", pixel(600, Class::Human)),
        by("b", pixel(700, Class::Human)),
        by("x", pixel(800, Class::GmailProxy)),
        by("y", pixel(900, Class::GmailProxy)),
        // The next day's keys are others, so that they say nothing about yesterday's readers.
        by("c", pixel(2 * day, Class::Human)),
    ];
    assert_eq!(
        readers(&events, 3),
        Some(Readers {
            estimate: 3,
            beyond_recipients: false
        })
    );
    assert_eq!(
        readers(&events, 1),
        Some(Readers {
            estimate: 3,
            beyond_recipients: true
        })
    );
    let bot = event(EventKind::Pixel, 60, Class::Bot, Claim::No);
    assert_eq!(readers(&[bot], 3), None);
}

#[test]
fn what_was_kept_is_judged_again_by_its_reason() {
    let kept = Event {
        reason: Some(Reason::AppleMpp),
        ..pixel(60, Class::AppleMpp)
    };
    assert_eq!(judged(&[kept], &[]).state, State::Machine);
    let newer = Event {
        reason: Some(Reason::Browser),
        claim: Claim::No,
        ..kept
    };
    assert_eq!(judged(&[newer], &[]).events[0].claim, Claim::No);
}

fn any_event() -> impl Strategy<Value = Event> {
    use Class::{AppleMpp, Bot, GmailProxy, Human, Scanner, Unknown, YahooProxy};
    use EventKind::{Link, Pixel, Read, Refuse};
    let kinds = prop::sample::select(vec![Pixel, Pixel, Pixel, Link, Link, Read, Refuse]);
    let claims = prop::sample::select(vec![Claim::No, Claim::Unknown, Claim::Likely]);
    let classes = prop::sample::select(vec![
        Human, GmailProxy, YahooProxy, AppleMpp, Scanner, Bot, Unknown,
    ]);
    let reasons = prop::option::of(prop::sample::select(Reason::ALL));
    let readers = prop::option::of(0u64..3);
    let programs = prop::option::of(0u64..2);
    let known = (reasons, readers, programs);
    (kinds, -3i64..40, classes, claims, known).prop_map(
        |(kind, seconds, class, claim, (reason, reader, program))| Event {
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
