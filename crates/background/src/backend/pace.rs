//! How often servers are asked: never twice in half a second, whatever happens, and less and less
//! often where nothing comes of it.
//!
//! Times here are of a clock that nobody sets: [`kaifu_chrome::clock::steady`].

use kaifu_chrome::clock::steady;
use kaifu_core::time::Millis;
use std::cell::Cell;

/// The least time between two questions, whichever servers they are put to.
const APART_MS: i64 = 500;

const LONGEST_PAUSE_MS: u32 = 30_000;

/// The longest pause for accounts that only the alarm asks for.
const LONGEST_ASIDE_MS: u32 = 3_600_000;

thread_local! {
    static NEXT: Cell<Option<Millis>> = const { Cell::new(None) };
}

/// Takes the next place among the questions. Returns in how many milliseconds it is.
pub(super) fn take_place() -> u32 {
    let now = steady();
    let place = place(NEXT.get(), now);
    NEXT.set(Some(place.plus(APART_MS)));
    u32::try_from(place.since(now)).unwrap_or(0)
}

/// The place of a question that is asked for at `now`, where `next` is the first free one.
fn place(next: Option<Millis>, now: Millis) -> Millis {
    next.map_or(now, |next| next.max(now))
}

/// How an account's server is being asked, and when it may be asked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// How many questions in a row brought nothing.
    fruitless: u32,
    /// When the pause that follows from that ends.
    until: Option<Millis>,
}

/// Who waits for an account's news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attention {
    /// A tab or page, by a long poll.
    Watched,
    /// Nobody but the alarm.
    Aside,
}

impl Rhythm {
    /// A question brought something, or took all the time that it was given.
    pub(crate) fn went_well(&mut self) {
        *self = Self::default();
    }

    /// A question that ended at `now` brought nothing, or failed; `chance` from 0 to 1 spreads the
    /// pauses, so that a thousand browsers do not return to a server in the same instant.
    pub(crate) fn was_fruitless(&mut self, attention: Attention, now: Millis, chance: f64) {
        self.fruitless = self.fruitless.saturating_add(1);
        let most = match attention {
            Attention::Watched => LONGEST_PAUSE_MS,
            Attention::Aside => LONGEST_ASIDE_MS,
        };
        let longest = most.min(500_u32.saturating_mul(1 << self.fruitless.min(16)));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a fraction of a u32 is one"
        )]
        let spread = (chance.clamp(0.0, 1.0) * f64::from(longest / 2)) as u32;
        self.until = Some(now.plus(i64::from(longest / 2 + spread)));
    }

    /// For how many more milliseconds nobody is to ask.
    pub(crate) fn pause_ms(&self, now: Millis) -> u32 {
        let left = self.until.map_or(0, |until| until.since(now));
        u32::try_from(left.max(0)).unwrap_or(LONGEST_ASIDE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_more_than_twice_in_a_second() {
        let mut next = None;
        let mut asked = Vec::new();
        // A hundred callers at random moments of ten seconds.
        for caller in 0..100 {
            let now = Millis(caller * 7_919 % 10_000);
            let at = place(next, now);
            next = Some(at.plus(APART_MS));
            asked.push(at);
        }
        asked.sort_unstable();
        assert!(
            asked
                .windows(3)
                .all(|three| three[2].since(three[0]) >= 1_000)
        );
    }

    #[test]
    fn each_pause_is_longer_than_the_one_before_up_to_the_longest() {
        for (attention, longest) in [(Attention::Watched, 30_000), (Attention::Aside, 3_600_000)] {
            let mut rhythm = Rhythm::default();
            let mut before = 0;
            for _ in 0..30 {
                rhythm.was_fruitless(attention, Millis(0), 0.0);
                let pause = rhythm.pause_ms(Millis(0));
                assert!(
                    pause >= 500 && (pause > before || pause == longest / 2),
                    "{pause}"
                );
                before = pause;
            }
            rhythm.was_fruitless(attention, Millis(0), 1.0);
            assert_eq!(rhythm.pause_ms(Millis(0)), longest);
            rhythm.went_well();
            assert_eq!(rhythm.pause_ms(Millis(0)), 0);
        }
    }
}
