//! What the check on the user's own Gmail ticks off.

use kaifu_options::steps::{Tick, report, steps};
use kaifu_protocol::content::{Landmarks, Signal};
use kaifu_protocol::pages::{Checked, CheckedEmail, Problem};
use kaifu_protocol::state::State;

fn checked(state: State, sent_by: Option<Signal>, is_all: bool) -> Checked {
    Checked {
        account: true,
        runtime: "wasm".to_owned(),
        email: Some(CheckedEmail {
            state,
            reason: "nothing_seen".to_owned(),
            sent_by,
            viewed: is_all,
            marked: is_all,
            arrived: false,
        }),
        ..Checked::default()
    }
}

fn ticks(checked: &Checked) -> [Tick; 8] {
    steps(checked).map(|(_, tick)| tick)
}

#[test]
fn each_thing_is_ticked_off_as_it_comes_about() {
    use Tick::{Done, Missing, Waiting};
    let none = Checked {
        account: true,
        ..Checked::default()
    };
    assert_eq!(
        ticks(&none),
        [
            Done, Waiting, Waiting, Waiting, Waiting, Waiting, Waiting, Waiting
        ]
    );
    assert_eq!(
        ticks(&checked(State::Unseen, Some(Signal::Wire), true)),
        [Done, Done, Done, Done, Done, Done, Done, Waiting]
    );
    // A receipt has no image that could be seen or not.
    let receipt = checked(State::Waiting, Some(Signal::Wire), false);
    assert_eq!(ticks(&receipt)[6], Done);
    let by_screen = checked(State::Unseen, Some(Signal::Toast), true);
    assert_eq!(
        ticks(&by_screen)[3..5],
        [Missing("check_request_missing"), Done]
    );
    let untracked = checked(State::Untracked, Some(Signal::Wire), true);
    assert_eq!(ticks(&untracked)[3], Missing("state_untracked"));
    let away = Checked {
        problem: Some(Problem::Unreachable),
        ..none
    };
    assert_eq!(ticks(&away)[0], Missing("popup_no_answer"));
}

#[test]
fn the_report_says_what_is_missing() {
    let mut checked = checked(State::Unseen, Some(Signal::Wire), false);
    checked.unfamiliar = Some(Landmarks {
        missing: vec!["send button".to_owned()],
        skeleton: "div.M9".to_owned(),
    });
    let report = report(&checked);
    for word in [
        "request: done",
        "tab: done",
        "state: unseen",
        "form: check_form_missing",
        "send button",
        "div.M9",
    ] {
        assert!(report.contains(word), "{word} is missing in {report}");
    }
}
