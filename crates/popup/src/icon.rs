//! The popup's drawings.

use kaifu_protocol::state::State;
use kaifu_ui::icons;
use maud::{Markup, html};

/// The drawing for a state; the text beside it says the same.
pub(crate) fn of_state(state: State) -> Markup {
    let path = icons::of_state(state);
    html! {
        svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" { path d=(path) {} }
    }
}
