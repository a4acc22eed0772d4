//! What is left of an email's events once they are judged: enough for a report, and small.

use crate::clock::Clocks;
use crate::fetch::Claim;
use crate::state::{Event, Judgement};
use crate::time::Millis;

/// What something that came of an email was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceKind {
    /// A load that counts as an open.
    Open,
    /// A load that does not count, as a machine made it or may have.
    Load,
    /// A press of the recipient's.
    Press,
}

impl TraceKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Open, Self::Load, Self::Press];
}

/// Something that came of an email, repeats nothing, and was not the sender's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What it was.
    pub kind: TraceKind,
    /// When, by the server's clock.
    pub at: Millis,
    /// What was known of the clocks then, as far as the time that is shown hangs on it: the lead and
    /// the run.
    pub clocks: Clocks,
}

/// All that came of an email.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// What was not the sender's own.
    pub all: Vec<Trace>,
    /// How many loads by the sender's own program there were.
    pub own: u32,
}

impl Traces {
    /// What is left of `events`, which came to `judgement`.
    #[must_use]
    pub fn of(events: &[Event], judgement: &Judgement) -> Self {
        let mut traces = Self::default();
        for (event, judged) in events.iter().zip(&judgement.events) {
            if judged.folded_into.is_some() {
                continue;
            }
            if judged.reason.is_own() {
                traces.own = traces.own.saturating_add(1);
                continue;
            }
            let counts = judged.claim == Claim::Likely && !event.is_count();
            let kind = match (event.kind.is_fetch(), counts) {
                (false, _) => TraceKind::Press,
                (true, true) => TraceKind::Open,
                (true, false) => TraceKind::Load,
            };
            traces.all.push(Trace {
                kind,
                at: event.at,
                clocks: Clocks {
                    lead: event.clocks.lead,
                    run: event.clocks.run,
                    ..Clocks::default()
                },
            });
        }
        traces
    }
}
