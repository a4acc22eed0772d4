//! Which notifications are one: whoever reads what has piled up opens several emails one right after
//! the other.

use crate::store::kept::KeptMessage;
use kaifu_core::time::Millis;
use std::collections::HashSet;

/// Two opens are of one go that are told of within so long, in milliseconds.
const ONE_GO_MS: i64 = 120_000;

/// Stands before the numbers of the messages in the id of a notification.
const ID_PREFIX: &str = "message:";

/// Stands before the number of the message in the id of a reminder.
const REMINDER_PREFIX: &str = "reminder:";

/// Stands between them.
const SEPARATOR: char = ',';

/// The opens of one go: of emails to the same people.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    recipients: HashSet<String>,
    messages: Vec<String>,
    subjects: Vec<String>,
    last: Millis,
}

impl Gathering {
    /// Takes in an open of `message` that is told of at `now`, by the steady clock. Returns the id of the
    /// notification that gives way to a new one, where it belongs to it.
    pub(super) fn take(&mut self, message: &KeptMessage, now: Millis) -> Option<String> {
        let recipients: HashSet<String> = (message.recipients.iter())
            .map(|recipient| recipient.address.to_ascii_lowercase())
            .collect();
        let is_one_go = recipients == self.recipients
            && !recipients.is_empty()
            && now.since(self.last) < ONE_GO_MS;
        let before = is_one_go.then(|| self.id());
        if before.is_none() {
            *self = Self {
                recipients,
                ..Self::default()
            };
        }
        self.last = now;
        if let Some(place) = self.messages.iter().position(|it| *it == message.message) {
            self.messages.remove(place);
            self.subjects.remove(place);
        }
        self.messages.push(message.message.clone());
        self.subjects.push(message.subject.clone());
        before
    }

    /// The id of its notification.
    pub(super) fn id(&self) -> String {
        let mut id = ID_PREFIX.to_owned();
        for (place, message) in self.messages.iter().enumerate() {
            if place > 0 {
                id.push(SEPARATOR);
            }
            id.push_str(message);
        }
        id
    }

    /// The subjects of its emails, the last one last.
    pub(super) fn subjects(&self) -> &[String] {
        &self.subjects
    }
}

/// The id of a notification about `message` alone.
pub(super) fn id(message: &str) -> String {
    format!("{ID_PREFIX}{message}")
}

/// The id of the reminder of `message`.
pub(super) fn reminder_id(message: &str) -> String {
    format!("{REMINDER_PREFIX}{message}")
}

/// The messages that the notification `id` tells of.
pub(super) fn messages(id: &str) -> Vec<String> {
    let all = id.strip_prefix(ID_PREFIX).map(|all| all.split(SEPARATOR));
    all.into_iter().flatten().map(str::to_owned).collect()
}

/// The message that the notification `id` told of last.
pub(super) fn message(id: &str) -> Option<&str> {
    let messages = id
        .strip_prefix(ID_PREFIX)
        .or(id.strip_prefix(REMINDER_PREFIX));
    messages?.rsplit(SEPARATOR).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_protocol::content::Recipient;

    const NOW: Millis = Millis(1_000_000);

    fn to(address: &str, number: u8) -> KeptMessage {
        KeptMessage {
            message: format!("m{number}"),
            subject: format!("Part {number}"),
            recipients: vec![Recipient {
                address: address.to_owned(),
                name: String::new(),
            }],
            ..KeptMessage::default()
        }
    }

    #[test]
    fn eight_emails_to_one_person_are_one_notification() {
        let mut gathering = Gathering::default();
        let mut before = None;
        for step in 0..24 {
            let mail = to(
                ["anna@example.com", "Anna@example.com"][step % 2],
                u8::try_from(step % 8).unwrap(),
            );
            let gave_way = gathering.take(&mail, NOW.plus(3_000 * i64::try_from(step).unwrap()));
            assert_eq!(gave_way, before, "{step}");
            before = Some(gathering.id());
        }
        assert_eq!(gathering.subjects().len(), 8);
        assert_eq!(message(&gathering.id()), Some("m7"));
        assert_eq!(messages(&gathering.id()).len(), 8);
        assert!(messages("test").is_empty());
        assert_eq!(message(&reminder_id("m7")), Some("m7"));
    }

    #[test]
    fn other_people_and_other_times_have_notifications_of_their_own() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take(&to("anna@example.com", 1), NOW), None);
        assert_eq!(gathering.take(&to("ben@example.com", 2), NOW), None);
        assert_eq!(gathering.id(), id("m2"));
        assert_eq!(
            gathering.take(&to("ben@example.com", 3), NOW.plus(ONE_GO_MS)),
            None
        );
        assert_eq!(gathering.id(), id("m3"));
        let nobody = KeptMessage::default();
        assert_eq!(gathering.take(&nobody, NOW.plus(ONE_GO_MS)), None);
        assert_eq!(gathering.take(&nobody, NOW.plus(ONE_GO_MS)), None);
    }
}
