//! Finds the rule that fits a user agent, among all of them in one pass.

use super::agent::platform;
use super::class::Claim;
use super::reason::Reason;
use super::rules::{FAMILIES, Family};

/// One name of a family.
struct Entry {
    name: &'static [u8],
    begin: Begin,
    /// Whether no letter may follow.
    whole: bool,
    /// Whether a device may have such a name: a robot's, and no address.
    hides_in_devices: bool,
    client: Option<&'static str>,
    family: usize,
    /// The next entry of the same bucket; [`END`] for none.
    next: u16,
}

#[derive(Clone, Copy)]
enum Begin {
    Anywhere,
    Start,
    Word,
}

const END: u16 = u16::MAX;

/// Names are kept in buckets by their first three bytes: with two, the words of ordinary browsers
/// would lead to names at every other place.
const BUCKETS: usize = 2048;

const fn bucket(first: u8, second: u8, third: u8) -> usize {
    let start = u32::from_le_bytes([first, second, third, 0]);
    (start.wrapping_mul(0x9e37_79b1) >> 21) as usize
}

/// Whether a name is a word, and no piece of an address.
const fn is_word(name: &[u8]) -> bool {
    name[0].is_ascii_alphabetic() && name[name.len() - 1] != b'@'
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

/// All names, chained by bucket, so that one pass over an agent tries hardly any of them at most
/// places. Built at compile time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the number of names is checked first"
)]
static INDEX: ([Entry; COUNT], [u16; BUCKETS]) = {
    assert!(COUNT < END as usize, "an entry's number is kept in 16 bits");
    let mut entries = [const {
        Entry {
            name: b"",
            begin: Begin::Anywhere,
            whole: false,
            hides_in_devices: false,
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
            let (begin, text) = match text.as_bytes() {
                [b'^', rest @ ..] => (Begin::Start, rest),
                [b'~', rest @ ..] => (Begin::Word, rest),
                all => (Begin::Anywhere, all),
            };
            let (whole, text) = match text {
                [rest @ .., b'$'] => (true, rest),
                all => (false, all),
            };
            let is_machine = matches!(FAMILIES[family].reason.claim(), Claim::No);
            let first = bucket(text[0], text[1], text[2]);
            entries[at] = Entry {
                name: text,
                begin,
                whole,
                hides_in_devices: is_machine && is_word(text),
                client,
                family,
                next: heads[first],
            };
            heads[first] = at as u16;
        }
    }
    (entries, heads)
};

/// What a rule found in a user agent.
#[derive(Clone, Copy)]
pub(super) struct Match {
    /// The programs that have such a name.
    pub(super) family: &'static Family,
    /// The program's name, where the rule tells it.
    pub(super) client: Option<&'static str>,
    /// Where the name stands.
    pub(super) at: usize,
}

impl Match {
    /// Whether it is a mail service that fetches for its users.
    pub(super) const fn is_proxy(&self) -> bool {
        self.family.class.is_proxy()
    }

    /// Whether it is what programs are made with, and no program.
    pub(super) const fn is_library(&self) -> bool {
        matches!(self.family.reason, Reason::HttpLibrary | Reason::AppLibrary)
    }

    fn new(entry: &Entry, at: usize) -> Self {
        Self {
            family: &FAMILIES[entry.family],
            client: entry.client,
            at,
        }
    }
}

/// The strongest rule that fits an agent in lower case: of several families the first, except that a
/// mail program which names itself at the beginning goes before what else is named in it.
pub(super) fn find(agent: &str) -> Option<Match> {
    let (entries, heads) = &INDEX;
    let text = agent.as_bytes();
    let (mut best, mut best_at) = (END, 0);
    for (at, start) in text.windows(3).enumerate() {
        let mut candidate = heads[bucket(start[0], start[1], start[2])];
        while candidate < best {
            let entry = &entries[usize::from(candidate)];
            if text[at..].starts_with(entry.name)
                && fits(entry, text, at)
                && !is_device_name(entry, agent, at)
            {
                (best, best_at) = (candidate, at);
            }
            candidate = entry.next;
        }
    }
    let found = Match::new(entries.get(usize::from(best))?, best_at);
    if found.is_library() || found.family.reason.claim() == Claim::No {
        Some(mail_program(text).unwrap_or(found))
    } else {
        Some(found)
    }
}

/// The mail program whose name an agent begins with.
fn mail_program(agent: &[u8]) -> Option<Match> {
    let (entries, heads) = &INDEX;
    let &[first, second, third, ..] = agent else {
        return None;
    };
    let mut candidate = heads[bucket(first, second, third)];
    while let Some(entry) = entries.get(usize::from(candidate)) {
        let is_one = FAMILIES[entry.family].reason == Reason::MailProgram;
        if is_one && agent.starts_with(entry.name) && ends(agent, entry.name.len()) {
            return Some(Match::new(entry, 0));
        }
        candidate = entry.next;
    }
    None
}

fn fits(entry: &Entry, agent: &[u8], at: usize) -> bool {
    let begins = match entry.begin {
        Begin::Anywhere => true,
        Begin::Start => at == 0,
        Begin::Word => at == 0 || !agent[at - 1].is_ascii_alphabetic(),
    };
    begins && (!entry.whole || ends(agent, at + entry.name.len()))
}

/// Whether no letter stands at `end`, so that a word is over there.
fn ends(agent: &[u8], end: usize) -> bool {
    agent
        .get(end)
        .is_none_or(|byte| !byte.is_ascii_alphabetic())
}

/// Whether a robot's name is only part of what the device is called. Devices have any name ("`ScanPal`",
/// "Robotics"); there, only a name that is a part of its own and has a version counts.
fn is_device_name(entry: &Entry, agent: &str, at: usize) -> bool {
    // Most names are no robot's, so the device is looked for where one is.
    if !entry.hides_in_devices || !platform::of(agent).is_some_and(|device| device.contains(&at)) {
        return false;
    }
    let agent = agent.as_bytes();
    let before = agent[..at].trim_ascii_end().last();
    let behind = agent.get(at + entry.name.len()..at + entry.name.len() + 2);
    let is_part = matches!(before, Some(b'(' | b';'))
        && behind.is_some_and(|behind| behind[0] == b'/' && behind[1].is_ascii_digit());
    !is_part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(agent: &str) -> Option<&'static str> {
        find(agent).and_then(|found| found.client)
    }

    fn reason(agent: &str) -> Option<Reason> {
        find(agent).map(|found| found.family.reason)
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
    fn a_mail_program_at_the_beginning_goes_before_what_is_in_it() {
        for (agent, client) in [
            ("spark/3.2.1 (android 14) okhttp/4.9", Some("Spark")),
            ("edison mail/1.60 okhttp/3.12", Some("Edison Mail")),
            ("sophos secure email/9.7", Some("Sophos Secure Email")),
            ("okhttp/4.9 spark/3", Some("OkHttp")),
            ("mailbirds/1 okhttp/4", Some("OkHttp")),
        ] {
            assert_eq!(name(agent), client, "{agent}");
        }
    }

    #[test]
    fn anchors_hold() {
        assert_eq!(name("javelin go/1"), None);
        assert_eq!(name("go/1"), Some("Go"));
        assert!(find("java/1.8").is_some());
        assert!(find("mozilla/5.0 (linux; android 9; cubot x18)").is_none());
        assert!(find("xjava/1.8").is_none());
        assert!(find("robotics/1").is_none());
        assert!(find("robot/1").is_some());
        assert!(find("lynx/2.9 libwww-fm/2.14").is_none());
    }

    #[test]
    fn a_devices_name_makes_nobody_a_robot() {
        let browser = |device: &str| {
            format!("mozilla/5.0 (linux; android 14; {device}) applewebkit/537.36 chrome/140")
        };
        for device in [
            "scanpal eda51",
            "robotics x1",
            "monitor 22",
            "tc57 scanner",
            "threat",
            "sophos",
            "bot build/1",
            "googlebot",
        ] {
            assert_eq!(reason(&browser(device)), None, "{device}");
        }
        assert_eq!(reason(&browser("googlebot/2.1")), Some(Reason::NamedBot));
        assert_eq!(
            reason(&browser("x; +http://example.org")),
            Some(Reason::NamedBot)
        );
        let behind = format!("{} (compatible; googlebot/2.1)", browser("nexus 5x"));
        assert_eq!(reason(&behind), Some(Reason::NamedBot));
        assert_eq!(
            reason("microsoft office/16.0 (windows nt 10.0; microsoft outlook 16.0.4; pro)"),
            Some(Reason::MailProgram)
        );
    }

    #[test]
    fn every_rule_can_be_reached() {
        for family in FAMILIES {
            assert!(!family.source.is_empty());
            for (text, _) in family.names {
                let bare = text.trim_start_matches(['^', '~']).trim_end_matches('$');
                assert_eq!(bare, bare.to_lowercase());
                assert!(find(bare).is_some(), "{text}");
            }
        }
    }
}
