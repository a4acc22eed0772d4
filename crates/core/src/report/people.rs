//! Whom emails went to, and what was detected of these lately.

use super::facts::{Facts, Person};
use crate::sort::sorted;
use crate::time::Millis;
use std::collections::HashMap;

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
    let mut found: Vec<(Millis, usize, Contact)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let tracked = emails.into_iter().filter(|it| it.standing.is_tracked());
    for (number, facts) in tracked.enumerate() {
        for person in &facts.recipients {
            let key = key(person).to_ascii_lowercase();
            if key.is_empty() {
                continue;
            }
            let known = places.get(&key).copied();
            let place = known.unwrap_or_else(|| {
                places.insert(key.clone(), found.len());
                let contact = Contact {
                    key,
                    ..Contact::default()
                };
                found.push((Millis(i64::MIN), usize::MAX, contact));
                found.len() - 1
            });
            let (named_at, counted, contact) = &mut found[place];
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
    let rank = |(.., contact): &(Millis, usize, Contact)| {
        let last_at = contact.last_at.map_or(i64::MAX, |at| at.0.saturating_neg());
        (last_at, -i64::from(contact.emails))
    };
    let ranks: Vec<(i64, i64)> = found.iter().map(rank).collect();
    let places = sorted(&ranks);
    places
        .into_iter()
        .map(|place| found[place].2.clone())
        .collect()
}
