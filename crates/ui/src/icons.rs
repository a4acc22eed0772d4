//! Drawings of one line in a box of 20 × 20, as the `d` of an SVG path.

use kaifu_protocol::state::State;

/// The drawing for a state; the text beside it says the same.
#[must_use]
pub const fn of_state(state: State) -> &'static str {
    match state {
        State::Unseen => "M3 5.5h14v10H3zM3 6l7 5.5L17 6",
        State::Unsure | State::Machine => {
            "M6 6h8v8H6zM8.5 6V3.5M11.5 6V3.5M8.5 16.5V14M11.5 16.5V14M6 8.5H3.5M6 11.5H3.5M16.5 8.5H14M16.5 11.5H14"
        }
        State::Opened => "M3 8l7-5 7 5v8.5H3zM3 8.5l7 4.5 7-4.5",
        State::Confirmed => "M4 10.5l4 4 8-9",
        State::Refused => "M10 3a7 7 0 1 0 .1 0zM5 15L15 5",
        State::Untracked => "M3 5.5h14v10H3zM3 6l7 5.5L17 6M3 17.5L17 3",
        State::Off => "M5 10h10",
        State::Scheduled => "M10 3a7 7 0 1 0 .1 0zM10 6v4l2.8 1.8",
        State::Waiting => "M3 5.5h14v10H3zM8 8.5a2 2 0 1 1 2 2.2v.8M10 13.4v.1",
        State::Unfollowed => "M3 10V5.5h4M11 5.5h6V9M17 12v3.5h-4M9 15.5H3V13M7 9l3 2.5L13 9",
    }
}
