mod clocks;
mod laws;
mod own;
mod views;

use super::*;
use crate::clock::Clocks;
use crate::fetch::{Claim, Class, Reason};
use crate::id::EventId;
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
            clocks: Clocks::default(),
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

fn press(kind: EventKind, id: u8, seconds: i64) -> Event {
    Event {
        id: Some(EventId([id; 8])),
        ..event(kind, seconds, Class::Human, Claim::Likely)
    }
}

fn undo(of: u8, seconds: i64) -> Event {
    Event {
        of: Some(EventId([of; 8])),
        ..press(EventKind::Undo, of + 100, seconds)
    }
}

#[test]
fn what_is_taken_back_is_as_if_it_had_never_been() {
    use EventKind::{Agree, Read, Refuse};
    for (kind, state, reason, code) in [
        (
            Read,
            State::Confirmed,
            StateReason::ReadPressed,
            "read_pressed",
        ),
        (
            Agree,
            State::Confirmed,
            StateReason::AgreePressed,
            "agree_pressed",
        ),
        (
            Refuse,
            State::Refused,
            StateReason::RefusePressed,
            "refuse_pressed",
        ),
    ] {
        let pressed = press(kind, 1, 60);
        check(&[pressed], &[], state, reason, &[code]);
        let nothing = (State::Unseen, StateReason::NothingSeen);
        let taken = &["taken_back", "undo_pressed"];
        check(&[pressed, undo(1, 70)], &[], nothing.0, nothing.1, taken);
        // Another press stands, and an open that was seen before.
        check(
            &[press(kind, 2, 60), undo(1, 70)],
            &[],
            state,
            reason,
            &[code, "undo_pressed"],
        );
        let opened = [pixel(30, Class::Human), pressed, undo(1, 70)];
        assert_eq!(judged(&opened, &[]).state, State::Opened);
    }
}

#[test]
fn a_press_that_may_be_a_machines_confirms_nothing() {
    for kind in [EventKind::Read, EventKind::Agree] {
        let quick = Event {
            claim: Claim::Unknown,
            reason: Some(Reason::QuickPress),
            ..press(kind, 1, 60)
        };
        let machine = (State::Machine, StateReason::CannotTell);
        check(&[quick], &[], machine.0, machine.1, &["quick_press"]);
        let again = [quick, press(kind, 2, 62)];
        assert_eq!(judged(&again, &[]).state, State::Confirmed);
    }
}
