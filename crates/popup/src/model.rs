//! What the popup knows: the last answer, and what the user typed or unfolded.

use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::pages::{Message, Overview};
use kaifu_protocol::state::Kind;
use std::collections::HashSet;

/// By how much the list grows, and how long it is unless the user asks for more.
pub const PAGE_LEN: u32 = 100;
/// How many messages are asked for first: a screenful, so that it is there at once.
pub const SCREENFUL: u32 = 12;

/// Everything that the view is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that is so or not"
)]
pub struct Model {
    /// The worker's last answer; `None` before the first.
    pub overview: Option<Overview>,
    /// Whether the worker has stopped answering.
    pub silent: bool,
    /// The messages that had something new since the popup was opened.
    pub news: HashSet<String>,
    /// What the user is looking for.
    pub filter: Filter,
    /// The kind of states that the worker is asked for: all, while the list has every message.
    pub asked: Kind,
    /// The messages whose details are unfolded.
    pub expanded: HashSet<String>,
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
    /// When a message was forgotten, while it can be brought back.
    pub forgotten: Option<Millis>,
    /// Whether all this is a sample, of which nothing can be changed.
    pub sample: bool,
}

impl Model {
    /// The messages with something new that the list shows.
    #[must_use]
    pub fn news_shown(&self, words: &impl Words) -> Vec<String> {
        let messages = self.overview.iter().flat_map(|overview| &overview.messages);
        messages
            .filter(|message| message.news && self.filter.passes(message, words))
            .map(|message| message.message.clone())
            .collect()
    }

    /// A popup that has just been opened.
    #[must_use]
    pub fn new(now: Millis) -> Self {
        Self {
            overview: None,
            silent: false,
            news: HashSet::new(),
            filter: Filter {
                text: String::new(),
                kind: Kind::All,
                mailbox: None,
            },
            asked: Kind::All,
            expanded: HashSet::new(),
            show_failed: None,
            trying: false,
            copied: false,
            forgotten: None,
            sample: false,
            limit: SCREENFUL,
            now,
        }
    }

    /// Whether the list has every message that was asked for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.overview.as_ref().is_none_or(|overview| {
            usize::try_from(overview.total).is_ok_and(|total| total <= overview.messages.len())
        })
    }

    /// Shows the messages of `kind` alone. True where the worker is to be asked for them.
    pub fn choose(&mut self, kind: Kind) -> bool {
        let before = self.asked;
        if before != Kind::All || !self.is_whole() {
            self.asked = kind;
        }
        self.filter.kind = kind;
        self.asked != before
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
    /// The kind of state that messages must have.
    pub kind: Kind,
    /// The mailbox that must have sent them; any when `None`.
    pub mailbox: Option<String>,
}

impl Filter {
    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kind == Kind::All && self.mailbox.is_none() && self.text.trim().is_empty()
    }

    /// Whether `message` passes; upper case or lower case is the same by `words`.
    #[must_use]
    pub fn passes(&self, message: &Message, words: &impl Words) -> bool {
        self.kind.has(message.state) && self.passes_but_for_its_state(message, words)
    }

    /// Whether `message` passes but for its state.
    #[must_use]
    pub fn passes_but_for_its_state(&self, message: &Message, words: &impl Words) -> bool {
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

/// The name of a kind in `data-kind`, and the key of the words on its button.
#[must_use]
pub const fn kind_name(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::All => ("all", "popup_filter_all"),
        Kind::Opened => ("opened", "popup_filter_opened"),
        Kind::Unseen => ("unseen", "popup_filter_unseen"),
        Kind::Other => ("other", "popup_filter_other"),
    }
}

/// The kind of that name.
#[must_use]
pub fn kind_named(name: &str) -> Option<Kind> {
    Kind::ALL
        .into_iter()
        .find(|kind| kind_name(*kind).0 == name)
}
