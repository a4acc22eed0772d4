//! What the popup knows: the last answer, and what the user typed or unfolded.

use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::pages::{Message, Overview};
use kaifu_protocol::state::State;
use std::collections::BTreeSet;

/// By how much the list grows, and how long it is unless the user asks for more.
pub const PAGE_LEN: u32 = 100;
/// How many messages are asked for first: a screenful, so that it is there at once.
pub const SCREENFUL: u32 = 12;

/// Everything that the view is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The worker's last answer; `None` before the first.
    pub overview: Option<Overview>,
    /// Whether the worker has stopped answering.
    pub silent: bool,
    /// What the user is looking for.
    pub filter: Filter,
    /// The messages whose details are unfolded.
    pub expanded: BTreeSet<String>,
    /// The message whose conversation could not be opened.
    pub show_failed: Option<String>,
    /// Whether the server is being asked at the user's wish.
    pub trying: bool,
    /// At most how many messages to ask for.
    pub limit: u32,
    /// The time, for relative times.
    pub now: Millis,
    /// Whether the report about Gmail's page was copied.
    pub copied: bool,
}

impl Model {
    /// A popup that has just been opened.
    #[must_use]
    pub const fn new(now: Millis) -> Self {
        Self {
            overview: None,
            silent: false,
            filter: Filter {
                text: String::new(),
                state: None,
                mailbox: None,
            },
            expanded: BTreeSet::new(),
            show_failed: None,
            trying: false,
            copied: false,
            limit: SCREENFUL,
            now,
        }
    }

    /// Unfolds the details of `message`, or folds them.
    pub fn toggle(&mut self, message: &str) {
        if !self.expanded.remove(message) {
            self.expanded.insert(message.to_owned());
        }
    }
}

/// What the user is looking for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that must all occur in the subject, or a recipient's name or address.
    pub text: String,
    /// The state that messages must have; any when `None`.
    pub state: Option<State>,
    /// The mailbox that must have sent them; any when `None`.
    pub mailbox: Option<String>,
}

impl Filter {
    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.is_none() && self.mailbox.is_none() && self.text.trim().is_empty()
    }

    /// Whether `message` passes; upper case or lower case is the same by `words`.
    #[must_use]
    pub fn passes(&self, message: &Message, words: &impl Words) -> bool {
        if self.state.is_some_and(|state| state != message.state) {
            return false;
        }
        if self.mailbox.is_some() && self.mailbox != message.mailbox {
            return false;
        }
        if self.text.trim().is_empty() {
            return true;
        }
        let mut haystack = message.subject.clone();
        for Recipient { address, name } in &message.recipients {
            for part in [name, address] {
                haystack.push('\n');
                haystack.push_str(part);
            }
        }
        let haystack = words.lower_case(&haystack);
        let text = words.lower_case(&self.text);
        text.split_whitespace().all(|word| haystack.contains(word))
    }
}

/// The state of that name.
#[must_use]
pub fn state_named(name: &str) -> Option<State> {
    State::ALL.into_iter().find(|state| state.name() == name)
}
