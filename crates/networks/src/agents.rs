//! The list of known robots.

use aho_corasick::{AhoCorasick, Anchored, Input};
use kaifu_core::fetch::{around_device, names_library};

/// Written by the refresh command; see `data/README.md` for where it comes from.
const BUILT_IN: &str = include_str!("../data/agents.txt");

/// Pieces of user agents that robots have. They are searched for all at once, so that their number
/// costs next to nothing; case counts.
#[derive(Debug)]
pub struct Agents {
    anywhere: AhoCorasick,
    beginning: AhoCorasick,
}

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
        let (beginning, anywhere): (Vec<&str>, Vec<&str>) = lines
            .iter()
            .filter(|line| !names_library(line.trim_start_matches('^')))
            .partition(|line| line.starts_with('^'));
        let build = |pieces: &[&str], kind| {
            AhoCorasick::builder()
                .start_kind(kind)
                .build(pieces.iter().map(|piece| piece.trim_start_matches('^')))
                .map_err(|_| "it is too large")
        };
        Ok(Self {
            anywhere: build(&anywhere, aho_corasick::StartKind::Unanchored)?,
            beginning: build(&beginning, aho_corasick::StartKind::Anchored)?,
        })
    }

    /// Whether the list has a piece of `user_agent`, apart from the name of the device in it, which
    /// may be like a robot's.
    #[must_use]
    pub fn matches(&self, user_agent: &str) -> bool {
        let end = user_agent.floor_char_boundary(AGENT_MAX_BYTES);
        let agent = &user_agent[..end];
        if !self.anywhere.is_match(agent)
            && !self
                .beginning
                .is_match(Input::new(agent).anchored(Anchored::Yes))
        {
            return false;
        }
        let (before, behind) = around_device(agent);
        self.anywhere.is_match(before)
            || self.anywhere.is_match(behind)
            || self
                .beginning
                .is_match(Input::new(before).anchored(Anchored::Yes))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.anywhere.memory_usage() + self.beginning.memory_usage()
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
