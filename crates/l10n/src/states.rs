//! The state of a message, its reason, and its views.

use crate::words::Words;
use kaifu_core::time::Millis;
use kaifu_protocol::state::State;

/// The keys of a state's name and of its meaning.
#[must_use]
pub const fn keys(state: State) -> (&'static str, &'static str) {
    match state {
        State::Unseen => ("state_unseen", "state_unseen_title"),
        State::Unsure => ("state_unsure", "state_unsure_title"),
        State::Machine => ("state_machine", "state_machine_title"),
        State::Opened => ("state_opened", "state_opened_title"),
        State::Confirmed => ("state_confirmed", "state_confirmed_title"),
        State::Refused => ("state_refused", "state_refused_title"),
        State::Untracked => ("state_untracked", "state_untracked_title"),
        State::Off => ("state_off", "state_off_title"),
        State::Scheduled => ("state_scheduled", "state_scheduled_title"),
        State::Waiting => ("state_waiting", "state_waiting_title"),
        State::Unfollowed => ("state_unfollowed", "state_unfollowed_title"),
    }
}

/// The state in a few words.
#[must_use]
pub fn name(state: State, words: &impl Words) -> String {
    words.text(keys(state).0)
}

/// What the state means, in a sentence or two.
#[must_use]
pub fn meaning(state: State, words: &impl Words) -> String {
    words.text(keys(state).1)
}

/// The words for a reason's code, of a fetch, an event or a state. A newer worker or server may give
/// codes that this version has no words for.
#[must_use]
pub fn reason(code: &str, words: &impl Words) -> String {
    let known = words.text(&["reason_", code].concat());
    if known.is_empty() {
        words.text("reason_reported")
    } else {
        known
    }
}

/// What a mark says, in a few words and in all of them: the state, how many views there were and when
/// the last one was, and `because`, the code of why the event that makes it so is worth what it is.
#[must_use]
pub fn mark(
    state: State,
    (count, last_at): (u32, Option<Millis>),
    because: Option<&str>,
    words: &impl Words,
) -> (String, String) {
    let mut label = name(state, words);
    if let Some(at) = last_at.filter(|_| count > 0) {
        label.push_str(" · ");
        label.push_str(&views(count, at, words));
    }
    let mut title = [label.as_str(), " · "].concat();
    if let Some(because) = because {
        title.push_str(&reason(because, words));
        title.push('\n');
    }
    title.push_str(&meaning(state, words));
    (label, title)
}

/// How many views there were, and when the last one was.
#[must_use]
fn views(count: u32, last_at: Millis, words: &impl Words) -> String {
    let at = words.moment(last_at);
    if count == 1 {
        words.with("mark_view", &[&at])
    } else {
        words.with("mark_views", &[&count.to_string(), &at])
    }
}
