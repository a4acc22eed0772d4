//! What tracked emails come to together: figures, hours, weeks, and who they went to.
//!
//! Everything here counts what was detected and says how many emails it stands on. There is no score
//! of a person, no rate and no best time, and whatever stands on too little says so.

mod facts;
mod figures;
mod first_open;
mod hours;
mod local;
mod people;
mod spread;
mod traces;
mod trend;
mod which;

pub use facts::{Facts, Glimpse, Person, Standing};
pub use figures::{Figures, figures};
pub use first_open::{FirstOpens, WITHIN, first_opens};
pub use hours::{Hours, hours};
pub use local::{Local, Zone};
pub use people::{Contact, domain, domains, people};
pub use spread::{ENOUGH, Spread, spread};
pub use traces::{Trace, TraceKind, Traces};
pub use trend::{MOST_WEEKS, Week, trend};
pub use which::{Order, QUIET_AFTER, Which};

use crate::time::{DAY, Millis};

/// The emails that a report is about, by when they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment; `None` for all that is kept.
    pub since: Option<Millis>,
    /// When the report is made.
    pub now: Millis,
}

impl Window {
    /// The last `days` days before `now`; without a number, all that is kept.
    #[must_use]
    pub fn of_days(days: Option<u32>, now: Millis) -> Self {
        Self {
            since: days.map(|days| now.plus(-DAY.saturating_mul(i64::from(days)))),
            now,
        }
    }

    /// Whether the email of `facts` was sent in it.
    #[must_use]
    pub fn has(&self, facts: &Facts) -> bool {
        self.since.is_none_or(|since| facts.sent_at >= since)
    }
}

/// The places of `ranks` from the lowest to the highest, of equal ones the earlier first.
///
/// A number of emails or loads; as many as nobody has are too many to count.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
