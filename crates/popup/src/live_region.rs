//! What a screen reader says when the list has changed.

use kaifu_l10n::{Words, people, states};
use kaifu_protocol::pages::{Message, Overview};
use std::collections::HashMap;

/// At most so many sentences at once; a listener cannot stop them.
const MOST: usize = 3;

/// A sentence for each of the newest messages that changed their state or are new in `new`.
/// Messages that the list merely grew by are no news.
#[must_use]
pub fn sentences(old: &Overview, new: &Overview, words: &impl Words) -> Vec<String> {
    let before: HashMap<&str, &Message> = old
        .messages
        .iter()
        .map(|message| (message.message.as_str(), message))
        .collect();
    // A scheduled email counts from a time that is still to come: all others would be older.
    let newest_before = old
        .messages
        .iter()
        .filter(|message| message.later.is_none())
        .map(|message| message.sent_at)
        .max();
    new.messages
        .iter()
        .filter_map(|message| {
            let subject = people::subject(&message.subject, words);
            match before.get(message.message.as_str()) {
                Some(earlier) if earlier.state != message.state => {
                    let state = states::name(message.state, words);
                    Some(words.with("popup_changed", &[&state, &subject]))
                }
                None if newest_before.is_none_or(|newest| message.sent_at > newest) => {
                    Some(words.with("popup_new", &[&subject]))
                }
                _ => None,
            }
        })
        .take(MOST)
        .collect()
}
