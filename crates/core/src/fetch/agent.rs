//! What a browser's or mail program's user agent says about itself.

/// A program that people use, as its user agent describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its name, where it has one.
    pub(super) client: Option<&'static str>,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A browser of an ordinary age.
    Browser,
    /// A browser from years ago.
    Stale,
    /// A browser that carries a product which is not known.
    Extended,
    /// A mail program.
    Mail,
    /// The renderer of Outlook for Windows.
    Word,
}

/// The oldest Chrome that counts as current: from 101 on, Chrome leaves its build number out, and
/// the ones that link detonation was seen to claim (57, 64, 72, 97) are older
/// (<https://github.com/opencollective/opencollective/issues/3656>).
const CHROME: u32 = 101;
/// The oldest Firefox that counts as current: the long-term release of 2020.
const FIREFOX: u32 = 78;

/// Product names that ordinary browsers carry, in lower case
/// (<https://github.com/matomo-org/device-detector>, browsers and their engines).
const PRODUCTS: &[&str] = &[
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

/// Reads an agent in lower case; `None` when it has not the shape of such a program.
pub(super) fn read(agent: &str) -> Option<Program> {
    let program = |client, kind| Some(Program { client, kind });
    // The old engine without its own product is what Word, and so Outlook, draws mail with.
    if agent.contains("msie 7.0") && agent.contains("trident/") {
        return program(Some("Outlook"), Kind::Word);
    }
    if versioned(agent).any(|product| product.contains("mail")) {
        return program(None, Kind::Mail);
    }
    if !agent.starts_with("mozilla/5.0 (") || agent.contains("compatible;") {
        return None;
    }
    let kind = |current: bool| {
        let known = products(agent).all(|product| PRODUCTS.contains(&product));
        if !known || !has_plain_comments(agent) {
            Kind::Extended
        } else if current {
            Kind::Browser
        } else {
            Kind::Stale
        }
    };
    if agent.contains("trident/7.0") && agent.contains("rv:11") {
        return program(Some("Internet Explorer"), kind(true));
    }
    let major = |product| version(agent, product);
    if agent.contains("applewebkit/") && agent.contains("(khtml, like gecko)") {
        if let Some(chrome) = major("chrome/") {
            // Phones stop at the last version for their Android, so theirs says little.
            let current = chrome >= CHROME || agent.contains("android");
            return program(Some(chromium(agent)), kind(current));
        }
        for (product, name) in [
            ("crios/", "Chrome"),
            ("edgios/", "Edge"),
            ("fxios/", "Firefox"),
            ("duckduckgo/", "DuckDuckGo"),
            ("version/", "Safari"),
        ] {
            if agent.contains(product) {
                return program(Some(name), kind(true));
            }
        }
        // WebKit without a browser around it: Apple Mail, or another program that embeds it.
        let apple = ["macintosh", "iphone", "ipad", "ipod"]
            .iter()
            .any(|name| agent.contains(name));
        // Programs other than Apple's add their names behind the engine's.
        let plain = agent
            .split_once("(khtml, like gecko)")
            .is_some_and(|(_, rest)| !rest.contains(['[', ';', ',']));
        return match kind(true) {
            Kind::Browser if apple && plain => program(Some("Apple Mail"), Kind::Mail),
            _ => program(None, Kind::Extended),
        };
    }
    if agent.contains("gecko/") {
        let firefox = major("firefox/")?;
        return program(Some("Firefox"), kind(firefox >= FIREFOX));
    }
    None
}

/// The name of a browser of Chromium's family by its agent in lower case.
pub(super) fn chromium(agent: &str) -> &'static str {
    [
        ("edg", "Edge"),
        ("opr/", "Opera"),
        ("vivaldi/", "Vivaldi"),
        ("samsungbrowser/", "Samsung Internet"),
        ("yabrowser/", "Yandex Browser"),
    ]
    .iter()
    .find(|(product, _)| agent.contains(product))
    .map_or("Chrome", |&(_, name)| name)
}

/// What an agent in lower case has in it, and the kind of device that it then names.
pub(super) const DEVICES: &[(&str, &str)] = &[
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
pub(super) fn device(agent: &str) -> Option<&'static str> {
    DEVICES
        .iter()
        .find(|(needle, _)| agent.contains(needle))
        .map(|&(_, name)| name)
}

/// What the comment of a browser begins with: the platform it runs on.
const PLATFORMS: &[&str] = &[
    "windows",
    "macintosh",
    "x11",
    "linux",
    "android",
    "iphone",
    "ipad",
    "ipod",
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
];

/// Whether the remarks in round brackets are those of a browser: its platform, then its engine's
/// "like Gecko", and nothing else. Services like to add their names here.
fn has_plain_comments(agent: &str) -> bool {
    let mut comments = agent.split('(').skip(1);
    let platform = comments.next().unwrap_or_default();
    is_plain_platform(platform)
        // Some phones have a bracket in their name.
        && comments.all(|comment| {
            ["khtml, like gecko)", "ecosia ", "edition "].iter().any(|text| comment.starts_with(text))
                || (platform.contains("android") && !platform.contains(')'))
        })
}

/// What the parts of a browser's platform begin with, besides the [`PLATFORMS`].
const SYSTEMS: &[&str] = &[
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
];

/// Whether a browser's platform has nothing in it but a system and a device.
fn is_plain_platform(platform: &str) -> bool {
    let system = platform.split(')').next().unwrap_or_default();
    let mut parts = system.split(';').map(str::trim);
    let named = |part: &str| PLATFORMS.iter().any(|name| part.starts_with(name));
    if system.contains("android") {
        // Devices have any name, and a build.
        return parts.next().is_some_and(named)
            && parts.all(|part| !part.contains('/') || part.contains("build"));
    }
    // Languages have at most five letters, as in "en-gb"; makers of computers leave six.
    parts.next().is_some_and(named)
        && parts.all(|part| {
            part.len() <= 6 || named(part) || SYSTEMS.iter().any(|name| part.starts_with(name))
        })
}

/// The names that a version follows.
fn versioned(agent: &str) -> impl Iterator<Item = &str> {
    products_and_versions(agent)
        .filter_map(|token| token.split_once('/'))
        .filter(|(_, version)| version.starts_with(|first: char| first.is_ascii_digit()))
        .map(|(name, _)| name)
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

fn products_and_versions(agent: &str) -> impl Iterator<Item = &str> {
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

fn version(agent: &str, product: &str) -> Option<u32> {
    let rest = &agent[agent.find(product)? + product.len()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(agent: &str, expected: Option<(Option<&str>, Kind)>) {
        let found = read(&agent.to_lowercase()).map(|program| (program.client, program.kind));
        assert_eq!(found, expected, "{agent}");
    }

    #[test]
    fn programs_are_read() {
        use Kind::{Browser, Extended, Mail, Stale, Word};
        let chrome = |version: &str, more: &str| {
            format!(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/{version} Safari/537.36{more}"
            )
        };
        check(&chrome("140.0.0.0", ""), Some((Some("Chrome"), Browser)));
        check(
            &chrome("140.0.0.0", " Edg/140.0.0.0"),
            Some((Some("Edge"), Browser)),
        );
        check(
            &chrome("140.0.0.0", " Whatever/1.0"),
            Some((Some("Chrome"), Extended)),
        );
        check(&chrome("72.0.3626.109", ""), Some((Some("Chrome"), Stale)));
        check("Examplemail/2 CFNetwork/1 Darwin/20", Some((None, Mail)));
        check(
            "Mozilla/4.0 (compatible; MSIE 7.0; Trident/7.0)",
            Some((Some("Outlook"), Word)),
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
             (KHTML, like Gecko) Mobile/15E148",
            Some((Some("Apple Mail"), Mail)),
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
             (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            Some((Some("Safari"), Browser)),
        );
        let embedded = |rest: &str| {
            format!(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Mobile/15E148{rest}"
            )
        };
        check(&embedded(" [ExampleApp]"), Some((None, Extended)));
        check(&embedded(";example/4.21"), Some((None, Extended)));
        for (platform, kind) in [
            ("Macintosh; Intel Mac OS X 10_15_7; Example-123", Extended),
            ("X11; Example; Linux x86_64", Extended),
            (
                "Linux; Android 8.0; Phone Build/OPD3; Example/1.0",
                Extended,
            ),
            ("Windows NT 10.0; Win64; x64", Browser),
            ("X11; U; Linux x86_64; en-US", Browser),
            ("X11; Ubuntu; Linux x86_64", Browser),
            ("Linux; Android 14; moto g(30) Build/T3RC33.18", Browser),
        ] {
            let agent = chrome("140.0.0.0", "").replace("X11; Linux x86_64", platform);
            check(&agent, Some((Some("Chrome"), kind)));
        }
        let trident = |more: &str| {
            format!("Mozilla/5.0 (Windows NT 6.3; WOW64; Trident/7.0; {more}rv:11.0) like Gecko")
        };
        let explorer = Some("Internet Explorer");
        check(&trident("MAARJS; .NET4.0C; "), Some((explorer, Browser)));
        check(&trident("Example; "), Some((explorer, Extended)));
        check("Mozilla/5.0 (compatible; Something/1.0)", None);
        check("Mozilla/5.0 Firefox/140", None);
        check("SomeProgram/1.0", None);
    }

    #[test]
    fn brackets_hide_what_is_in_them() {
        let names: Vec<_> = products("mozilla/5.0 (a b; (c) d) e/1 [f/2] 15e148").collect();
        assert_eq!(names, ["mozilla", "e"]);
    }
}
