//! A mark beside a tracked message: its element. What it says comes from the worker.

use crate::marks::shape::shape;
use crate::page::dom::{attribute, document};
use crate::page::selectors::{MARK, elements};
use kaifu_protocol::content::Mark;
use kaifu_protocol::state::State;
use web_sys::Element;

/// The mark that tells most, of several.
pub(crate) fn strongest<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Option<&'a Mark> {
    marks.into_iter().max_by_key(|mark| {
        let rank = match mark.state {
            State::Off => 0_u8,
            State::Untracked => 1,
            State::Unfollowed => 2,
            State::Scheduled => 3,
            State::Waiting => 4,
            State::Unseen => 5,
            State::Machine => 6,
            State::Unsure => 7,
            State::Refused => 8,
            State::Opened => 9,
            State::Confirmed => 10,
        };
        (rank, mark.last_at)
    })
}

/// The marks in `scope`.
pub(crate) fn all_in(scope: &Element) -> Vec<Element> {
    scope
        .query_selector_all(MARK)
        .map_or_else(|_| Vec::new(), |found| elements(&found))
}

/// Whether `element` is a mark.
pub(crate) fn is(element: &Element) -> bool {
    element.matches(MARK).unwrap_or(false)
}

/// Shows `mark` by one of `existing`, or by a new element that `place` puts into the page; the
/// others go.
pub(crate) fn show(mark: Option<&Mark>, existing: Vec<Element>, place: impl FnOnce(&Element)) {
    let mut existing = existing.into_iter();
    if let Some(mark) = mark {
        if let Some(element) = existing.next() {
            paint(&element, mark);
        } else if let Ok(element) = document().create_element("span") {
            paint(&element, mark);
            place(&element);
        }
    }
    for surplus in existing {
        surplus.remove();
    }
}

fn paint(element: &Element, mark: &Mark) {
    let is_drawn = attribute(element, "data-kaifu-state").as_deref() == Some(mark.state.name());
    if is_drawn && attribute(element, "title").as_ref() == Some(&mark.title) {
        return;
    }
    if !is_drawn {
        element.set_text_content(None);
        if let Some(shape) = shape(mark.state) {
            // Without its shape, a mark still says what it has to say.
            let _ = element.append_child(&shape);
        }
    }
    for (name, value) in [
        ("data-kaifu", "mark"),
        ("data-kaifu-state", mark.state.name()),
        ("data-kaifu-reason", &mark.reason),
        ("data-kaifu-count", &mark.count),
        ("role", "img"),
        ("aria-label", &mark.label),
        ("title", &mark.title),
    ] {
        // An attribute that the page does not take is missing; the mark says the rest.
        let _ = element.set_attribute(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::gmail::id::{ConversationId, GmailId as _};

    fn mark(state: State, last_at: Option<i64>) -> Mark {
        Mark {
            thread: ConversationId::parse("thread-a:r1").unwrap(),
            draft: None,
            message: String::new(),
            state,
            reason: String::new(),
            label: String::new(),
            title: String::new(),
            count: String::new(),
            last_at,
        }
    }

    #[test]
    fn the_mark_of_a_conversation_is_its_most_telling_one() {
        use State::{
            Confirmed, Machine, Off, Opened, Refused, Scheduled, Unfollowed, Unseen, Unsure,
            Untracked,
        };
        for (states, expected) in [
            (&[][..], None),
            (&[Unseen], Some(Unseen)),
            (&[Untracked, Unseen], Some(Unseen)),
            (&[Unseen, Machine, Untracked], Some(Machine)),
            (&[Untracked, Off], Some(Untracked)),
            (&[Off, Untracked], Some(Untracked)),
            (&[Unsure, Machine], Some(Unsure)),
            (&[Unseen, Scheduled], Some(Unseen)),
            (&[Untracked, Unfollowed], Some(Unfollowed)),
            (&[Unfollowed, Unseen], Some(Unseen)),
            (&[Opened, Unseen], Some(Opened)),
            (&[Machine, Refused, Unseen], Some(Refused)),
            (&[Refused, Opened], Some(Opened)),
            (&[Opened, Confirmed, Refused], Some(Confirmed)),
        ] {
            let marks: Vec<Mark> = states.iter().map(|&state| mark(state, None)).collect();
            assert_eq!(
                strongest(&marks).map(|mark| mark.state),
                expected,
                "{states:?}"
            );
        }
    }

    #[test]
    fn of_two_opened_ones_the_one_that_was_opened_last_is_told() {
        let marks = [
            mark(State::Opened, Some(10)),
            mark(State::Opened, Some(20)),
            mark(State::Opened, None),
        ];
        let told = strongest(&marks).and_then(|mark| mark.last_at);
        assert_eq!(told, Some(20));
    }
}
