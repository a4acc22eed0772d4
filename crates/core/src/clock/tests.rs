//! What two clocks are found to differ by.

use super::*;
use proptest::prelude::*;

fn answer(asked: i64, received: i64, date: i64) -> Lead {
    Lead::of_answer(Millis(asked), Millis(received), Millis(date)).unwrap()
}

#[test]
fn clocks_that_may_agree_are_taken_to_agree() {
    assert_eq!(answer(5_200, 5_240, 5_000).millis(), 0);
    // An answer that came at once narrows more than one that was waited for.
    assert_eq!(answer(5_200, 55_000, 54_000).millis(), 0);
    assert_eq!(answer(5_200, 5_240, 65_000).millis(), 59_760);
    assert_eq!(answer(65_200, 65_240, 5_000).millis(), -59_201);
    assert_eq!(Lead::of_answer(Millis(2), Millis(1), Millis(1)), None);
}

fn lead(millis: i64) -> Lead {
    Lead {
        least: millis - 500,
        most: millis + 500,
    }
}

fn after(answers: &[(i64, Option<i64>)]) -> Clocks {
    answers
        .iter()
        .fold(Clocks::default(), |clocks, &(millis, set)| {
            clocks.heard(Answer {
                lead: Some(lead(millis)),
                set,
                is_last: true,
            })
        })
}

#[test]
fn a_clock_that_was_set_ends_what_was_known() {
    let hour = 3_600_000;
    for (answers, run) in [
        (vec![(0, None), (100, None)], 0),
        // The server's clock, or nobody knows whose.
        (vec![(0, None), (hour, None)], 1),
        (vec![(0, None), (hour, Some(0))], 1),
        // The browser's, put back by an hour.
        (vec![(0, None), (hour, Some(-hour))], 0),
        // The computer slept for an hour, and the clocks ran on.
        (vec![(0, None), (0, Some(hour))], 0),
        (vec![(0, None), (hour, Some(hour))], 1),
    ] {
        let clocks = after(&answers);
        assert_eq!(clocks.run, run, "{answers:?}");
        assert_eq!(clocks.answers, Some(2));
        let last = lead(answers[1].0);
        assert!(clocks.lead.unwrap().both(last).is_some(), "{answers:?}");
    }
}

#[test]
fn a_lapse_is_taken_by_the_difference_of_its_own_moment() {
    let minute = 60_000;
    let ahead = 10 * minute;
    let known = |run, millis, answers| Clocks {
        lead: Some(lead(millis)),
        run,
        answers,
        set: 0,
    };
    let nothing = Clocks::default();
    let slept = Clocks {
        set: ahead,
        ..known(0, 0, None)
    };
    for (from, to, least, most) in [
        // Nothing is known of the clocks.
        ((0, nothing), (minute, nothing), minute, minute),
        (
            (0, nothing),
            (minute, known(0, ahead, None)),
            minute - ahead,
            minute - ahead,
        ),
        // The browser's clock was ten minutes ahead at the send, and was put right.
        (
            (ahead, known(0, -ahead, None)),
            (minute, known(0, 0, None)),
            minute,
            minute,
        ),
        // One of the two was set, if not both, and nobody knows which.
        (
            (ahead, known(0, -ahead, None)),
            (minute, known(1, 0, None)),
            minute - ahead - SET_MOST,
            minute + SET_MOST,
        ),
        // It was ten minutes ahead for a moment, or the computer slept.
        (
            (0, slept),
            (minute, known(0, 0, None)),
            minute,
            minute + ahead,
        ),
        // An answer in between did not bring it yet, so it came after.
        (
            (ahead, known(0, 0, Some(3))),
            (0, known(0, 0, Some(5))),
            0,
            i64::MAX,
        ),
        (
            (ahead, known(0, 0, Some(3))),
            (0, known(0, 0, Some(4))),
            -ahead,
            -ahead,
        ),
    ] {
        let (from, to) = ((Millis(from.0), from.1), (Millis(to.0), to.1));
        let lapse = Lapse::between(from, to);
        let near = |one: i64, other: i64| one.saturating_sub(other).abs() <= 1_000;
        assert!(
            near(lapse.least, least) && near(lapse.most, most),
            "{from:?} {to:?}: {lapse:?}"
        );
    }
}

proptest! {
    #[test]
    fn every_answer_narrows_towards_the_truth(
        lead in -100_000i64..100_000,
        answers in prop::collection::vec((0i64..1_000_000, 0i64..60_000, 0i64..60_000), 1..20),
    ) {
        let mut known: Option<Lead> = None;
        for (asked, there, back) in answers {
            let made = asked + there + lead;
            let told = answer(asked, asked + there + back, made - made.rem_euclid(1_000));
            prop_assert!(told.least <= lead && lead <= told.most);
            let next = known.map_or(Some(told), |known| known.both(told)).unwrap();
            prop_assert!(next.least <= lead && lead <= next.most);
            if let Some(known) = known {
                prop_assert!(next.most - next.least <= known.most - known.least);
            }
            prop_assert!(next.millis().abs() <= lead.abs());
            known = Some(next);
        }
    }
}
