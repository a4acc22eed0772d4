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
        (State::Refused(Now),       [REQUEST_NOW,   NONE,         BARE,  SENT,  LATER, BARE,  REFUSED, REFUSED, REFUSED]),
        (State::Refused(AtATime),   [REQUEST_LATER, NONE,         BARE,  LATER, LATER, BARE,  REFUSED, REFUSED, REFUSED]),
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
        let known = Known {
            outcome: before,
            sent_at: at,
            settled_at: SETTLED,
        };
        let statement = Statement {
            since: Millis::default(),
            outcome,
            signal,
            origin: Origin::Sender,
            at: now,
        };
        assert_eq!(
            known.after(statement),
            expected,
            "{before:?} {outcome:?} {signal:?} {now:?}"
        );
    }
}

/// An email that was handed over at [`SETTLED`] − 500 and settled at [`SETTLED`].
const fn known(outcome: Option<Outcome>) -> Known {
    Known {
        outcome,
        sent_at: Millis(500),
        settled_at: SETTLED,
    }
}

#[test]
fn what_left_comes_back_only_by_who_can_know() {
    use Origin::{Other, Sender, Server};
    let (soon, late) = (SETTLED.plus(UNDO_MS), SETTLED.plus(UNDO_MS + 1));
    for (before, origin, signal, at, expected) in [
        // The draft shows up in another tab, or is saved there once more.
        (Some(Sent), Other, Form, soon, None),
        (Some(Sent), Other, Wire, soon, None),
        (Some(Sent), Other, List, late, None),
        (Some(Untracked), Other, Form, soon, None),
        (None, Other, Form, soon, None),
        (None, Other, Wire, soon, None),
        // The page that sent it sees it as a draft, while Gmail offers to undo it and after.
        (Some(Sent), Sender, Form, soon, Some(Undone)),
        (Some(Untracked), Sender, Wire, soon, Some(Undone)),
        (Some(Sent), Sender, Form, late, None),
        (None, Sender, Form, soon, Some(Undone)),
        // Gmail's server says so, to a request of after the send or before.
        (Some(Sent), Server, Wire, late, Some(Undone)),
        (Some(Sent), Server, Wire, SETTLED, None),
        (None, Server, Wire, late, Some(Undone)),
        (None, Server, Wire, Millis(500 + UNDO_MS), None),
    ] {
        let statement = Statement {
            since: Millis::default(),
            outcome: Undone,
            signal,
            origin,
            at,
        };
        assert_eq!(
            known(before).after(statement),
            expected,
            "{before:?} {statement:?}"
        );
    }
}

#[test]
fn a_late_answer_settles_nothing_that_was_taken_back_or_sent_anew() {
    for before in [Undone, Cancelled, Untracked] {
        for (at, expected) in [
            (SETTLED.plus(-1), None),
            (SETTLED, Some(Sent)),
            (SETTLED.plus(1), Some(Sent)),
        ] {
            let statement = Statement {
                since: Millis::default(),
                outcome: Sent,
                signal: Wire,
                origin: Origin::Server,
                at,
            };
            assert_eq!(known(Some(before)).after(statement), expected, "{before:?}");
        }
    }
    // Gmail went on although a dialog looked like a refusal.
    let statement = Statement {
        since: Millis::default(),
        outcome: Sent,
        signal: Wire,
        origin: Origin::Server,
        at: Millis(600),
    };
    assert_eq!(known(Some(Outcome::Refused)).after(statement), Some(Sent));
}

#[test]
fn that_it_did_not_leave_is_never_final() {
    for (outcome, expected) in [
        (Some(Outcome::Refused), Some(Millis(500))),
        (Some(Untracked), Some(Millis(500))),
        (Some(Undone), Some(SETTLED)),
        (Some(Cancelled), Some(SETTLED)),
        (Some(Sent), None),
        (Some(Scheduled), None),
        (None, None),
    ] {
        let known = known(outcome);
        assert_eq!(known.disproved_from(), expected, "{outcome:?}");
        if let Some(from) = expected {
            let statement = Statement {
                since: Millis::default(),
                outcome: Sent,
                signal: Fetch,
                origin: Origin::Server,
                at: from.plus(1).max(SETTLED),
            };
            assert_eq!(known.after(statement), Some(Sent), "{outcome:?}");
        }
    }
}

#[test]
fn a_repeated_request_never_moves_the_time_of_sending() {
    let now = Millis(700_000);
    for (before, sent_at, delivery, expected) in [
        (None, 500, now, (None, 500)),
        (Some(Sent), 500, now, (Some(Sent), 500)),
        // This time it leaves with its image.
        (Some(Untracked), 500, now, (None, 500)),
        // A press after it was taken back is a new send.
        (Some(Undone), 500, now, (None, now.0)),
        (Some(Outcome::Refused), 500, now, (None, now.0)),
        (Some(Cancelled), 500, now, (None, now.0)),
        // Another time is chosen.
        (Some(Scheduled), now.0 + 5, now.plus(9), (None, now.0 + 9)),
        (Some(Scheduled), now.0 + 5, now, (None, now.0)),
        (None, 500, now.plus(9), (None, now.0 + 9)),
        // Its time has come since.
        (Some(Scheduled), now.0, now, (Some(Scheduled), now.0)),
    ] {
        let before = Known {
            outcome: before,
            sent_at: Millis(sent_at),
            settled_at: SETTLED,
        };
        let after = Known::handed(Some(before), delivery, now);
        assert_eq!((after.outcome, after.sent_at.0), expected, "{before:?}");
    }
    let first = Known::handed(None, now, now);
    assert_eq!((first.outcome, first.sent_at), (None, now));
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
