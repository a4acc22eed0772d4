use super::*;
use Outcome::{Cancelled, Scheduled, Sent, Undone, Untracked};
use Signal::{Fetch, Form, List, Toast, Wire};
use State::{Pressed, Requested, Settled, Unknown};
use When::{Later as AtATime, Now};

const SIGNS: [Sign; 9] = [
    Sign::Request,
    Sign::Refusal,
    Sign::Left,
    Sign::Accepted(Now),
    Sign::Accepted(AtATime),
    Sign::ImageMissing,
    Sign::Draft,
    Sign::Unlisted,
    Sign::UnlistedWhenDue,
];

/// What each state becomes by each of [`SIGNS`], in their order; `None` where it stays.
#[rustfmt::skip]
const CASES: [(State, [Option<State>; 9]); 13] = {
    const NONE: Option<State> = None;
    const SENT: Option<State> = Some(Settled(Sent));
    const LATER: Option<State> = Some(Settled(Scheduled));
    const REFUSED: Option<State> = Some(Settled(Outcome::Refused));
    const UNDONE: Option<State> = Some(Settled(Undone));
    const BARE: Option<State> = Some(Settled(Untracked));
    const OFF: Option<State> = Some(Settled(Cancelled));
    const REQUEST_NOW: Option<State> = Some(Requested(Now));
    const REQUEST_LATER: Option<State> = Some(Requested(AtATime));
    const REFUSE_NOW: Option<State> = Some(State::Refused(Now));
    const REFUSE_LATER: Option<State> = Some(State::Refused(AtATime));
    [
        // state                       request         refusal       left   sent   later  image  draft    unlisted when due
        (Pressed(Now),              [REQUEST_NOW,   REFUSE_NOW,   SENT,  SENT,  LATER, BARE,  NONE,    NONE,    NONE]),
        (Pressed(AtATime),          [REQUEST_LATER, REFUSE_LATER, LATER, LATER, LATER, BARE,  NONE,    NONE,    NONE]),
        (Requested(Now),            [NONE,          NONE,         SENT,  SENT,  LATER, BARE,  NONE,    NONE,    NONE]),
        (Requested(AtATime),        [NONE,          NONE,         LATER, LATER, LATER, BARE,  NONE,    NONE,    NONE]),
        (State::Refused(Now),       [NONE,          NONE,         BARE,  SENT,  LATER, BARE,  REFUSED, REFUSED, REFUSED]),
        (State::Refused(AtATime),   [NONE,          NONE,         BARE,  LATER, LATER, BARE,  REFUSED, REFUSED, REFUSED]),
        (Unknown,                   [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  UNDONE,  UNDONE,  UNDONE]),
        (Settled(Sent),             [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  UNDONE,  UNDONE,  UNDONE]),
        (Settled(Scheduled),        [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  OFF,     OFF,     NONE]),
        (Settled(Outcome::Refused), [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  NONE,    NONE,    NONE]),
        (Settled(Undone),           [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  NONE,    NONE,    NONE]),
        (Settled(Untracked),        [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  UNDONE,  UNDONE,  UNDONE]),
        (Settled(Cancelled),        [NONE,          REFUSED,      NONE,  SENT,  LATER, BARE,  NONE,    NONE,    NONE]),
    ]
};

#[test]
fn what_becomes_of_a_press_is_one_table() {
    for (state, expected) in CASES {
        assert_eq!(SIGNS.map(|sign| next(state, sign)), expected, "{state:?}");
    }
}

#[test]
fn only_what_is_known_is_reported_and_no_tab_knows_of_a_cancellation() {
    for (state, outcome, reported) in [
        (Pressed(Now), None, None),
        (Requested(AtATime), None, None),
        (Unknown, None, None),
        (
            State::Refused(Now),
            Some(Outcome::Refused),
            Some(Outcome::Refused),
        ),
        (Settled(Sent), Some(Sent), Some(Sent)),
        (Settled(Cancelled), Some(Cancelled), Some(Undone)),
    ] {
        assert_eq!(
            (state.outcome(), state.reported()),
            (outcome, reported),
            "{state:?}"
        );
    }
}

/// When it was known that the email is scheduled, and what for.
const SETTLED: Millis = Millis(1_000);
const DUE: Millis = Millis(2_000);

#[test]
fn what_is_said_of_a_mail_is_held_against_what_is_known() {
    let just_before = DUE.plus(-1);
    for (before, at, (outcome, signal), now, expected) in [
        (None, DUE, (Scheduled, Wire), SETTLED, Some(Scheduled)),
        (None, DUE, (Undone, Wire), SETTLED, Some(Undone)),
        (Some(Sent), DUE, (Undone, Form), SETTLED, Some(Undone)),
        (Some(Untracked), DUE, (Undone, Form), SETTLED, Some(Undone)),
        (Some(Outcome::Refused), DUE, (Undone, Form), SETTLED, None),
        (Some(Undone), DUE, (Undone, Wire), SETTLED, None),
        (
            Some(Scheduled),
            DUE,
            (Undone, Toast),
            just_before,
            Some(Cancelled),
        ),
        // At its time it leaves the list by itself.
        (Some(Scheduled), DUE, (Undone, Toast), DUE, None),
        (Some(Scheduled), DUE, (Undone, List), DUE, Some(Cancelled)),
        (Some(Scheduled), DUE, (Undone, Wire), DUE, Some(Cancelled)),
        // Its time is not known.
        (
            Some(Scheduled),
            SETTLED,
            (Undone, Toast),
            DUE,
            Some(Cancelled),
        ),
        (Some(Cancelled), DUE, (Undone, Form), DUE, None),
        (
            Some(Cancelled),
            DUE,
            (Scheduled, List),
            SETTLED,
            Some(Scheduled),
        ),
        (
            Some(Cancelled),
            DUE,
            (Scheduled, Fetch),
            DUE,
            Some(Scheduled),
        ),
    ] {
        let state = before.map_or(Unknown, Settled);
        let sign = Sign::reported(outcome, signal, Later::of(at, SETTLED), now);
        assert_eq!(
            next(state, sign).and_then(State::outcome),
            expected,
            "{before:?} {outcome:?} {signal:?} {now:?}"
        );
    }
}

#[test]
fn a_row_tells_something_only_beside_what_the_list_showed_before() {
    use Row::{Gone, GoneWithUndo, Listed, ListedWithUndo};
    let (unlisted, accepted) = (Some(Sign::Unlisted), Some(Sign::Accepted(AtATime)));
    for (before, expected) in [
        (Listed, [None, None, None, unlisted]),
        // What can be undone while the row still stands is something else.
        (ListedWithUndo, [None, None, None, None]),
        (Gone, [accepted, accepted, None, None]),
        (GoneWithUndo, [accepted, accepted, None, None]),
    ] {
        let rows = [Listed, ListedWithUndo, Gone, GoneWithUndo];
        assert_eq!(rows.map(|row| row.sign(before)), expected, "{before:?}");
    }
}
