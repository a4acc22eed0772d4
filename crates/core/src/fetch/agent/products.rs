//! The products that a user agent names, outside of its brackets.

use crate::fetch::names::Names;

/// Product names that ordinary browsers carry, in lower case
/// (<https://github.com/matomo-org/device-detector>, browsers and their engines).
static KNOWN: Names<120> = Names::new([
    "mozilla",
    "applewebkit",
    "khtml",
    "gecko",
    "chrome",
    "chromium",
    "safari",
    "mobile",
    "version",
    "firefox",
    "edg",
    "edge",
    "edga",
    "edgios",
    "edgw",
    "opr",
    "opera",
    "opt",
    "opx",
    "vivaldi",
    "yabrowser",
    "yowser",
    "yaapp_android",
    "samsungbrowser",
    "crios",
    "fxios",
    "focus",
    "klar",
    "gsa",
    "duckduckgo",
    "ddg",
    "brave",
    "ucbrowser",
    "ubrowser",
    "miuibrowser",
    "xiaomi",
    "huaweibrowser",
    "heytapbrowser",
    "vivobrowser",
    "qqbrowser",
    "mqqbrowser",
    "whale",
    "sleipnir",
    "puffin",
    "ecosia",
    "silk",
    "silk-accelerated",
    "maxthon",
    "avast",
    "avg",
    "ccleaner",
    "avira",
    "iron",
    "coc_coc_browser",
    "phoenix",
    "mobi",
    "electron",
    "epiphany",
    "ubuntu",
    "fedora",
    "debian",
    "raspbian",
    "like",
    "presto",
    "trident",
    "waterfox",
    "palemoon",
    "goanna",
    "librewolf",
    "orion",
    "arc",
    "seznam.cz",
    "salamweb",
    "falkon",
    "qtwebengine",
    "konqueror",
    "otter",
    "u",
    "instagram",
    "line",
    "micromessenger",
    "nettype",
    "language",
    "safariline",
    "wv",
    "build",
    "snapchat",
    "pinterest",
    "linkedinapp",
    "norton",
    "atom",
    "yaapp",
    "cros",
    "ctor",
    "lightning",
    "gls",
    "herring",
    "agency",
    "viewer",
    "config",
    "aloha",
    "alohabrowser",
    "smtt",
    "tbs",
    "wechat",
    "wxwork",
    "dingtalk",
    "xweb",
    "kakaotalk",
    "naver",
    "inapp",
    "daum",
    "sa",
    "yasearchbrowser",
    "yasearchapp",
    "bropp",
    "webomni",
    "quark",
    "ucturbo",
    "crosswalk",
]);

/// Whether every product of an agent in lower case is one that ordinary browsers carry.
pub(super) fn are_known(agent: &str) -> bool {
    products_and_versions(agent).all(|word| {
        let name = word.split_once('/').map_or(word, |(name, _)| name);
        KNOWN.has(name) || is_number(name)
    })
}

/// Whether what stands in a product's place is no name: a number, or one of Apple's builds ("15e148").
fn is_number(name: &str) -> bool {
    let is_build = || {
        name.bytes().all(|byte| byte.is_ascii_hexdigit())
            && name.bytes().any(|byte| byte.is_ascii_digit())
    };
    !name.bytes().any(|byte| byte.is_ascii_alphabetic()) || is_build()
}

/// The words outside of the brackets, as in `chrome/140.0.0.0`.
pub(super) fn products_and_versions(agent: &str) -> Words<'_> {
    Words {
        rest: agent,
        depth: 0,
    }
}

/// The words of a text that no bracket holds.
pub(super) struct Words<'a> {
    rest: &'a str,
    /// How many brackets are open before `rest`.
    depth: u32,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest;
        let mut start = None;
        for (at, character) in text.char_indices() {
            match character {
                '(' | '[' => self.depth += 1,
                ')' | ']' => self.depth = self.depth.saturating_sub(1),
                _ if self.depth > 0 => continue,
                _ if character.is_whitespace() => {}
                _ => {
                    start.get_or_insert(at);
                    continue;
                }
            }
            if let Some(start) = start {
                self.rest = &text[at + character.len_utf8()..];
                return Some(&text[start..at]);
            }
        }
        self.rest = "";
        start.map(|start| &text[start..])
    }
}

/// The number behind `product`, which ends in a slash, in an agent in lower case.
pub(super) fn version(agent: &str, product: &str) -> Option<u32> {
    let rest = &agent[agent.find(product)? + product.len()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

/// The first two numbers behind `product`, of which the second is 0 where there is none.
pub(super) fn version_pair(agent: &str, product: &str) -> Option<(u32, u32)> {
    let major = version(agent, product)?;
    let rest = &agent[agent.find(product)? + product.len()..];
    let minor = rest.split_once('.').map_or("", |(_, minor)| minor);
    let digits = minor.bytes().take_while(u8::is_ascii_digit).count();
    Some((major, minor[..digits].parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hide_what_is_in_them() {
        for (agent, expected) in [
            (
                "mozilla/5.0 (a b; (c) d) e/1 [f/2] 15e148",
                vec!["mozilla/5.0", "e/1", "15e148"],
            ),
            ("a(b)c[d]e) f", vec!["a", "c", "e", "f"]),
            ("a\u{3000}é/1\u{85}(ü", vec!["a", "é/1"]),
            ("", vec![]),
        ] {
            let words: Vec<_> = products_and_versions(agent).collect();
            assert_eq!(words, expected, "{agent}");
        }
    }

    #[test]
    fn numbers_are_no_products() {
        for (agent, expected) in [
            ("mozilla/5.0 (x; example) 15e148 5.0 /2", true),
            ("mozilla/5.0 example/1", false),
            ("mozilla/5.0 face", false),
        ] {
            assert_eq!(are_known(agent), expected, "{agent}");
        }
    }

    #[test]
    fn versions_are_read() {
        for (agent, expected) in [
            ("version/15.4.1 safari", Some((15, 4))),
            ("version/16 safari", Some((16, 0))),
            ("version/x", None),
            ("safari/605.1", None),
        ] {
            assert_eq!(version_pair(agent, "version/"), expected, "{agent}");
        }
    }
}
