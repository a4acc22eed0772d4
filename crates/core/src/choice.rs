//! Whether an email is to be tracked, and how: what the user chose, what was decided at the press of
//! Send, and which of these the request must obey.
//!
//! Every page of a browser comes to the same answer, whichever of them heard of what first: the last
//! decision by time counts.

use crate::mail::manner::Manner;
use crate::mail::mode::Mode;
use crate::time::Millis;

/// A decision about one email, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// How it is to be tracked; `None` where it is not.
    pub how: Option<Manner>,
    /// When that was decided.
    pub at: Millis,
}

impl Choice {
    /// The one of both that was made last. Of two at the same time it is the one that tracks less.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        let rank = |it: Self| (it.at, it.how.is_none(), it.how);
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// What the switch of a form shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How the email would be tracked; `None` where it would not be.
    pub how: Option<Manner>,
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
    pub fn shown(&self, by_default: Option<Manner>) -> Option<Manner> {
        self.chosen.map_or(by_default, |choice| choice.how)
    }

    /// Whether it was pressed as one to track.
    #[must_use]
    pub fn was_tracked(&self) -> bool {
        self.pressed.is_some_and(|it| it.how.is_some())
    }

    /// How the email in a request must be tracked, if it must. `form` is what the email's form would do,
    /// if the page that makes the request has it, and `carried` the mode that fits what the request itself
    /// shows of this email's own: saved drafts carry nothing, so that was put in at a press of Send, of
    /// which the page need not have heard. When that was is not known: a switch that was turned off
    /// outweighs it. Where nobody decided anything, nothing leaves: Gmail also sends what no form wrote,
    /// such as reactions.
    #[must_use]
    pub fn on_wire(&self, form: Option<Shown>, carried: Option<Mode>) -> Option<Manner> {
        let decided = match (self.chosen, self.pressed) {
            (chosen, None) => match form {
                Some(shown) => shown.how,
                None => chosen.and_then(|choice| choice.how),
            },
            // What is chosen at the moment of the press is in the decision already.
            (Some(chosen), Some(pressed)) if chosen.at > pressed.at => chosen.how,
            (_, Some(pressed)) => pressed.how,
        };
        let is_turned_off = self.chosen.is_some_and(|choice| choice.how.is_none());
        let carried = carried.filter(|_| !is_turned_off);
        decided.or(carried.map(Manner::from))
    }
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
    use proptest::prelude::*;

    const fn choice(mode: Option<Mode>, at: i64) -> Choice {
        Choice {
            how: match mode {
                Some(mode) => Some(Manner {
                    mode,
                    line: None,
                    language: None,
                }),
                None => None,
            },
            at: Millis(at),
        }
    }

    fn any_mode() -> impl Strategy<Value = Option<Mode>> {
        prop::option::of(prop::sample::select(&Mode::ALL[..]))
    }

    #[test]
    fn the_request_obeys_the_last_decision() {
        let on = |at| Some(choice(Some(Mode::Receipt), at));
        let off = |at| Some(choice(None, at));
        let (image, nothing) = (Some(Mode::Image), None);
        for (chosen, pressed, form, carried, expected) in [
            // Nobody decided anything.
            (None, None, None, nothing, false),
            (None, None, Some(true), nothing, true),
            (None, None, Some(false), nothing, false),
            // The request leaves from a page that never had the form.
            (None, on(5), None, nothing, true),
            (None, on(5), Some(false), nothing, true),
            (off(3), on(5), None, nothing, true),
            (on(3), off(5), None, nothing, false),
            // Turned off since the press, in another tab.
            (off(7), on(5), None, nothing, false),
            (on(7), off(5), None, nothing, true),
            (on(5), off(5), None, nothing, false),
            // A press that was not seen.
            (on(5), None, None, nothing, true),
            (off(5), None, None, nothing, false),
            (on(5), None, Some(false), nothing, false),
            // A press that this page did not hear of, but whose image is there.
            (None, None, None, image, true),
            (None, None, Some(false), image, true),
            (on(3), off(5), None, image, true),
            // Turned off since, whether or not the press is still known: the email may have been taken
            // back in another tab.
            (off(7), on(5), None, image, false),
            (off(7), None, None, image, false),
            (off(5), off(7), None, image, false),
            (off(3), on(5), None, image, true),
        ] {
            let choices = Choices { chosen, pressed };
            let form = form.map(|tracks: bool| Shown {
                how: tracks.then_some(Mode::Both.into()),
            });
            assert_eq!(
                choices.on_wire(form, carried).is_some(),
                expected,
                "{chosen:?} {pressed:?} {form:?} {carried:?}"
            );
        }
    }

    #[test]
    fn the_request_obeys_the_mode_of_the_decision_and_of_what_it_carries_where_there_is_none() {
        use Mode::{Both, Image, Receipt};
        for (chosen, pressed, form, carried, expected) in [
            (None, Some(Receipt), None, None, Receipt),
            (
                Some(Both),
                Some(Receipt),
                Some(Some(Image)),
                Some(Image),
                Receipt,
            ),
            (Some(Both), None, Some(Some(Receipt)), Some(Image), Receipt),
            (Some(Both), None, None, None, Both),
            (None, None, None, Some(Receipt), Receipt),
            (None, None, Some(None), Some(Both), Both),
        ] {
            let made = |mode: Option<Mode>, at| mode.map(|mode| choice(Some(mode), at));
            let choices = Choices {
                chosen: made(chosen, 3),
                pressed: made(pressed, 5),
            };
            let form = form.map(|mode: Option<Mode>| Shown {
                how: mode.map(Manner::from),
            });
            let found = choices.on_wire(form, carried);
            assert_eq!(
                found,
                Some(expected.into()),
                "{chosen:?} {pressed:?} {form:?} {carried:?}"
            );
        }
    }

    proptest! {
        /// Pages hear of choices in any order, and come to the same.
        #[test]
        fn the_order_of_hearing_changes_nothing(
            made in prop::collection::vec((any_mode(), 0..4_i64), 1..6),
            order in prop::collection::vec(any::<prop::sample::Index>(), 6),
        ) {
            let made: Vec<Choice> = made.iter().map(|&(mode, at)| choice(mode, at)).collect();
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
