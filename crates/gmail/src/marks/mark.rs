//! A mark beside a tracked message: what it says, and its element.

use crate::marks::shape::shape;
use crate::page::dom::{attribute, document};
use crate::page::selectors::{MARK, elements};
use kaifu_core::time::Millis;
use kaifu_l10n::{Browser, Words, counts, states};
use kaifu_protocol::content::Mark;
use kaifu_protocol::state::State;
use web_sys::Element;

thread_local! {
    static WORDS: Browser = Browser::new();
}

/// The mark that tells most, of several.
pub(crate) fn strongest<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Option<&'a Mark> {
    marks.into_iter().max_by_key(|mark| {
        let rank = match mark.state {
            State::Off => 0_u8,
            State::Untracked => 1,
            State::Unfollowed => 2,
            State::Scheduled => 3,
            State::Unseen => 4,
            State::Machine => 5,
            State::Unsure => 6,
            State::Refused => 7,
            State::Opened => 8,
            State::Confirmed => 9,
        };
        (rank, mark.last_at, mark.views)
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

/// What `mark` says: in a few words, and in all of them.
fn texts(mark: &Mark, words: &impl Words) -> (String, String) {
    let (name, meaning) = states::keys(mark.state);
    let mut label = words.text(name);
    if let Some(at) = mark.last_at.filter(|_| mark.views > 0) {
        label.push_str(" · ");
        label.push_str(&states::views(mark.views, Millis(at), words));
    }
    let mut title = [label.as_str(), " · "].concat();
    if let Some(because) = &mark.because {
        title.push_str(&states::reason(because, words));
        title.push('\n');
    }
    title.push_str(&words.text(meaning));
    (label, title)
}

fn paint(element: &Element, mark: &Mark) {
    let (label, title) = WORDS.with(|words| texts(mark, words));
    let is_drawn = attribute(element, "data-kaifu-state").as_deref() == Some(mark.state.name());
    if is_drawn && attribute(element, "title").as_ref() == Some(&title) {
        return;
    }
    if !is_drawn {
        element.set_text_content(None);
        if let Some(shape) = shape(mark.state) {
            // Without its shape, a mark still says what it has to say.
            let _ = element.append_child(&shape);
        }
    }
    let count = counts::short(mark.views);
    let counts = matches!(mark.state, State::Opened | State::Confirmed) && mark.views > 1;
    for (name, value) in [
        ("data-kaifu", "mark"),
        ("data-kaifu-state", mark.state.name()),
        ("data-kaifu-reason", &mark.reason),
        ("data-kaifu-count", if counts { &count } else { "" }),
        ("role", "img"),
        ("aria-label", &label),
        ("title", &title),
    ] {
        // An attribute that the page does not take is missing; the mark says the rest.
        let _ = element.set_attribute(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::gmail::id::{ConversationId, GmailId as _};

    fn mark(state: State, views: u32, last_at: Option<i64>) -> Mark {
        Mark {
            thread: ConversationId::parse("thread-a:r1").unwrap(),
            draft: None,
            message: String::new(),
            state,
            reason: String::new(),
            because: None,
            views,
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
            let marks: Vec<Mark> = states.iter().map(|&state| mark(state, 0, None)).collect();
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
            mark(State::Opened, 5, Some(10)),
            mark(State::Opened, 2, Some(20)),
            mark(State::Opened, 1, None),
        ];
        assert_eq!(strongest(&marks).map(|mark| mark.views), Some(2));
    }
}
