//! Probable opens by weekday and hour.

use super::facts::Facts;
use super::local::{Local, Zone};

/// How many probable opens there were in each hour of the week, in the user's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours(pub [[u32; 24]; 7]);

impl Hours {
    /// All of them.
    #[must_use]
    pub fn sum(&self) -> u32 {
        self.0.iter().flatten().sum()
    }

    /// The most in one hour.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.0.iter().flatten().copied().max().unwrap_or(0)
    }
}

/// The probable opens of `emails`: by weekday, 0 for Monday, and hour.
#[must_use]
pub fn hours<'a>(emails: impl IntoIterator<Item = &'a Facts>, zone: Zone<'_>) -> Hours {
    let mut hours = Hours([[0; 24]; 7]);
    for at in emails.into_iter().flat_map(|facts| &facts.opens) {
        let local = Local::of(*at, zone);
        hours.0[local.weekday][local.hour] += 1;
    }
    hours
}
