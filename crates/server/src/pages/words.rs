//! The recipient's page in words. `{…}` in a text is a place that is filled.

use serde::Deserialize;
use std::ops::Deref;

/// Every text of the recipient's page in one language, by its key in `locales`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// `ltr` or `rtl`.
    pub(super) direction: Text,
    /// The months' names in dates.
    pub(super) months: [Text; 12],
    pub(super) never_list: Vec<Text>,
    pub(super) each_list: Vec<Text>,
    pub(super) long_list: Vec<Text>,
    pub(super) today: Text,
    pub(super) date: Text,
    pub(super) date_of_year: Text,
    pub(super) title_image: Text,
    pub(super) title_receipt: Text,
    pub(super) title_consent: Text,
    pub(super) first: Text,
    pub(super) lead_image: Text,
    pub(super) lead_receipt: Text,
    pub(super) lead_consent: Text,
    pub(super) choices: Text,
    pub(super) shared: Text,
    pub(super) read: Text,
    pub(super) read_note: Text,
    pub(super) agree: Text,
    pub(super) agree_note: Text,
    pub(super) refuse: Text,
    pub(super) refuse_note: Text,
    pub(super) erase: Text,
    pub(super) erase_note: Text,
    pub(super) allow: Text,
    pub(super) allow_note: Text,
    pub(super) undo: Text,
    pub(super) undo_note: Text,
    pub(super) name: Text,
    pub(super) name_note: Text,
    pub(super) done_read: Text,
    pub(super) done_agree: Text,
    pub(super) done_undo: Text,
    pub(super) done_allow: Text,
    pub(super) done_erase: Text,
    pub(super) unsure: Text,
    pub(super) stale: Text,
    pub(super) late: Text,
    pub(super) refused: Text,
    pub(super) over: Text,
    pub(super) recorded: Text,
    pub(super) nothing: Text,
    pub(super) image: Text,
    pub(super) image_by: Text,
    pub(super) link: Text,
    pub(super) link_by: Text,
    pub(super) scanner: Text,
    pub(super) bot: Text,
    pub(super) has_read: Text,
    pub(super) has_agreed: Text,
    pub(super) has_refused: Text,
    pub(super) has_undone: Text,
    pub(super) other: Text,
    pub(super) more: Text,
    pub(super) earlier: Text,
    pub(super) named: Text,
    pub(super) network: Text,
    pub(super) hidden: Text,
    pub(super) told_likely: Text,
    pub(super) told_unknown: Text,
    pub(super) told_no: Text,
    pub(super) told_press: Text,
    pub(super) told_quick: Text,
    pub(super) never: Text,
    pub(super) each: Text,
    pub(super) long: Text,
    pub(super) about: Text,
    pub(super) about_text: Text,
    pub(super) footer: Text,
    pub(super) operator: Text,
    pub(super) privacy: Text,
    pub(super) not_found_title: Text,
    pub(super) not_found: Text,
    pub(super) no_links: Text,
    pub(super) onward_title: Text,
    pub(super) onward: Text,
    pub(super) onward_note: Text,
    pub(super) unavailable_title: Text,
    pub(super) unavailable: Text,
    pub(super) too_often_title: Text,
    pub(super) too_often: Text,
}

/// A text, which may have places to fill.
#[derive(Debug, Deserialize)]
pub(super) struct Text(String);

impl Text {
    /// The text with each of `values` in its place.
    pub(super) fn fill(&self, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(self.0.len() + 16);
        let mut rest = self.0.as_str();
        while let Some((before, place)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = place.split_once('}').unwrap_or((place, ""));
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_what_fills_them_is_no_place() {
        let text = Text("{a} and {b}, {a}{c}.".to_owned());
        let values = [("a", "{b}"), ("b", "2")];
        assert_eq!(text.fill(&values), "{b} and 2, {b}.");
    }
}
