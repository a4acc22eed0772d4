//! Marks in a conversation: beside the date of each tracked message, and beside the subject for
//! those that could not be told apart.

use crate::marks::mark;
use crate::page::names::message_id;
use crate::page::selectors::{CONVERSATION_ID, MESSAGE, MESSAGE_DATE};
use kaifu_protocol::content::Mark;
use web_sys::Element;

/// The node that names the conversation which `element` names or is a message of.
pub(crate) fn header(element: &Element) -> Option<Element> {
    if CONVERSATION_ID.is(element) {
        return Some(element.clone());
    }
    let mut found = around(element)
        .map(|scope| CONVERSATION_ID.find_all(&scope))
        .find(|found| !found.is_empty())?;
    // Gmail keeps hidden conversations in the page: several are none.
    found.pop().filter(|_| found.is_empty())
}

/// Shows `marks` in the conversation that `header` names.
pub(crate) fn show(header: &Element, marks: &[Mark]) {
    let messages = around(header)
        .take_while(|scope| CONVERSATION_ID.find_all(scope).len() <= 1)
        .map(|scope| MESSAGE.find_all(&scope))
        .find(|found| !found.is_empty())
        .unwrap_or_default();
    let mut left: Vec<&Mark> = marks.iter().collect();
    for message in messages {
        let id = message_id(&message);
        let date = MESSAGE_DATE.find(&message);
        let place = left
            .iter()
            .position(|mark| mark.draft.is_some() && mark.draft == id)
            .filter(|_| date.is_some());
        let mark = place.map(|place| left.remove(place));
        mark::show(mark, mark::all_in(&message), |element| {
            if let Some(date) = date
                && let Some(parent) = date.parent_node()
            {
                // A message that has just been taken away needs no mark.
                let _ = parent.insert_before(element, Some(&date));
            }
        });
    }
    let beside = header.next_element_sibling().filter(mark::is);
    mark::show(
        mark::strongest(left.iter().copied()),
        beside.into_iter().collect(),
        |element| {
            let _ = header.insert_adjacent_element("afterend", element);
        },
    );
}

/// What `element` stands in, from the inside out.
fn around(element: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(element.parent_element(), |it| it.parent_element())
}
