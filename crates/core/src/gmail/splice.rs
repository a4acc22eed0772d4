//! Changes the inside of a JSON string, character by character as it is spelled.

use crate::mail::edit::Edit;
use std::borrow::Cow;

/// The number that four hexadecimal digits at `at` stand for.
pub(super) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |number, byte| {
        char::from(*byte)
            .to_digit(16)
            .map(|digit| number << 4 | digit)
    })
}

/// The character that the escape at `at` stands for, and where the next one begins.
fn escape(bytes: &[u8], at: usize) -> (char, usize) {
    let simple = |character| (character, at + 2);
    match bytes.get(at + 1) {
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => {
            let high = hex4(bytes, at + 2).unwrap_or(0xfffd);
            let low = (bytes.get(at + 6..at + 8) == Some(b"\\u"))
                .then(|| hex4(bytes, at + 8))
                .flatten()
                .filter(|low| matches!(high, 0xd800..0xdc00) && matches!(low, 0xdc00..0xe000));
            match low {
                Some(low) => {
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                        at + 12,
                    )
                }
                None => (
                    char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
                    at + 6,
                ),
            }
        }
        Some(other) => simple(char::from(*other)),
        None => (char::REPLACEMENT_CHARACTER, at + 1),
    }
}

/// Where the run of unescaped characters from `at` ends.
fn run_end(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
        .map_or(bytes.len(), |length| at + length)
}

/// What the inside of a JSON string stands for. Half a surrogate pair reads as U+FFFD.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    let bytes = raw.as_bytes();
    let mut end = run_end(bytes, 0);
    if end == bytes.len() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    loop {
        text.push_str(raw.get(at..end).unwrap_or_default());
        if end >= bytes.len() {
            return Cow::Owned(text);
        }
        let (character, next) = escape(bytes, end);
        text.push(character);
        at = next;
        end = run_end(bytes, at);
    }
}

/// Turns `edits` of the string that `raw` stands for into edits of `raw` itself, so that every
/// character that is not touched keeps its spelling.
pub(super) fn raw_edits(raw: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let mut walk = Walk {
        bytes: raw.as_bytes(),
        raw: 0,
        text: 0,
    };
    edits
        .into_iter()
        .map(|edit| Edit {
            range: walk.to(edit.range.start)..walk.to(edit.range.end),
            with: edit.with.replace('\\', "\\\\").replace('"', "\\\""),
        })
        .collect()
}

/// Two positions that go forward together: in the raw string, and in what it stands for.
struct Walk<'a> {
    bytes: &'a [u8],
    raw: usize,
    text: usize,
}

impl Walk<'_> {
    fn to(&mut self, text: usize) -> usize {
        while self.text < text && self.raw < self.bytes.len() {
            let run = run_end(self.bytes, self.raw) - self.raw;
            if run > 0 {
                let step = run.min(text - self.text);
                self.raw += step;
                self.text += step;
            } else {
                let (character, next) = escape(self.bytes, self.raw);
                self.raw = next;
                self.text += character.len_utf8();
            }
        }
        self.raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::edit::apply;
    use proptest::prelude::*;

    #[test]
    fn half_a_surrogate_pair_costs_only_itself() {
        for (raw, expected) in [
            (r"a\ud83db", "a\u{fffd}b"),
            (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ud83d\ude00", "😀"),
        ] {
            assert_eq!(unescape(raw), expected, "{raw}");
        }
    }

    #[test]
    fn edits_keep_the_spelling_of_what_they_do_not_touch() {
        let raw = r"\u003cb>\ud83d\ude00é\/<i>\ud83d";
        let text = unescape(raw);
        let start = text.find("<i>").unwrap();
        let edit = Edit {
            range: start..start + 3,
            with: "\"\\".to_owned(),
        };
        assert_eq!(
            apply(raw, &raw_edits(raw, vec![edit])),
            r#"\u003cb>\ud83d\ude00é\/\"\\\ud83d"#
        );
    }

    proptest! {
        #[test]
        fn an_edit_of_the_raw_text_is_the_edit_of_the_text(
            before in "\\PC{0,8}[\n\"\\\\😀]{0,3}", cut in "[<a\"é]{0,5}", after: String, with in "[\"\\\\a<]{0,6}",
        ) {
            let text = format!("{before}{cut}{after}");
            let json = serde_json::to_string(&text).unwrap();
            let raw = &json[1..json.len() - 1];
            let edit = Edit { range: before.len()..before.len() + cut.len(), with: with.clone() };
            let changed = apply(raw, &raw_edits(raw, vec![edit]));
            prop_assert_eq!(unescape(&changed), format!("{before}{with}{after}"));
        }
    }
}
