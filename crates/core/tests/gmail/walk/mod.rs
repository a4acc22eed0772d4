//! A random walk over a mailbox that is open in three tabs: every decision is made by the same
//! functions that the extension asks, and the mailbox says what really left.
//!
//! A tab knows what the worker told it last, and what it did itself; the worker does what tabs tell it
//! in the order of each tab. Requests fail, answers come late or never, and tabs are loaded anew.

mod mailbox;
mod world;

use proptest::prelude::*;
use world::World;

const TABS: usize = 3;
const MAILS: usize = 3;

/// What the user, Gmail or chance does in one tab with one email.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// The tab hears what the worker knows.
    Sync,
    /// The tab is loaded anew, and forgets all that only it knew.
    Reload,
    /// The email's draft is opened.
    Open,
    /// The form is closed.
    Close,
    /// The switch is used.
    Toggle,
    /// Tracking by default is turned on or off.
    Default,
    /// Send is pressed, and the request leaves from this tab.
    Send(Way),
    /// Gmail's outbox sends from this tab what was pressed in another one, and failed.
    Retry,
    /// The user takes back what this tab sent, while Gmail offers it.
    Undo,
    /// The draft that is open here saves itself.
    Save,
    /// An answer that was held back arrives.
    Answer,
    /// Nothing happens for a few minutes: what was sent can no longer be taken back.
    Wait,
}

/// How a send goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// It is answered at once.
    Answered,
    /// It is done, and the answer comes later, or never.
    Late,
    /// It fails, and Gmail tries again.
    Fails,
    /// The draft has no id in the form when Send is pressed.
    Unnamed,
}

fn acts() -> impl Strategy<Value = Act> {
    let ways = prop::sample::select(vec![
        Way::Answered,
        Way::Answered,
        Way::Late,
        Way::Fails,
        Way::Unnamed,
    ]);
    prop_oneof![
        3 => Just(Act::Sync),
        1 => Just(Act::Reload),
        4 => Just(Act::Open),
        1 => Just(Act::Close),
        3 => Just(Act::Toggle),
        1 => Just(Act::Default),
        4 => ways.prop_map(Act::Send),
        2 => Just(Act::Retry),
        2 => Just(Act::Undo),
        2 => Just(Act::Save),
        2 => Just(Act::Answer),
        1 => Just(Act::Wait),
    ]
}

fn walk(steps: impl IntoIterator<Item = (usize, usize, Act)>) {
    let mut world = World::new();
    for (tab, mail, act) in steps {
        world.act(tab, mail, act);
        world.check();
    }
}

/// The shortest walks that once broke a promise.
#[test]
fn what_broke_a_promise_once_keeps_it_now() {
    use Act::{Answer, Default, Open, Retry, Send, Toggle, Undo};
    use Way::{Answered, Fails, Late};
    // Turned on, and turned off, after one tab's send was taken back and before another one's was tried
    // again.
    walk([
        (1, 2, Open),
        (0, 2, Open),
        (0, 2, Send(Answered)),
        (1, 2, Send(Fails)),
        (0, 2, Undo),
        (0, 2, Toggle),
        (0, 2, Retry),
    ]);
    walk([
        (0, 0, Default),
        (1, 2, Open),
        (0, 2, Open),
        (0, 2, Send(Answered)),
        (1, 2, Send(Fails)),
        (0, 2, Undo),
        (0, 2, Toggle),
        (0, 2, Retry),
    ]);
    // Sent without its image by one tab, and with it by another.
    walk([
        (2, 1, Open),
        (0, 1, Open),
        (2, 1, Toggle),
        (2, 1, Send(Answered)),
        (0, 1, Toggle),
        (0, 1, Send(Answered)),
    ]);
    // An answer to a send with the image, after the email was sent without it.
    walk([
        (1, 2, Open),
        (0, 2, Open),
        (0, 0, Default),
        (1, 2, Send(Late)),
        (0, 0, Default),
        (0, 2, Send(Answered)),
        (1, 0, Answer),
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Walks of some ten thousand steps in all, or as many as `PROPTEST_CASES` times a hundred; what fails
    /// is shortened, and its seed is kept.
    #[test]
    fn no_walk_over_three_tabs_breaks_a_promise(
        steps in prop::collection::vec((0..TABS, 0..MAILS, acts()), 1..200),
    ) {
        walk(steps);
    }
}
