//! The products that a user agent names, outside of its brackets.

/// Product names that ordinary browsers carry, in lower case
/// (<https://github.com/matomo-org/device-detector>, browsers and their engines).
const KNOWN: &[&str] = &[
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
];

/// Whether every product of an agent in lower case is one that ordinary browsers carry.
pub(super) fn are_known(agent: &str) -> bool {
    products(agent).all(|product| KNOWN.contains(&product))
}

/// The names before the versions, without what stands in brackets.
fn products(agent: &str) -> impl Iterator<Item = &str> {
    products_and_versions(agent)
        .filter_map(|token| token.split('/').next())
        .filter(|name| name.bytes().any(|byte| byte.is_ascii_alphabetic()))
        // Apple's build numbers ("15e148") stand on their own.
        .filter(|name| {
            !(name.bytes().all(|byte| byte.is_ascii_hexdigit())
                && name.bytes().any(|byte| byte.is_ascii_digit()))
        })
}

pub(super) fn products_and_versions(agent: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    agent
        .split(move |character: char| {
            match character {
                '(' | '[' => depth += 1,
                ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    return true;
                }
                _ => {}
            }
            depth > 0 || character.is_whitespace()
        })
        .filter(|token| !token.is_empty())
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
        let names: Vec<_> = products("mozilla/5.0 (a b; (c) d) e/1 [f/2] 15e148").collect();
        assert_eq!(names, ["mozilla", "e"]);
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
