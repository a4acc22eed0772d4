//! What the check on the user's own Gmail ticks off, by what the worker says.

use kaifu_protocol::content::Signal;
use kaifu_protocol::pages::{Checked, Problem};
use kaifu_protocol::state::State;

/// How far one thing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// It may still come.
    Waiting,
    /// It works.
    Done,
    /// It does not work, for a reason with words of that key.
    Missing(&'static str),
}

/// One thing that Kaifu relies on: its name in a report, and how far it has come.
pub type Step = (&'static str, Tick);

/// What is known, in the order in which it comes about.
#[must_use]
pub fn steps(checked: &Checked) -> [Step; 8] {
    let done = |is_done: bool| if is_done { Tick::Done } else { Tick::Waiting };
    let email = checked.email.as_ref();
    let server = match checked.problem {
        None => done(checked.account),
        Some(Problem::NotAgreed) => Tick::Missing("popup_not_agreed"),
        Some(_) => Tick::Missing("popup_no_answer"),
    };
    let form = match checked.unfamiliar {
        Some(_) => Tick::Missing("check_form_missing"),
        None => done(email.is_some()),
    };
    let request = match email.map(|email| (email.state, email.sent_by)) {
        Some((State::Untracked, _)) => Tick::Missing("state_untracked"),
        None | Some((_, None)) => Tick::Waiting,
        Some((_, Some(Signal::Wire))) => Tick::Done,
        Some((_, Some(_))) => Tick::Missing("check_request_missing"),
    };
    // A receipt has no image to load.
    let viewed = email.is_some_and(|email| email.viewed || email.state == State::Waiting);
    [
        ("server", server),
        ("tab", done(!checked.runtime.is_empty())),
        ("form", form),
        ("request", request),
        ("sent", done(email.is_some_and(|it| it.sent_by.is_some()))),
        ("mark", done(email.is_some_and(|it| it.marked))),
        ("view", done(viewed)),
        ("open", done(email.is_some_and(|it| it.arrived))),
    ]
}

/// What Kaifu's makers need to know, without a word of any email, address or name.
#[must_use]
pub fn report(checked: &Checked) -> String {
    let mut lines = vec![["Kaifu ", env!("CARGO_PKG_VERSION")].concat()];
    for (name, tick) in steps(checked) {
        let tick = match tick {
            Tick::Waiting => "waiting",
            Tick::Done => "done",
            Tick::Missing(key) => key,
        };
        lines.push([name, ": ", tick].concat());
    }
    lines.push(["runtime: ", &checked.runtime].concat());
    if let Some(email) = &checked.email {
        lines.push(["state: ", email.state.name()].concat());
        lines.push(["reason: ", &email.reason].concat());
    }
    if let Some(landmarks) = &checked.unfamiliar {
        lines.push(["missing: ", &landmarks.missing.join(", ")].concat());
        lines.push(landmarks.skeleton.clone());
    }
    lines.join("\n")
}
