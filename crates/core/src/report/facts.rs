//! What a report knows of one email.

use super::traces::{Trace, TraceKind, Traces};
use crate::clock::Clocks;
use crate::sort::sorted;
use crate::time::{DAY, Millis};

/// For how long after sending single loads are shown.
const FIRST_WEEK: i64 = 7 * DAY;

/// No more loads of one email's first week are kept: a flood would fill the report.
const MOST_GLIMPSES: usize = 40;

/// Where an email stands, as a report counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The recipient said that they read it.
    Confirmed,
    /// Probably opened.
    Opened,
    /// Loaded by what may have been a machine or a person.
    Unsure,
    /// Loaded by machines alone.
    Machine,
    /// Nothing was detected.
    Unseen,
    /// The recipient refuses tracking.
    Refused,
    /// It left without its image.
    Untracked,
    /// Gmail is to send it later.
    Scheduled,
    /// Its account is no longer followed, and nothing was claimed until then.
    Unfollowed,
    /// It has no image and asks for an answer, of which there was none yet.
    Waiting,
}

impl Standing {
    /// Every standing, the surest first.
    pub const ALL: [Self; 10] = [
        Self::Confirmed,
        Self::Opened,
        Self::Unsure,
        Self::Machine,
        Self::Unseen,
        Self::Refused,
        Self::Untracked,
        Self::Scheduled,
        Self::Unfollowed,
        Self::Waiting,
    ];

    /// The stable name, that of the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Opened => "opened",
            Self::Unsure => "unsure",
            Self::Machine => "machine",
            Self::Unseen => "unseen",
            Self::Refused => "refused",
            Self::Untracked => "untracked",
            Self::Scheduled => "scheduled",
            Self::Unfollowed => "unfollowed",
            Self::Waiting => "waiting",
        }
    }

    /// Whether opens of such an email can be known: it left with its image and is followed.
    #[must_use]
    pub const fn is_tracked(self) -> bool {
        !matches!(
            self,
            Self::Untracked | Self::Scheduled | Self::Unfollowed | Self::Waiting
        )
    }

    /// Whether a person is thought to have opened it.
    #[must_use]
    pub const fn is_opened(self) -> bool {
        matches!(self, Self::Confirmed | Self::Opened)
    }

    /// Whether no open was detected, though one could have been.
    #[must_use]
    pub const fn is_without_open(self) -> bool {
        matches!(self, Self::Unsure | Self::Machine | Self::Unseen)
    }
}

/// Somebody whom an email went to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Their address.
    pub address: String,
    /// Their name; may be empty.
    pub name: String,
}

/// One load of an email's image or link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// When, by the browser's clock.
    pub at: Millis,
    /// Whether it counts as an open.
    pub counts: bool,
}

/// What a report knows of one email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When it was sent, or is to be, by the browser's clock.
    pub sent_at: Millis,
    /// Where it stands.
    pub standing: Standing,
    /// To, cc and bcc.
    pub recipients: Vec<Person>,
    /// The probable opens, oldest first, without repeats.
    pub opens: Vec<Millis>,
    /// The loads of its first week that are not the sender's own, oldest first, at most 40.
    pub first_week: Vec<Glimpse>,
    /// Loads that do not count, as a machine made them or may have.
    pub automated: u32,
    /// Loads by the sender's own program.
    pub own: u32,
    /// When anything last came of it that was not the sender's own; `None` where nothing did.
    pub last_at: Option<Millis>,
}

impl Facts {
    /// An email of which nothing is known but how it stands.
    #[must_use]
    pub const fn new(sent_at: Millis, standing: Standing, recipients: Vec<Person>) -> Self {
        Self {
            sent_at,
            standing,
            recipients,
            opens: Vec::new(),
            first_week: Vec::new(),
            automated: 0,
            own: 0,
            last_at: None,
        }
    }

    /// Takes in `traces`, by the browser's clock as it goes `now`. Of an email whose recipient refuses
    /// tracking nothing is taken in.
    #[must_use]
    pub fn with(mut self, traces: &Traces, now: Clocks) -> Self {
        if self.standing == Standing::Refused || !self.standing.is_tracked() {
            return self;
        }
        self.own = traces.own;
        let shown = |trace: &Trace| trace.clocks.shown(trace.at, now);
        let ranks: Vec<(i64, i64)> = traces.all.iter().map(|it| (shown(it).0, 0)).collect();
        for place in sorted(&ranks) {
            let at = Millis(ranks[place].0);
            self.last_at = Some(at);
            let counts = match traces.all[place].kind {
                TraceKind::Press => continue,
                TraceKind::Open => true,
                TraceKind::Load => false,
            };
            if counts {
                self.opens.push(at);
            } else {
                self.automated = self.automated.saturating_add(1);
            }
            let is_first = at.since(self.sent_at) < FIRST_WEEK;
            if is_first && self.first_week.len() < MOST_GLIMPSES {
                self.first_week.push(Glimpse { at, counts });
            }
        }
        self
    }

    /// When it was first probably opened.
    #[must_use]
    pub fn first_open(&self) -> Option<Millis> {
        self.opens.first().copied()
    }

    /// When anything last happened, be it that it was sent.
    #[must_use]
    pub fn activity(&self) -> Millis {
        self.last_at.unwrap_or(self.sent_at)
    }
}
