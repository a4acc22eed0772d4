//! Finds the rule that fits a user agent, among all of them in one pass.

use super::rules::{FAMILIES, Family};

/// One name of a family.
struct Entry {
    name: &'static [u8],
    anchor: Anchor,
    client: Option<&'static str>,
    family: usize,
    /// The next entry of the same bucket; [`END`] for none.
    next: usize,
}

#[derive(Clone, Copy)]
enum Anchor {
    Anywhere,
    Start,
    Word,
}

const END: usize = usize::MAX;

/// Names are kept in buckets by their first two bytes.
const BUCKETS: usize = 1024;

const fn bucket(first: u8, second: u8) -> usize {
    ((first & 31) as usize) << 5 | (second & 31) as usize
}

const COUNT: usize = {
    let mut count = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        count += FAMILIES[family].names.len();
        family += 1;
    }
    count
};

/// All names, chained by bucket, so that one pass over an agent tries only few of them at each
/// place. Built at compile time.
static INDEX: ([Entry; COUNT], [usize; BUCKETS]) = {
    let mut entries = [const {
        Entry {
            name: b"",
            anchor: Anchor::Anywhere,
            client: None,
            family: 0,
            next: END,
        }
    }; COUNT];
    let mut heads = [END; BUCKETS];
    let mut at = COUNT;
    let mut family = FAMILIES.len();
    // From the last to the first, so that each chain begins with its strongest name.
    while family > 0 {
        family -= 1;
        let mut name = FAMILIES[family].names.len();
        while name > 0 {
            name -= 1;
            at -= 1;
            let (text, client) = FAMILIES[family].names[name];
            let (anchor, text) = match text.as_bytes() {
                [b'^', rest @ ..] => (Anchor::Start, rest),
                [b'~', rest @ ..] => (Anchor::Word, rest),
                all => (Anchor::Anywhere, all),
            };
            let first = bucket(text[0], text[1]);
            entries[at] = Entry {
                name: text,
                anchor,
                client,
                family,
                next: heads[first],
            };
            heads[first] = at;
        }
    }
    (entries, heads)
};

/// The first family, and the program's name, that fits an agent in lower case.
pub(super) fn find(agent: &[u8]) -> Option<(&'static Family, Option<&'static str>)> {
    let (entries, heads) = &INDEX;
    let mut best = END;
    for (at, pair) in agent.windows(2).enumerate() {
        let mut candidate = heads[bucket(pair[0], pair[1])];
        while candidate < best {
            let entry = &entries[candidate];
            if agent[at..].starts_with(entry.name) && fits(entry, &agent[..at]) {
                best = candidate;
            }
            candidate = entry.next;
        }
    }
    entries
        .get(best)
        .map(|entry| (&FAMILIES[entry.family], entry.client))
}

fn fits(entry: &Entry, before: &[u8]) -> bool {
    match entry.anchor {
        // Cubot makes phones: <https://github.com/omrilotan/isbot>.
        Anchor::Anywhere => entry.name != b"bot" || !before.ends_with(b"cu"),
        Anchor::Start => before.is_empty(),
        Anchor::Word => before.last().is_none_or(|byte| !byte.is_ascii_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(agent: &str) -> Option<&'static str> {
        find(agent.as_bytes()).and_then(|(_, client)| client)
    }

    #[test]
    fn the_first_of_several_families_counts() {
        assert_eq!(
            name("firefox/11.0 (via ggpht.com googleimageproxy) bot"),
            Some("Gmail")
        );
        assert_eq!(name("slack-imgproxy (+https://example.com)"), Some("Slack"));
        assert_eq!(name("curl/8 via curl"), Some("curl"));
    }

    #[test]
    fn anchors_hold() {
        assert_eq!(name("javelin go/1"), None);
        assert_eq!(name("go/1"), Some("Go"));
        assert!(find(b"java/1.8").is_some());
        assert!(find(b"mozilla/5.0 (linux; android 9; cubot x18)").is_none());
        assert!(find(b"xjava/1.8").is_none());
    }

    #[test]
    fn every_rule_can_be_reached() {
        for family in FAMILIES {
            assert!(!family.source.is_empty());
            for (text, _) in family.names {
                let bare = text.trim_start_matches(['^', '~']);
                assert_eq!(bare, bare.to_lowercase());
                assert!(find(bare.as_bytes()).is_some(), "{text}");
            }
        }
    }
}
