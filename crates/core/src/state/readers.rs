//! How many people may have read a message.

use super::event::{Client, Event, Reader};
use crate::fetch::Class;

/// An estimate of how many people read a message. One image serves all recipients, so it never
/// says who they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readers {
    /// How many readers could be told apart on the day with the most of them; at least 1. A person
    /// with two devices counts twice, and all who read through one mail service's proxy count once.
    pub estimate: u32,
    /// Whether that is more than the email had recipients: somebody forwarded it, or reads on
    /// several devices. Which of the two cannot be told.
    pub beyond_recipients: bool,
}

/// What one reader is told from another by: the key of an address, or a mail service.
type Told = (Option<Reader>, Option<Class>, Option<Client>);

/// The estimate from the events that may be claimed; `None` when there are none.
pub(super) fn estimate<'a>(
    claimed: impl Iterator<Item = &'a Event>,
    recipients: u32,
) -> Option<Readers> {
    // Readers' keys change every day, so that days cannot be added up.
    let mut found: Vec<(i64, Told)> = Vec::new();
    for event in claimed {
        let is_proxy = event.class.is_proxy();
        let reader = event.reader.filter(|_| !is_proxy);
        let service = event.client.filter(|_| is_proxy);
        let told = (reader, is_proxy.then_some(event.class), service);
        let one = (event.at.day(), told);
        if !found.contains(&one) {
            found.push(one);
        }
    }
    let of_day = |day: i64| found.iter().filter(|(other, _)| *other == day).count();
    let most = found.iter().map(|(day, _)| of_day(*day)).max()?;
    let estimate = u32::try_from(most).unwrap_or(u32::MAX);
    Some(Readers {
        estimate,
        beyond_recipients: estimate > recipients.max(1),
    })
}
