//! How the server's clock differs from the browser's.
//!
//! Events carry the server's time, sends and own views the browser's. Every answer of the server
//! says when it was made, so that each one narrows down how far the two clocks are apart.

use crate::time::Millis;

/// An answer's time is given in whole seconds.
const DATE_MILLIS: i64 = 1_000;

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

    /// What is known once `newer` has come. Where the two contradict each other, one of the clocks
    /// was set, and only `newer` holds.
    #[must_use]
    pub fn narrowed(self, newer: Self) -> Self {
        let both = Self {
            least: self.least.max(newer.least),
            most: self.most.min(newer.most),
        };
        if both.least <= both.most { both } else { newer }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(asked: i64, received: i64, date: i64) -> Lead {
        Lead::of_answer(Millis(asked), Millis(received), Millis(date)).unwrap()
    }

    #[test]
    fn clocks_that_may_agree_are_taken_to_agree() {
        assert_eq!(answer(5_200, 5_240, 5_000).millis(), 0);
        // An answer that came at once narrows more than one that was waited for.
        assert_eq!(answer(5_200, 55_000, 54_000).millis(), 0);
        assert_eq!(answer(5_200, 5_240, 65_000).millis(), 59_760);
        assert_eq!(answer(65_200, 65_240, 5_000).millis(), -59_201);
        assert_eq!(Lead::of_answer(Millis(2), Millis(1), Millis(1)), None);
    }

    #[test]
    fn a_clock_that_was_set_ends_what_was_known() {
        let before = answer(5_000, 5_010, 5_000);
        let set = answer(6_000, 6_010, 3_606_000);
        assert_eq!(before.narrowed(set), set);
    }

    proptest! {
        #[test]
        fn every_answer_narrows_towards_the_truth(
            lead in -100_000i64..100_000,
            answers in prop::collection::vec((0i64..1_000_000, 0i64..60_000, 0i64..60_000), 1..20),
        ) {
            let mut known: Option<Lead> = None;
            for (asked, there, back) in answers {
                let made = asked + there + lead;
                let told = answer(asked, asked + there + back, made - made.rem_euclid(1_000));
                prop_assert!(told.least <= lead && lead <= told.most);
                let next = known.map_or(told, |known| known.narrowed(told));
                prop_assert!(next.least <= lead && lead <= next.most);
                if let Some(known) = known {
                    prop_assert!(next.most - next.least <= known.most - known.least);
                }
                prop_assert!(next.millis().abs() <= lead.abs());
                known = Some(next);
            }
        }
    }
}
