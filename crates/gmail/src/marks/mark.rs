//! A mark beside a tracked message: what it says, and its element.

use crate::page::dom::{attribute, document};
use crate::page::selectors::{MARK, elements};
use js_sys::{Date, Object, Reflect};
use kaifu_chrome::i18n::{text, text_with};
use kaifu_core::state::StateReason;
use kaifu_protocol::content::Mark;
use kaifu_protocol::state::State;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use web_sys::Element;

/// The name and the meaning of a state.
type Words = (String, String);

thread_local! {
    static WORDS: RefCell<Vec<(&'static str, Words)>> = const { RefCell::new(Vec::new()) };
    static REASONS: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// The mark that tells most, of several.
pub(crate) fn strongest<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Option<&'a Mark> {
    marks.into_iter().max_by_key(|mark| {
        let rank = match mark.state {
            State::Untracked if was_not_asked(mark) => 0_u8,
            State::Untracked => 1,
            State::Unseen => 2,
            State::Machine => 3,
            State::Refused => 4,
            State::Opened => 5,
            State::Confirmed => 6,
        };
        (rank, mark.last_at, mark.views)
    })
}

/// Whether tracking was not asked for.
fn was_not_asked(mark: &Mark) -> bool {
    StateReason::from_code(&mark.reason) == Some(StateReason::NotAsked)
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
    let (name, mut title) = words(mark);
    let mut label = name;
    if let Some(at) = mark.last_at.filter(|_| mark.views > 0) {
        label.push_str(" · ");
        label.push_str(&views(mark.views, at));
    }
    if let Some(because) = &mark.because {
        title.insert(0, '\n');
        title.insert_str(0, &reason(because));
    }
    title.insert_str(0, " · ");
    title.insert_str(0, &label);
    if attribute(element, "title").as_ref() == Some(&title)
        && attribute(element, "data-kaifu-state").as_deref() == Some(mark.state.name())
    {
        return;
    }
    let count = if mark.views > 99 {
        "99+".to_owned()
    } else {
        mark.views.to_string()
    };
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

/// The name of a mark's state, and what it means. Asking the browser for a text costs more than all
/// the rest of a mark, so each is asked for once.
fn words(mark: &Mark) -> Words {
    let (name, meaning) = match mark.state {
        State::Unseen => ("state_unseen", "state_unseen_title"),
        State::Machine => ("state_machine", "state_machine_title"),
        State::Opened => ("state_opened", "state_opened_title"),
        State::Confirmed => ("state_confirmed", "state_confirmed_title"),
        State::Refused => ("state_refused", "state_refused_title"),
        State::Untracked if was_not_asked(mark) => ("mark_not_asked", "reason_not_asked"),
        State::Untracked => ("state_untracked", "state_untracked_title"),
    };
    let known = WORDS.with_borrow(|words| {
        let known = words.iter().find(|(of, _)| *of == name);
        known.map(|(_, words)| words.clone())
    });
    known.unwrap_or_else(|| {
        let asked = (text(name), text(meaning));
        WORDS.with_borrow_mut(|words| words.push((name, asked.clone())));
        asked
    })
}

/// The words for a reason's code, which a newer worker may know alone.
fn reason(code: &str) -> String {
    let known = REASONS.with_borrow(|reasons| {
        let known = reasons.iter().find(|(of, _)| of == code);
        known.map(|(_, words)| words.clone())
    });
    known.unwrap_or_else(|| {
        let mut asked = text(&format!("reason_{code}"));
        if asked.is_empty() {
            asked = text("reason_reported");
        }
        REASONS.with_borrow_mut(|reasons| reasons.push((code.to_owned(), asked.clone())));
        asked
    })
}

/// How many views there were, and when the last one was.
fn views(count: u32, at: i64) -> String {
    let style = Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // Without it the time is only longer.
        let _ = Reflect::set(&style, &name.into(), &value.into());
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "the clock in milliseconds fits 53 bits"
    )]
    let at = JsValue::from_f64(at as f64);
    let at: String = Date::new(&at)
        .to_locale_string(&text("locale_language"), &style)
        .into();
    if count == 1 {
        text_with("mark_view", &[&at])
    } else {
        text_with("mark_views", &[&count.to_string(), &at])
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
        use State::{Confirmed, Machine, Opened, Refused, Unseen, Untracked};
        for (states, expected) in [
            (&[][..], None),
            (&[Unseen], Some(Unseen)),
            (&[Untracked, Unseen], Some(Unseen)),
            (&[Unseen, Machine, Untracked], Some(Machine)),
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
    fn tracking_that_failed_is_told_before_tracking_that_was_not_asked_for() {
        let not_tracked = |reason: StateReason| Mark {
            reason: reason.code().to_owned(),
            ..mark(State::Untracked, 0, None)
        };
        let (failed, off) = (StateReason::NotTracked, StateReason::NotAsked);
        for reasons in [[failed, off], [off, failed]] {
            let told = strongest(&reasons.map(not_tracked)).map(|mark| mark.reason.clone());
            assert_eq!(told.as_deref(), Some(failed.code()), "{reasons:?}");
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
