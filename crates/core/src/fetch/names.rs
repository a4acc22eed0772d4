//! Lists of short names that are looked for all at once.

use std::ops::Range;

/// A list of names in lower case, looked up by their first letter. Built at compile time.
pub(super) struct Names<const COUNT: usize> {
    /// The names, those that begin alike beside each other.
    sorted: [&'static str; COUNT],
    /// Where the names with each first letter begin in `sorted`, and where the next letter's do.
    starts: [u8; LETTERS + 1],
}

/// First bytes are told apart by this many of their bits' values; two that are not are tried both.
const LETTERS: usize = 32;

const fn letter(byte: u8) -> usize {
    byte as usize % LETTERS
}

impl<const COUNT: usize> Names<COUNT> {
    /// A list of `names`, none of which is empty.
    pub(super) const fn new(names: [&'static str; COUNT]) -> Self {
        assert!(COUNT <= u8::MAX as usize, "a list has at most 255 names");
        let mut sorted = [""; COUNT];
        let mut starts = [0; LETTERS + 1];
        let (mut filled, mut first) = (0, 0);
        while first < LETTERS {
            let mut name = 0;
            while name < COUNT {
                if letter(names[name].as_bytes()[0]) == first {
                    sorted[filled as usize] = names[name];
                    filled += 1;
                }
                name += 1;
            }
            first += 1;
            starts[first] = filled;
        }
        Self { sorted, starts }
    }

    /// Whether `text` is one of the names.
    pub(super) fn has(&self, text: &str) -> bool {
        self.candidates(text).contains(&text)
    }

    /// Whether `text` begins with one of the names.
    pub(super) fn begin(&self, text: &str) -> bool {
        let mut candidates = self.candidates(text).iter();
        candidates.any(|name| text.starts_with(name))
    }

    /// The names that begin as `text` does.
    fn candidates(&self, text: &str) -> &[&'static str] {
        let Some(&first) = text.as_bytes().first() else {
            return &[];
        };
        let first = letter(first);
        let range = Range {
            start: usize::from(self.starts[first]),
            end: usize::from(self.starts[first + 1]),
        };
        &self.sorted[range]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<5> = Names::new(["windows", "x11", "web0s", ".net", "8bit"]);

    #[test]
    fn names_are_found_by_their_first_letter() {
        for name in ["windows", "x11", "web0s", ".net", "8bit"] {
            assert!(NAMES.has(name), "{name}");
            assert!(NAMES.begin(&format!("{name} and more")), "{name}");
            assert!(!NAMES.has(&name[1..]), "{name}");
        }
        for other in ["", "w", "window", "wexel", "nnet", "é", "Windows"] {
            assert!(!NAMES.has(other), "{other}");
            assert!(!NAMES.begin(other), "{other}");
        }
    }
}
