//! How a mark is drawn: each state has a shape of its own, which needs no colour to be told apart.

use crate::page::dom::drawing;
use kaifu_protocol::state::State;
use web_sys::Element;

const RING: &str = "M6 1.8a4.2 4.2 0 1 0 .01 0z";

/// The paths of a state's shape in a box of 12 × 12: the one that is drawn, and the one that is filled.
const fn paths(state: State) -> (&'static str, &'static str) {
    match state {
        State::Unseen => (RING, ""),
        State::Unsure => (RING, "M6 3.8a2.2 2.2 0 0 0 0 4.4z"),
        State::Machine => (RING, "M6 4.3a1.7 1.7 0 1 0 .01 0z"),
        State::Opened => ("", "M6 .8a5.2 5.2 0 1 0 .01 0z"),
        State::Confirmed => ("M1.2 6.6 4.6 10l6.2-8", ""),
        State::Refused => ("M6 1.8a4.2 4.2 0 1 0 .01 0zM3 9l6-6", ""),
        State::Untracked => ("M6 1.4l5 9.2H1zM6 4.8v2.6M6 9v.1", ""),
        State::Off => ("M2.5 6h7", ""),
        State::Scheduled => ("M6 1.8a4.2 4.2 0 1 0 .01 0zM6 3.8V6l1.7 1.2", ""),
        State::Waiting => ("M6 1.8a4.2 4.2 0 1 0 .01 0zM4.2 6.2l1.3 1.3L8 4.8", ""),
        State::Unfollowed => ("M3.2 9.2a4.2 4.2 0 1 1 5.6 0", ""),
    }
}

/// The shape of `state`.
pub(super) fn shape(state: State) -> Option<Element> {
    let (drawn, filled) = paths(state);
    drawing(
        "0 0 12 12",
        &[("kaifu-drawn", drawn), ("kaifu-filled", filled)],
    )
}

#[cfg(test)]
mod tests {
    use super::paths;
    use kaifu_protocol::state::State;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_states_have_the_same_shape() {
        let shapes: BTreeSet<_> = State::ALL.into_iter().map(paths).collect();
        assert_eq!(shapes.len(), State::ALL.len());
    }
}
