//! What Gmail's tabs showed since the worker started, for the check on the user's own Gmail.

use std::cell::RefCell;

/// At most so many of the messages are remembered that marks were given of.
const MOST: usize = 200;

/// What tabs showed.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// What runs the content script in the tab that asked last; empty where none has.
    pub(crate) runtime: String,
    /// The messages that marks were given of, the last first.
    pub(crate) marked: Vec<String>,
}

thread_local! {
    static SHOWN: RefCell<Shown> = RefCell::default();
}

/// A tab asks whose content script is run by `runtime`.
pub(crate) fn note_tab(runtime: String) {
    SHOWN.with_borrow_mut(|shown| shown.runtime = runtime);
}

/// A tab is given a mark of `message`.
pub(crate) fn note_mark(message: &str) {
    SHOWN.with_borrow_mut(|shown| {
        if !shown.marked.iter().any(|it| it == message) {
            shown.marked.truncate(MOST - 1);
            shown.marked.insert(0, message.to_owned());
        }
    });
}

/// All of that.
pub(crate) fn shown() -> Shown {
    SHOWN.with_borrow(Clone::clone)
}
