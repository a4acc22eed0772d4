//! What a screen reader says.

use crate::locale::Locale;
use crate::sample::{NOW, message, overview};
use kaifu_popup::live_region;
use kaifu_protocol::pages::Later;
use kaifu_protocol::state::State;

#[test]
fn changes_are_spoken_and_growth_is_not() {
    let one = message("AAAAAAAAAAA", "One", State::Unseen);
    let mut one_opened = one.clone();
    one_opened.state = State::Opened;
    let mut newer = message("BBBBBBBBBBB", "", State::Unseen);
    newer.sent_at = NOW.0;
    let mut older = message("CCCCCCCCCCC", "Old", State::Unseen);
    older.sent_at = 0;
    let before = overview(vec![one.clone()]);
    for (after, expected) in [
        (vec![one.clone()], vec![]),
        (vec![one.clone(), older], vec![]),
        (vec![one_opened], vec!["Probably opened: One"]),
        (vec![newer, one], vec!["Now tracking: (no subject)"]),
    ] {
        assert_eq!(
            live_region::sentences(&before, &overview(after), &Locale::english()),
            expected
        );
    }
}

#[test]
fn a_mail_is_new_beside_one_that_is_still_to_be_sent() {
    let mut scheduled = message("AAAAAAAAAAA", "Later", State::Unseen);
    scheduled.sent_at = NOW.0 + 7 * 86_400_000;
    scheduled.later = Some(Later::Timed);
    let one = message("BBBBBBBBBBB", "One", State::Unseen);
    let mut newer = message("CCCCCCCCCCC", "Two", State::Unseen);
    newer.sent_at = NOW.0;
    let before = overview(vec![scheduled.clone(), one.clone()]);
    let after = overview(vec![scheduled, newer, one]);
    assert_eq!(
        live_region::sentences(&before, &after, &Locale::english()),
        ["Now tracking: Two"]
    );
}
