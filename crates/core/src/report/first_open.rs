//! How long it takes from sending to the first probable open.

use super::count;
use super::facts::Facts;
use super::spread::ENOUGH;
use crate::sort::in_order;
use crate::time::{HOUR, MINUTE, Millis};

/// The upper ends of the lengths of time that first opens are counted by, in milliseconds; what takes
/// longer is counted last.
pub const WITHIN: [i64; 4] = [15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR];

/// How long first opens took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstOpens {
    /// Of how many emails the first open is known.
    pub emails: u32,
    /// After how many milliseconds a quarter, half and three quarters of them were opened; `None`
    /// where there are too few to say.
    pub quartiles: Option<[i64; 3]>,
    /// How many took no longer than each of [`WITHIN`] but longer than the one before, and how many
    /// longer than all.
    pub within: [u32; WITHIN.len() + 1],
}

/// How long after its sending an email was first opened.
pub(super) fn delay(facts: &Facts) -> Option<i64> {
    let opened: Option<Millis> = facts.first_open();
    opened.map(|at| at.since(facts.sent_at).max(0))
}

/// The place in [`FirstOpens::within`] of a delay.
pub(super) fn step(delay: i64) -> usize {
    let longer = WITHIN.iter().position(|most| delay <= *most);
    longer.unwrap_or(WITHIN.len())
}

/// How long the first opens of `emails` took.
#[must_use]
pub fn first_opens<'a>(emails: impl IntoIterator<Item = &'a Facts>) -> FirstOpens {
    let delays = emails.into_iter().filter_map(delay);
    let delays: Vec<(i64, i64)> = delays.map(|delay| (delay, 0)).collect();
    let delays: Vec<i64> = in_order(&delays).iter().map(|&(delay, _)| delay).collect();
    let mut within = [0; WITHIN.len() + 1];
    for delay in &delays {
        within[step(*delay)] += 1;
    }
    // The nearest rank: the first that so many quarters did not exceed.
    let quartile = |quarters: usize| delays[(delays.len() * quarters).div_ceil(4) - 1];
    let emails = count(delays.len());
    FirstOpens {
        emails,
        quartiles: (emails >= ENOUGH).then(|| [1, 2, 3].map(quartile)),
        within,
    }
}
