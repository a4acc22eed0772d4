//! The list of known robots.

use kaifu_core::fetch::{device_within, names_library};
use std::ops::Range;

/// Written by the refresh command; see `data/README.md` for where it comes from.
const BUILT_IN: &str = include_str!("../data/agents.txt");

/// Pieces of user agents that robots have. They are searched for all at once, so that their number
/// costs next to nothing; case counts.
#[derive(Debug)]
pub struct Agents {
    pieces: Vec<Piece>,
    /// The first piece of each bucket; [`END`] for none.
    heads: Vec<u16>,
}

#[derive(Debug)]
struct Piece {
    text: Box<[u8]>,
    /// Whether it only counts at the beginning of an agent.
    begins: bool,
    /// Where the three bytes stand in it that it is found by.
    anchor: usize,
    /// The next piece of the same bucket; [`END`] for none.
    next: u16,
}

const END: u16 = u16::MAX;

/// Pieces are kept in buckets by three of their bytes.
const BUCKETS: usize = 1 << 13;

fn bucket(anchor: [u8; 3]) -> usize {
    let [first, second, third] = anchor.map(u32::from);
    let bytes = first | second << 8 | third << 16;
    (bytes.wrapping_mul(0x9e37_79b1) >> (32 - 13)) as usize
}

/// What nearly every agent has. Pieces are found by other bytes, so that ordinary browsers lead to few.
const ORDINARY: &str = "\
    Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
    Safari/537.36 (Macintosh; Intel Mac OS X 10_15_7) (iPhone; CPU iPhone OS 18_0 like Mac OS X) \
    AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1 (X11; Linux x86_64; rv:140.0) \
    Gecko/20100101 Firefox/140.0 (Linux; Android 10; K) Mobile Safari";

/// As much of a user agent is searched.
const AGENT_MAX_BYTES: usize = 1024;

impl Agents {
    /// The built-in list.
    ///
    /// # Panics
    ///
    /// Never: a test reads the same list.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads the same list")
    }

    /// Reads a list: one piece on each line, `^` before one that only counts at the beginning,
    /// `#` before a remark. The names of HTTP libraries are left out: the rules know them, and when
    /// they stand for the program that is made with them.
    ///
    /// # Errors
    ///
    /// What is wrong with the list.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        if lines.is_empty() {
            return Err("it is empty");
        }
        // A piece of one or two letters would make nearly everything a robot.
        if lines
            .iter()
            .any(|line| line.trim_start_matches('^').len() < 3)
        {
            return Err("a line is shorter than three characters");
        }
        let mut agents = Self {
            pieces: Vec::new(),
            heads: vec![END; BUCKETS],
        };
        for line in lines {
            let (begins, text) = match line.strip_prefix('^') {
                Some(text) => (true, text),
                None => (false, line),
            };
            if !names_library(text) {
                agents.push(text.as_bytes(), begins)?;
            }
        }
        Ok(agents)
    }

    fn push(&mut self, text: &[u8], begins: bool) -> Result<(), &'static str> {
        let number = u16::try_from(self.pieces.len()).map_err(|_| "it is too large")?;
        if number == END {
            return Err("it is too large");
        }
        let is_rare = |anchor: &[u8]| !ORDINARY.as_bytes().windows(3).any(|usual| usual == anchor);
        let anchor = text.windows(3).position(is_rare).unwrap_or(0);
        let bytes = text[anchor..].first_chunk();
        let bytes = bytes.ok_or("a line is shorter than three characters")?;
        let head = &mut self.heads[bucket(*bytes)];
        self.pieces.push(Piece {
            text: text.into(),
            begins,
            anchor,
            next: *head,
        });
        *head = number;
        Ok(())
    }

    /// Whether the list has a piece of `user_agent`, apart from the name of the device in it, which
    /// may be like a robot's.
    #[must_use]
    pub fn matches(&self, user_agent: &str) -> bool {
        let end = user_agent.floor_char_boundary(AGENT_MAX_BYTES);
        let agent = &user_agent[..end];
        // Lazily, as most agents have no piece at all.
        let mut device = None;
        self.finds(agent.as_bytes(), |piece| {
            let device = device.get_or_insert_with(|| device_within(agent));
            device
                .as_ref()
                .is_none_or(|device| piece.end <= device.start || piece.start >= device.end)
        })
    }

    /// Whether a piece stands in an agent where `counts` says that it counts.
    fn finds(&self, agent: &[u8], mut counts: impl FnMut(Range<usize>) -> bool) -> bool {
        for (at, anchor) in agent.windows(3).enumerate() {
            let mut next = self.heads[bucket([anchor[0], anchor[1], anchor[2]])];
            while let Some(piece) = self.pieces.get(usize::from(next)) {
                if let Some(start) = at.checked_sub(piece.anchor)
                    && agent[start..].starts_with(&piece.text)
                    && (start == 0 || !piece.begins)
                    && counts(start..start + piece.text.len())
                {
                    return true;
                }
                next = piece.next;
            }
        }
        false
    }

    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.pieces.iter().map(|piece| piece.text.len()).sum();
        size_of_val(self.pieces.as_slice()) + size_of_val(self.heads.as_slice()) + texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_knows_robots() {
        let agents = Agents::parse(BUILT_IN).unwrap();
        assert!(agents.matches("Mozilla/5.0 (compatible; theoldreader.com)"));
        assert!(
            !agents
                .matches("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        );
    }

    #[test]
    fn a_list_is_read() {
        let agents = Agents::parse("# remark\nExample\n^Start/\nokhttp\n").unwrap();
        assert!(!agents.matches("SomeMail/4.0 (Android 14) okhttp/4.10"));
        assert!(agents.matches("an Example agent"));
        assert!(agents.matches("Start/1"));
        assert!(!agents.matches("no Start/1"));
        assert!(!agents.matches("example"));
        assert!(!agents.matches(&"é".repeat(4_000)));
        assert!(!agents.matches("Mozilla/5.0 (Linux; Android 14; Example 5) AppleWebKit"));
        assert!(agents.matches("Mozilla/5.0 (Linux; Android 14; X) Example/5"));
        for wrong in ["", "# remark", "ab", "^ab"] {
            assert!(Agents::parse(wrong).is_err(), "{wrong}");
        }
    }
}
