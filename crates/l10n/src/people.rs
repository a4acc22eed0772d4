//! Who a message went to, and what it is about.

use crate::words::Words;
use kaifu_protocol::content::Recipient;

/// How a recipient is called: by name where there is one, else by address.
#[must_use]
pub fn name(recipient: &Recipient) -> &str {
    if recipient.name.is_empty() {
        &recipient.address
    } else {
        &recipient.name
    }
}

/// Everybody in `recipients`, or the words that stand for nobody known.
#[must_use]
pub fn names(recipients: &[Recipient], words: &impl Words) -> String {
    if recipients.is_empty() {
        return unknown(words);
    }
    let names: Vec<&str> = recipients.iter().map(name).collect();
    words.list(&names)
}

/// The words that stand for an empty list of recipients.
#[must_use]
pub fn unknown(words: &impl Words) -> String {
    words.text("popup_no_recipients")
}

/// What stands between two names of a list that goes on: before the last one, a language may have an
/// "and".
#[must_use]
pub fn separator(words: &impl Words) -> String {
    let list = words.list(&["1", "2", "3"]);
    let between = list.split_once('2').map_or("", |(start, _)| start);
    between.trim_start_matches('1').to_owned()
}

/// The subject, or the words that stand for an empty one.
#[must_use]
pub fn subject(subject: &str, words: &impl Words) -> String {
    if subject.trim().is_empty() {
        words.text("no_subject")
    } else {
        subject.to_owned()
    }
}
