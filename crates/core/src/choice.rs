//! Whether an email is to be tracked: what the user chose, what was decided at the press of Send, and
//! which of these the request must obey.
//!
//! Every page of a browser comes to the same answer, whichever of them heard of what first: the last
//! decision by time counts.

use crate::time::Millis;

/// A decision about one email, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// Whether it is to be tracked.
    pub track: bool,
    /// When that was decided.
    pub at: Millis,
}

impl Choice {
    /// The one of both that was made last. Of two at the same time it is the one against tracking.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        if (other.at, !other.track) > (self.at, !self.track) {
            other
        } else {
            self
        }
    }
}

/// What was decided about one draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// What the user chose with the switch; `None` while they chose nothing, and the default holds.
    pub chosen: Option<Choice>,
    /// What was decided when Send was last pressed; `None` once the email is a draft again.
    pub pressed: Option<Choice>,
}

impl Choices {
    /// Takes in a choice of the user's, which may be older than what is known.
    pub fn choose(&mut self, choice: Choice) {
        self.chosen = later(self.chosen, Some(choice));
    }

    /// Takes in what was decided at a press, which may be older than what is known.
    pub fn press(&mut self, decision: Choice) {
        self.pressed = later(self.pressed, Some(decision));
    }

    /// Takes in what another part of this browser knows.
    pub fn merge(&mut self, other: Self) {
        self.chosen = later(self.chosen, other.chosen);
        self.pressed = later(self.pressed, other.pressed);
    }

    /// What the switch shows.
    #[must_use]
    pub fn shown(&self, by_default: bool) -> bool {
        self.chosen.map_or(by_default, |choice| choice.track)
    }

    /// Whether the email in a request must carry its image. `form` is what the email's form would do, if
    /// the page that makes the request has it, and `carried` what the request itself shows. Where nobody
    /// decided anything, no image leaves: Gmail also sends what no form wrote, such as reactions.
    #[must_use]
    pub fn on_wire(&self, form: Option<bool>, carried: Carried) -> bool {
        let decided = match (self.chosen, self.pressed) {
            (chosen, None) => form.unwrap_or(chosen.is_some_and(|choice| choice.track)),
            // What is chosen at the moment of the press is in the decision already.
            (Some(chosen), Some(pressed)) if chosen.at > pressed.at => chosen.track,
            (_, Some(pressed)) => pressed.track,
        };
        let is_turned_off = self.chosen.is_some_and(|choice| !choice.track);
        decided || (carried == Carried::Image && !is_turned_off)
    }
}

/// What a request shows by itself of what was decided about the email in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carried {
    /// No image of this email's own.
    Nothing,
    /// Its image: saved drafts carry none, so it was put in at a press of Send, of which the page that
    /// makes the request need not have heard. When that was is not known: a switch that was turned off
    /// outweighs it.
    Image,
}

fn later(one: Option<Choice>, other: Option<Choice>) -> Option<Choice> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.or_later(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Carried::{Image, Nothing};
    use proptest::prelude::*;

    const fn choice(track: bool, at: i64) -> Choice {
        Choice {
            track,
            at: Millis(at),
        }
    }

    #[test]
    fn the_request_obeys_the_last_decision() {
        let (on, off) = (|at| Some(choice(true, at)), |at| Some(choice(false, at)));
        for (chosen, pressed, form, carried, expected) in [
            // Nobody decided anything.
            (None, None, None, Nothing, false),
            (None, None, Some(true), Nothing, true),
            (None, None, Some(false), Nothing, false),
            // The request leaves from a page that never had the form.
            (None, on(5), None, Nothing, true),
            (None, on(5), Some(false), Nothing, true),
            (off(3), on(5), None, Nothing, true),
            (on(3), off(5), None, Nothing, false),
            // Turned off since the press, in another tab.
            (off(7), on(5), None, Nothing, false),
            (on(7), off(5), None, Nothing, true),
            (on(5), off(5), None, Nothing, false),
            // A press that was not seen.
            (on(5), None, None, Nothing, true),
            (off(5), None, None, Nothing, false),
            (on(5), None, Some(false), Nothing, false),
            // A press that this page did not hear of, but whose image is there.
            (None, None, None, Image, true),
            (None, None, Some(false), Image, true),
            (on(3), off(5), None, Image, true),
            // Turned off since, whether or not the press is still known: the email may have been taken
            // back in another tab.
            (off(7), on(5), None, Image, false),
            (off(7), None, None, Image, false),
            (off(5), off(7), None, Image, false),
            (off(3), on(5), None, Image, true),
        ] {
            let choices = Choices { chosen, pressed };
            assert_eq!(
                choices.on_wire(form, carried),
                expected,
                "{chosen:?} {pressed:?} {form:?} {carried:?}"
            );
        }
    }

    proptest! {
        /// Pages hear of choices in any order, and come to the same.
        #[test]
        fn the_order_of_hearing_changes_nothing(
            made in prop::collection::vec((any::<bool>(), 0..4_i64), 1..6),
            order in prop::collection::vec(any::<prop::sample::Index>(), 6),
        ) {
            let made: Vec<Choice> = made.iter().map(|&(track, at)| choice(track, at)).collect();
            let (mut one, mut other) = (Choices::default(), Choices::default());
            for it in &made {
                one.choose(*it);
            }
            let mut rest = made;
            for place in order {
                if !rest.is_empty() {
                    let mut heard = Choices::default();
                    heard.choose(rest.remove(place.index(rest.len())));
                    other.merge(heard);
                }
            }
            prop_assert_eq!(one, other);
        }
    }
}
