//! How the server's clock differs from the browser's, and how far apart two moments were.
//!
//! Events carry the server's time, sends and own views the browser's. Every answer of the server
//! says when it was made, so that each one narrows down how far the two clocks are apart. Either
//! clock may be wrong and may be set at any time, so each moment keeps what was known of them then.

use crate::time::{DAY, Millis};

/// An answer's time is given in whole seconds.
const DATE_MILLIS: i64 = 1_000;

/// A browser's clock that differs by less from its steady one was not set: clocks are trimmed all
/// the time.
const SET_MILLIS: i64 = 1_000;

/// Where clocks cannot be reconciled, both may have been set; each by no more than a day.
const SET_MOST: i64 = 2 * DAY;

/// By how many milliseconds the server's clock is ahead of the browser's: at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The smallest lead that fits what was seen; negative where the server may be behind.
    pub least: i64,
    /// The largest.
    pub most: i64,
}

impl Lead {
    /// What one answer tells: asked for and received by the browser's clock, and made at `date`,
    /// cut to the second, by the server's. `None` when the browser's clock was set back meanwhile.
    #[must_use]
    pub fn of_answer(asked_at: Millis, received_at: Millis, date: Millis) -> Option<Self> {
        (asked_at <= received_at).then(|| Self {
            least: date.since(received_at),
            most: date.plus(DATE_MILLIS - 1).since(asked_at),
        })
    }

    /// What both say; `None` where they contradict each other, as one of the clocks was set.
    #[must_use]
    pub fn both(self, other: Self) -> Option<Self> {
        let both = Self {
            least: self.least.max(other.least),
            most: self.most.min(other.most),
        };
        (both.least <= both.most).then_some(both)
    }

    /// The lead after the browser's clock was set by `millis`.
    const fn after_set(self, millis: i64) -> Self {
        Self {
            least: self.least.saturating_sub(millis),
            most: self.most.saturating_sub(millis),
        }
    }

    /// The smallest difference that fits: clocks that may agree are taken to agree.
    #[must_use]
    pub fn millis(self) -> i64 {
        if self.least > 0 {
            self.least
        } else {
            self.most.min(0)
        }
    }
}

/// What was known of both clocks at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// How far the server's clock was ahead, by its last answer; `None` before the first one.
    pub lead: Option<Lead>,
    /// By how many milliseconds the browser's clock was set since that answer, unless the computer
    /// slept for so long; 0 where nothing looks like it.
    pub set: i64,
    /// In which run of the server's clock the moment lies, counted from 0: within one, that clock was
    /// not set, as far as anybody could see.
    pub run: u32,
    /// How many answers had come by then that left no event behind; `None` where the order of
    /// answers says nothing.
    pub answers: Option<u64>,
}

/// What an answer tells of the clocks.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// How far the server's clock is ahead; `None` where the answer does not say when it was made.
    pub lead: Option<Lead>,
    /// By how many milliseconds the browser's clock was set since the answer before, going by a
    /// steady clock, which stands still while the computer sleeps; `None` where there is none that
    /// ran since.
    pub set: Option<i64>,
    /// Whether it left no event behind.
    pub is_last: bool,
}

impl Clocks {
    /// What is known once `answer` has come.
    #[must_use]
    pub fn heard(self, answer: Answer) -> Self {
        let answers = self.answers.unwrap_or(0) + u64::from(answer.is_last);
        let (lead, run) = match (self.lead, answer.lead) {
            (before, None) => (before, self.run),
            (None, newer) => (newer, self.run),
            (Some(before), Some(newer)) => match before.both(newer) {
                Some(both) => (Some(both), self.run),
                None => (Some(newer), self.run_after(before, newer, answer.set)),
            },
        };
        Self {
            lead,
            set: 0,
            run,
            answers: Some(answers),
        }
    }

    /// What is known of a time that was named, such as that of a later send: it belongs to no clock, and
    /// is as right as either of the two.
    #[must_use]
    pub fn named(self) -> Self {
        Self {
            lead: Some(Lead { least: 0, most: 0 }),
            answers: None,
            ..self.now(self.lead.map(|lead| -lead.millis()))
        }
    }

    /// The time of the browser's clock at the server's time `at`, of which this was known: by that
    /// clock as it goes `now`.
    #[must_use]
    pub fn shown(self, at: Millis, now: Self) -> Millis {
        let lead = self.lead.zip(now.lead).map(|(then, since)| {
            let is_browsers = self.run == now.run;
            then.both(since)
                .unwrap_or(if is_browsers { since } else { then })
        });
        at.plus(-lead.or(self.lead).or(now.lead).map_or(0, Lead::millis))
    }

    /// The browser's time `at`, of which this was known, by the browser's clock as it goes `now`: where
    /// that was put right since, the time is, too.
    #[must_use]
    pub fn shown_own(self, at: Millis, now: Self) -> Millis {
        match self.lead.zip(now.lead) {
            Some((then, since)) if then.both(since).is_none() && self.run == now.run => {
                at.plus(then.millis() - since.millis())
            }
            _ => at,
        }
    }

    /// The run after an answer that contradicts what was known.
    fn run_after(self, before: Lead, newer: Lead, set: Option<i64>) -> u32 {
        let is_browsers = set.is_some_and(|set| before.after_set(set).both(newer).is_some());
        if is_browsers {
            self.run
        } else {
            self.run.saturating_add(1)
        }
    }

    /// What is known at a moment of the browser's, where its clock was `set` since the last answer
    /// as in [`Answer::set`].
    #[must_use]
    pub fn now(self, set: Option<i64>) -> Self {
        let set = set.filter(|set| set.saturating_abs() >= SET_MILLIS);
        Self {
            set: set.unwrap_or(0),
            ..self
        }
    }
}

/// How many milliseconds lie between a moment of the browser's and an event of the server's: all
/// that the clocks leave possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// At least; negative where the event may have come first.
    pub least: i64,
    /// At most.
    pub most: i64,
}

/// Whether something holds, as far as the clocks tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The clocks cannot be reconciled.
    Perhaps,
}

impl Lapse {
    /// From `from`, by the browser's clock, to `to`, by the server's.
    #[must_use]
    pub fn between(from: (Millis, Clocks), to: (Millis, Clocks)) -> Self {
        let ((from_at, from), (to_at, to)) = (from, to);
        let raw = to_at.since(from_at);
        let by = |lead: Lead| raw.saturating_sub(lead.millis());
        // Nobody knows which clock was set, if not both.
        let open = |one: Lead, other: Lead| Self {
            least: by(one).min(by(other)).saturating_sub(SET_MOST),
            most: by(one).max(by(other)).saturating_add(SET_MOST),
        };
        let lapse = |lead: Lead| {
            let Some(after) = to.lead else {
                return Self::of(by(lead));
            };
            match lead.both(after) {
                Some(both) => Self::of(by(both)),
                // The browser's clock was set, and the server's ran on.
                None if from.run == to.run => Self::of(by(lead)),
                None => open(lead, after),
            }
        };
        let lapse = match (from.lead, to.lead) {
            (None, None) => Self::of(raw),
            // The first answer there was is the nearest.
            (None, Some(lead)) if to.answers <= Some(1) => Self::of(by(lead)),
            (None, Some(lead)) => open(lead, lead),
            (Some(lead), _) if from.set == 0 => lapse(lead),
            (Some(lead), _) => lapse(lead).or(lapse(lead.after_set(from.set))),
        };
        lapse.in_order(from.answers, to.answers)
    }

    const fn of(millis: i64) -> Self {
        Self {
            least: millis,
            most: millis,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    /// What is left of it where an answer came between the two that would have brought the event, had
    /// it come first.
    fn in_order(self, from: Option<u64>, to: Option<u64>) -> Self {
        let is_after = from
            .zip(to)
            .is_some_and(|(from, to)| to >= from.saturating_add(2));
        if is_after && self.least < 0 {
            Self {
                least: 0,
                most: i64::MAX,
            }
        } else {
            self
        }
    }

    /// Whether it is less than `millis`.
    #[must_use]
    pub const fn is_below(self, millis: i64) -> Holds {
        if self.most < millis {
            Holds::Yes
        } else if self.least >= millis {
            Holds::No
        } else {
            Holds::Perhaps
        }
    }
}

#[cfg(test)]
mod tests;
