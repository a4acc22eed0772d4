//! What a browser's or mail program's user agent says about itself.

mod mail;
pub(super) mod platform;
mod products;

use mail::Mail;
use products::{version, version_pair};

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
    /// One that checks mail for somebody else.
    Checker,
    /// The renderer of Outlook for Windows.
    Word,
}

/// The oldest Chrome that counts as current. Browsers from before the spring of 2022 are those that
/// link detonation was seen to claim (Chrome 57, 64, 72 and 97,
/// <https://github.com/opencollective/opencollective/issues/3656>); from 101 on, Chrome leaves its
/// build number out.
const CHROME: u32 = 101;
/// The oldest Firefox that counts as current: of the same spring.
const FIREFOX: u32 = 99;
/// The oldest Safari on a Mac that counts as current: of the same spring.
const SAFARI: (u32, u32) = (15, 4);

/// From which version on Gecko asks for images as `image/…` and says what it asks for
/// (<https://developer.mozilla.org/docs/Web/HTTP/Guides/Content_negotiation/List_of_default_Accept_values>).
const GECKO_TELLS: u32 = 92;
/// From which version on Chromium says what it asks for
/// (<https://chromestatus.com/feature/5155867204780032>).
const CHROME_TELLS: u32 = 80;
/// From which version on Safari says what it asks for
/// (<https://developer.apple.com/documentation/safari-release-notes/safari-16_4-release-notes>).
const SAFARI_TELLS: (u32, u32) = (16, 4);

/// Programs with a window of their own and an engine of their own, by how their agents begin or
/// where they name themselves, in lower case.
const SMALL_BROWSERS: &[(&str, &str)] = &[
    ("dillo/", "Dillo"),
    ("(compatible; dillo", "Dillo"),
    ("netsurf/", "NetSurf"),
];

/// Browsers that say "compatible", as robots do.
const COMPATIBLE: &[&str] = &["msie ", "konqueror", "dillo", "icab", "omniweb", "netsurf"];

/// Reads an agent in lower case; `None` when it has not the shape of such a program.
pub(super) fn read(agent: &str) -> Option<Program> {
    let program = |client, kind| Some(Program { client, kind });
    // The old engine without its own product is what Word, and so Outlook, draws email with.
    if agent.contains("msie 7.0") && agent.contains("trident/") {
        return program(Some("Outlook"), Kind::Word);
    }
    match mail::read(agent) {
        Some(Mail::Program) => return program(None, Kind::Mail),
        Some(Mail::Checker) => return program(None, Kind::Checker),
        Some(Mail::Unclear) => return None,
        None => {}
    }
    if let Some(client) = small_browser(agent) {
        return program(Some(client), Kind::Browser);
    }
    if !agent.starts_with("mozilla/5.0 (") || agent.contains("compatible;") {
        return None;
    }
    if agent.contains("trident/7.0") && agent.contains("rv:11") {
        return program(Some("Internet Explorer"), kind(agent, false));
    }
    if agent.contains("applewebkit/") && agent.contains("(khtml, like gecko)") {
        return Some(webkit(agent));
    }
    if agent.contains("gecko/") {
        let firefox = version(agent, "firefox/")?;
        // Its cousins count for themselves.
        let current = firefox >= FIREFOX || agent.contains("goanna/");
        return program(Some("Firefox"), kind(agent, current));
    }
    None
}

/// What an agent with the shape of a browser is.
fn kind(agent: &str, current: bool) -> Kind {
    if !products::are_known(agent) || !platform::has_plain_comments(agent) {
        Kind::Extended
    } else if current {
        Kind::Browser
    } else {
        Kind::Stale
    }
}

/// Reads an agent with Apple's engine, or with Chromium's that came out of it.
fn webkit(agent: &str) -> Program {
    let program = |client, kind| Program { client, kind };
    if let Some(chrome) = version(agent, "chrome/") {
        // Phones stop at the last version for their Android, and programs with the engine inside
        // have its age, so both say little.
        let current = chrome >= CHROME || agent.contains("android") || is_embedded(agent);
        let client = (!is_embedded(agent)).then(|| chromium(agent));
        return program(client, kind(agent, current));
    }
    for (product, name) in [
        ("crios/", "Chrome"),
        ("edgios/", "Edge"),
        ("fxios/", "Firefox"),
        ("duckduckgo/", "DuckDuckGo"),
    ] {
        if agent.contains(product) {
            return program(Some(name), kind(agent, true));
        }
    }
    let phone = ["iphone", "ipad", "ipod"]
        .iter()
        .any(|name| agent.contains(name));
    let apple = phone || agent.contains("macintosh");
    if let Some(safari) = version_pair(agent, "version/") {
        // Elsewhere it is another program with the same engine, and a version of its own.
        let current = phone || !apple || safari >= SAFARI;
        return program(apple.then_some("Safari"), kind(agent, current));
    }
    // The engine alone: Apple Mail. Other programs that embed it add their names.
    let rest = agent
        .split_once("(khtml, like gecko)")
        .map_or("", |(_, rest)| rest.trim());
    let has_tags = rest.contains(['[', ';', ',']);
    let bare = if phone {
        rest.starts_with("mobile/") && !rest.contains(' ') && !has_tags
    } else {
        rest.is_empty()
    };
    match kind(agent, true) {
        Kind::Browser if apple && bare => program(Some("Apple Mail"), Kind::Mail),
        Kind::Browser if phone && !has_tags => program(in_app(rest), Kind::Browser),
        _ => program(None, Kind::Extended),
    }
}

/// The name of an app on an iPhone that shows pages inside itself.
fn in_app(products: &str) -> Option<&'static str> {
    [
        ("line/", "LINE"),
        ("gsa/", "Google"),
        ("kakaotalk", "KakaoTalk"),
        ("focus/", "Firefox Focus"),
        ("instagram", "Instagram"),
        ("snapchat/", "Snapchat"),
    ]
    .iter()
    .find(|(product, _)| products.contains(product))
    .map(|&(_, name)| name)
}

/// Whether a program is made with an engine for building into programs.
pub(super) fn is_embedded(agent: &str) -> bool {
    agent.contains("qtwebengine/") || agent.contains("electron/")
}

/// Whether an agent in lower case is that of a program which is made with such an engine, so that a
/// name of its own behind the engine's is what such programs have.
pub(super) fn is_built_in(agent: &str) -> bool {
    let is_gtk = || {
        agent.starts_with("mozilla/5.0 (x11;")
            && agent.contains("applewebkit/6")
            && !agent.contains("chrome/")
    };
    is_embedded(agent) || is_gtk()
}

/// The name of a browser with an engine of its own, that no machine is known to drive.
fn small_browser(agent: &str) -> Option<&'static str> {
    // Links says by its last word where it draws: with a window, it shows images.
    if agent.starts_with("links (") {
        let screen = agent.trim_end_matches(')').rsplit(';').next()?;
        return ["x", "fb", "directfb", "svgalib", "wayland"]
            .contains(&screen.trim())
            .then_some("Links");
    }
    SMALL_BROWSERS
        .iter()
        .find(|(name, _)| agent.contains(name))
        .map(|&(_, client)| client)
}

/// Whether an agent in lower case introduces itself by the convention of robots, which browsers
/// left long ago.
pub(super) fn says_compatible(agent: &str) -> bool {
    agent.contains("(compatible;") && !COMPATIBLE.iter().any(|name| agent.contains(name))
}

/// Whether the engine that an agent in lower case claims asks for images as `image/…`, wherever it
/// was captured or is documented.
pub(super) fn asks_for_images(agent: &str) -> bool {
    agent.starts_with("mozilla/5.0 (")
        && (agent.contains("applewebkit/")
            || agent.contains("gecko/") && version(agent, "rv:") >= Some(GECKO_TELLS))
}

/// Whether the engine that an agent in lower case claims says what it asks for.
pub(super) fn tells_destination(agent: &str) -> bool {
    agent.starts_with("mozilla/5.0 (")
        && (version(agent, "chrome/") >= Some(CHROME_TELLS)
            || agent.contains("gecko/") && version(agent, "rv:") >= Some(GECKO_TELLS)
            || version_pair(agent, "version/") >= Some(SAFARI_TELLS))
}

/// The text before the first slash or bracket of an agent in lower case, where a program says its own
/// name there; browsers and apps that name only their system do not.
pub(super) fn own_name(agent: &str) -> Option<&str> {
    let end = agent.find(['/', '(']).unwrap_or(agent.len());
    let name = agent[..end].trim_end();
    (!name.is_empty() && !["mozilla", "dalvik", "opera"].contains(&name)).then_some(name)
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
            ("Macintosh; Intel Mac OS X 10_15_7; ABCbot", Extended),
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
        check(&trident("MAARJS; .NET4.0C; "), Some((explorer, Stale)));
        check(&trident("Example; "), Some((explorer, Extended)));
        check("Mozilla/5.0 (compatible; Something/1.0)", None);
        check("Mozilla/5.0 Firefox/140", None);
        check("SomeProgram/1.0", None);
    }
}
