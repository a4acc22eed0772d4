//! Marks in Gmail's lists: one for each conversation, before its subject.

use crate::marks::mark;
use crate::page::names::conversation_name;
use crate::page::selectors::{ROW, ROW_ID};
use kaifu_protocol::content::Mark;
use web_sys::Element;

/// In the vertical layout a conversation has up to this many rows.
const MAX_ROWS: usize = 3;

/// Shows `mark` in the row that `id` names the conversation of, and nothing where there is none.
pub(crate) fn show(id: &Element, mark: Option<&Mark>) {
    let Some(row) = ROW.around(id) else { return };
    let rows = rows_of(row, conversation_name(id).as_deref());
    let existing = rows.iter().flat_map(mark::all_in).collect();
    mark::show(mark, existing, |element| {
        // The last one stands around the subject, the first one where nobody sees it.
        let subject = rows.iter().rev().find_map(|row| ROW_ID.find_all(row).pop());
        if let Some(subject) = subject
            && let Some(parent) = subject.parent_node()
        {
            // A row that has just been taken away needs no mark.
            let _ = parent.insert_before(element, Some(&subject));
        }
    });
}

/// The rows of one conversation, in their order. A row that names it twice stands for it alone.
fn rows_of(row: Element, id: Option<&str>) -> Vec<Element> {
    let is_part = |row: &Element| {
        let ids = ROW_ID.find_all(row);
        ids.len() == 1 && conversation_name(&ids[0]).as_deref() == id
    };
    if !is_part(&row) {
        return vec![row];
    }
    let mut before: Vec<Element> = parts(&row, Element::previous_element_sibling, &is_part);
    before.reverse();
    let after = parts(&row, Element::next_element_sibling, &is_part);
    before.push(row);
    before.extend(after);
    before
}

fn parts(
    row: &Element,
    next: fn(&Element) -> Option<Element>,
    is_part: &impl Fn(&Element) -> bool,
) -> Vec<Element> {
    std::iter::successors(next(row), next)
        .take(MAX_ROWS - 1)
        .take_while(is_part)
        .collect()
}
