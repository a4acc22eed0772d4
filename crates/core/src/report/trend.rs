//! Weeks, by when emails were sent.

use super::facts::Facts;
use super::local::{Local, Zone, monday};
use crate::sort::sorted;

/// No more weeks are shown: a year and what has begun of the next.
pub const MOST_WEEKS: usize = 53;

/// The emails of one week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// Its Monday in the user's zone, in days since 1970-01-01.
    pub monday: i64,
    /// How many were tracked.
    pub tracked: u32,
    /// How many of these are thought to have been opened since.
    pub opened: u32,
}

/// The weeks that `emails` were sent in, oldest first, with those between them; of more than
/// [`MOST_WEEKS`] the last.
#[must_use]
pub fn trend<'a>(emails: impl IntoIterator<Item = &'a Facts>, zone: Zone<'_>) -> Vec<Week> {
    let tracked = emails.into_iter().filter(|it| it.standing.is_tracked());
    let sent: Vec<(i64, i64)> = tracked
        .map(|facts| {
            (
                monday_of(facts, zone),
                i64::from(facts.standing.is_opened()),
            )
        })
        .collect();
    let places = sorted(&sent);
    let Some(&last) = places.last() else {
        return Vec::new();
    };
    let (last, _) = sent[last];
    let earliest = last - 7 * (i64::try_from(MOST_WEEKS).unwrap_or(0) - 1);
    let mut weeks: Vec<Week> = Vec::new();
    for (monday, is_opened) in places.into_iter().map(|place| sent[place]) {
        if monday < earliest {
            continue;
        }
        let mut next = weeks.last().map_or(monday, |week| week.monday + 7);
        while next <= monday {
            weeks.push(Week {
                monday: next,
                ..Week::default()
            });
            next += 7;
        }
        if let Some(week) = weeks.last_mut() {
            week.tracked += 1;
            week.opened += u32::from(is_opened == 1);
        }
    }
    weeks
}

/// The Monday of the week that the email of `facts` was sent in.
pub(super) fn monday_of(facts: &Facts, zone: Zone<'_>) -> i64 {
    monday(Local::of(facts.sent_at, zone).day)
}
