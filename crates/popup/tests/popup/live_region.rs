//! What a screen reader says.

use crate::locale::Locale;
use crate::sample::{NOW, message, overview};
use kaifu_popup::live_region;
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
        (vec![newer, one], vec!["Now tracked: (no subject)"]),
    ] {
        assert_eq!(
            live_region::sentences(&before, &overview(after), &Locale::english()),
            expected
        );
    }
}
