//! Whom emails went to, and what was detected of these lately.

use super::facts::{Facts, Person};
use super::sorted;
use crate::time::Millis;
use std::collections::BTreeMap;

/// A recipient, or the domain of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// The address or the domain, in lower case.
    pub key: String,
    /// The name that the last email had for them; empty for a domain, or where it had none.
    pub name: String,
    /// How many emails went there.
    pub emails: u32,
    /// Of how many of these an open was detected, by whichever of its recipients.
    pub opened: u32,
    /// When an open was last detected.
    pub last_at: Option<Millis>,
}

/// The part of an address behind its `@`.
#[must_use]
pub fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// The recipients of `emails`: those first of whose emails an open was detected last.
#[must_use]
pub fn people<'a>(emails: impl IntoIterator<Item = &'a Facts>) -> Vec<Contact> {
    contacts(emails, |person| &person.address)
}

/// The same by the recipients' domains.
#[must_use]
pub fn domains<'a>(emails: impl IntoIterator<Item = &'a Facts>) -> Vec<Contact> {
    let mut domains = contacts(emails, |person| domain(&person.address));
    for contact in &mut domains {
        contact.name.clear();
    }
    domains
}

fn contacts<'a>(
    emails: impl IntoIterator<Item = &'a Facts>,
    key: fn(&Person) -> &str,
) -> Vec<Contact> {
    // With each, when the email was sent that named it, and the number of the last email to it.
    let mut found: BTreeMap<String, (Millis, usize, Contact)> = BTreeMap::new();
    let tracked = emails.into_iter().filter(|it| it.standing.is_tracked());
    for (number, facts) in tracked.enumerate() {
        for person in &facts.recipients {
            let key = key(person).to_ascii_lowercase();
            let (named_at, counted, contact) =
                found
                    .entry(key)
                    .or_insert((Millis(i64::MIN), usize::MAX, Contact::default()));
            if !person.name.is_empty() && facts.sent_at >= *named_at {
                *named_at = facts.sent_at;
                contact.name.clone_from(&person.name);
            }
            // Two addresses of one domain, or the same in to and cc, are one email.
            if std::mem::replace(counted, number) == number {
                continue;
            }
            contact.emails += 1;
            contact.opened += u32::from(facts.standing.is_opened());
            contact.last_at = contact.last_at.max(facts.opens.last().copied());
        }
    }
    found.remove("");
    let contacts: Vec<Contact> = found
        .into_iter()
        .map(|(key, (.., contact))| Contact { key, ..contact })
        .collect();
    let rank = |contact: &Contact| {
        let last_at = contact.last_at.map_or(i64::MAX, |at| at.0.saturating_neg());
        (last_at, -i64::from(contact.emails))
    };
    let ranks: Vec<(i64, i64)> = contacts.iter().map(rank).collect();
    let places = sorted(&ranks);
    places
        .into_iter()
        .map(|place| contacts[place].clone())
        .collect()
}
