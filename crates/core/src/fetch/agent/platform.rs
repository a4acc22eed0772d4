//! The platform that a user agent names in its first brackets, and the kind of device.

use crate::fetch::names::Names;
use std::ops::Range;

/// What an agent in lower case has in it, and the kind of device that it then names.
pub(in crate::fetch) const DEVICES: &[(&str, &str)] = &[
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("ipod", "iPod"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("cros ", "ChromeOS"),
    ("macintosh", "Mac"),
    ("mac os x", "Mac"),
    ("darwin/", "Apple"),
    ("linux", "Linux"),
];

/// The kind of device that an agent in lower case names.
pub(in crate::fetch) fn device(agent: &str) -> Option<&'static str> {
    DEVICES
        .iter()
        .find(|(needle, _)| agent.contains(needle))
        .map(|&(_, name)| name)
}

/// What names a system that people sit at, anywhere in an agent in lower case.
pub(super) const SYSTEMS_OF_PEOPLE: &[&str] = &[
    "cfnetwork/",
    "darwin/",
    "android",
    "iphone",
    "ipad",
    "ipados",
    " ios",
    "(ios",
    "windows",
    "macintosh",
    "mac os",
    "macos",
    "linux",
    "x11",
];

/// What the comment of a browser begins with: the platform it runs on.
static PLATFORMS: Names<21> = Names::new([
    "windows",
    "macintosh",
    "x11",
    "linux",
    "android",
    "iphone",
    "ipad",
    "ipod",
    "ios",
    "macos",
    "wayland",
    "cros",
    "fuchsia",
    "smart-tv",
    "smarttv",
    "web0s",
    "tizen",
    "playstation",
    "nintendo",
    "xbox",
    "mobile",
]);

/// Where a user agent in lower case names its platform: the inside of the first round brackets, if
/// they begin with one. A device may have any name there, also one that a robot has.
pub(in crate::fetch) fn of(agent: &str) -> Option<Range<usize>> {
    let start = agent.find('(')? + 1;
    let inside = agent[start..].trim_start();
    PLATFORMS
        .begin(inside)
        .then(|| start..start + length(&agent[start..]))
}

/// How long what stands inside of brackets is; to the end, where they are never closed.
fn length(inside: &str) -> usize {
    let mut depth = 1_u32;
    let end = inside.bytes().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.unwrap_or(inside.len())
}

/// Whether the remarks in round brackets are those of a browser: its platform, then its engine's
/// "like Gecko", and nothing else. Services like to add their names here.
pub(super) fn has_plain_comments(agent: &str) -> bool {
    let mut comments = agent.split('(').skip(1);
    let platform = comments.next().unwrap_or_default();
    is_plain_platform(platform)
        // Some phones have a bracket in their name.
        && comments.all(|comment| {
            ["khtml, like gecko)", "ecosia ", "edition "].iter().any(|text| comment.starts_with(text))
                || (platform.contains("android") && !platform.contains(')'))
        })
}

/// What the short names of robots end with.
const ROBOTS: &[&str] = &["bot", "scan", "crawl", "spider"];

/// What the parts of a browser's platform begin with, besides the [`PLATFORMS`].
static SYSTEMS: Names<28> = Names::new([
    "cpu",
    "win64",
    "x64",
    "wow64",
    "arm",
    "intel",
    "ppc",
    "ubuntu",
    "fedora",
    "debian",
    "freebsd",
    "openbsd",
    "netbsd",
    "dragonfly",
    "rv:",
    "i686",
    "i586",
    "i386",
    "x86",
    "amd64",
    "touch",
    "tablet",
    "khtml",
    "trident",
    "media center",
    ".net",
    "arch",
    "gentoo",
]);

/// Whether a browser's platform has nothing in it but a system and a device.
fn is_plain_platform(platform: &str) -> bool {
    let system = platform.split(')').next().unwrap_or_default();
    let mut parts = system.split(';').map(str::trim);
    let named = |part: &str| PLATFORMS.begin(part);
    if system.contains("android") {
        // Devices have any name, and a build.
        return parts.next().is_some_and(named)
            && parts.all(|part| !part.contains('/') || part.contains("build"));
    }
    // Languages have at most five letters, as in "en-gb"; makers of computers leave six.
    parts.next().is_some_and(named)
        && parts.all(|part| {
            let is_short = part.len() <= 6 && !ROBOTS.iter().any(|name| part.ends_with(name));
            is_short || named(part) || SYSTEMS.begin(part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_stands_in_the_first_brackets() {
        for (agent, expected) in [
            (
                "mozilla/5.0 (linux; android 9; a b) c (d)",
                Some("linux; android 9; a b"),
            ),
            (
                "mail/1 (android 14; moto g(30)) x",
                Some("android 14; moto g(30)"),
            ),
            (
                "mozilla/5.0 (windows nt 10.0; x64",
                Some("windows nt 10.0; x64"),
            ),
            ("mozilla/5.0 (compatible; a/1; windows)", None),
            ("curl/8", None),
        ] {
            assert_eq!(of(agent).map(|range| &agent[range]), expected, "{agent}");
        }
    }
}
