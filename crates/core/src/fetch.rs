//! Who fetched a tracking image, and what may be claimed from it.
//!
//! A fetch is not an open: the class says who asked, the claim says what that is worth, and the
//! reason says why. Nothing here proves that a person read anything.

/// Who asked for the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A person's browser or mail program, directly.
    Human,
    /// Gmail's image proxy, which fetches when a message is shown.
    GmailProxy,
    /// Gmail loading images ahead of any view.
    GmailPrefetch,
    /// Apple Mail Privacy Protection, which loads every image of every mail.
    AppleMpp,
    /// The image proxy of Yahoo Mail and AOL.
    YahooProxy,
    /// An Outlook program, directly.
    OutlookClient,
    /// The image proxy of another mail service.
    PrivacyProxy,
    /// A security gateway or link scanner.
    Scanner,
    /// A link preview, crawler or HTTP library.
    Bot,
    /// None of these could be told.
    Unknown,
}

/// What may be said to the sender about an open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// This was no open.
    No,
    /// It may or may not have been one.
    Unknown,
    /// Probably an open.
    Likely,
}

/// What the server knows about a fetch while it answers it. None of it is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch<'a> {
    /// `HEAD` instead of `GET`.
    pub head: bool,
    /// The `User-Agent` header; empty when there was none.
    pub user_agent: &'a str,
    /// Whether `Purpose` or `Sec-Purpose` announced a prefetch or prerender.
    pub prefetch: bool,
}

/// The judgement about one fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who asked.
    pub class: Class,
    /// What may be claimed.
    pub claim: Claim,
    /// Why, as a stable code that the interface puts into words.
    pub reason: &'static str,
    /// The program, where its name is known.
    pub client: Option<&'static str>,
}

const GMAIL_PREFETCH: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0";

struct Rule {
    needle: &'static str,
    class: Class,
    claim: Claim,
    reason: &'static str,
    client: Option<&'static str>,
}

const fn rule(
    needle: &'static str,
    class: Class,
    claim: Claim,
    reason: &'static str,
    client: Option<&'static str>,
) -> Rule {
    Rule {
        needle,
        class,
        claim,
        reason,
        client,
    }
}

/// Programs that name themselves, the most telling first. Needles are in lower case.
const NAMED: &[Rule] = &[
    rule(
        "googleimageproxy",
        Class::GmailProxy,
        Claim::Likely,
        "gmail_proxy",
        Some("Gmail"),
    ),
    rule(
        "via ggpht.com",
        Class::GmailProxy,
        Claim::Likely,
        "gmail_proxy",
        Some("Gmail"),
    ),
    rule(
        "yahoomailproxy",
        Class::YahooProxy,
        Claim::Likely,
        "yahoo_proxy",
        Some("Yahoo Mail"),
    ),
    rule(
        "hey.com/imageproxy",
        Class::PrivacyProxy,
        Claim::Likely,
        "proxy_on_view",
        Some("HEY"),
    ),
    rule(
        "fastmailua/",
        Class::PrivacyProxy,
        Claim::Likely,
        "proxy_on_view",
        Some("Fastmail"),
    ),
    rule(
        "seznamemailproxy",
        Class::PrivacyProxy,
        Claim::Unknown,
        "proxy",
        Some("Seznam"),
    ),
    rule(
        "ramblermail",
        Class::PrivacyProxy,
        Claim::Unknown,
        "proxy",
        Some("Rambler"),
    ),
    rule(
        "mail.ukr.net proxy",
        Class::PrivacyProxy,
        Claim::Unknown,
        "proxy",
        Some("ukr.net"),
    ),
    rule(
        "yandeximageresizer",
        Class::PrivacyProxy,
        Claim::Unknown,
        "proxy",
        Some("Yandex Mail"),
    ),
    rule(
        "barracuda",
        Class::Scanner,
        Claim::No,
        "named_scanner",
        Some("Barracuda"),
    ),
    rule(
        "virustotal",
        Class::Scanner,
        Claim::No,
        "named_scanner",
        Some("VirusTotal"),
    ),
    rule(
        "radarurlscanner",
        Class::Scanner,
        Claim::No,
        "named_scanner",
        Some("Cloudflare Radar"),
    ),
    rule(
        "netcraft",
        Class::Scanner,
        Claim::No,
        "named_scanner",
        Some("Netcraft"),
    ),
    rule(
        "existence discovery",
        Class::Bot,
        Claim::No,
        "named_bot",
        Some("Microsoft Office"),
    ),
    rule(
        "microsoft outlook",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "ms-office",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "outlook-ios",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "outlook-android",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "macoutlook",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "oneoutlook",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Outlook"),
    ),
    rule(
        "windowsmail/",
        Class::OutlookClient,
        Claim::Likely,
        "mail_program",
        Some("Windows Mail"),
    ),
    rule("bot", Class::Bot, Claim::No, "named_bot", None),
    rule("crawler", Class::Bot, Claim::No, "named_bot", None),
    rule("spider", Class::Bot, Claim::No, "named_bot", None),
    rule("preview", Class::Bot, Claim::No, "named_bot", None),
    rule(
        "slack-imgproxy",
        Class::Bot,
        Claim::No,
        "named_bot",
        Some("Slack"),
    ),
    rule(
        "whatsapp",
        Class::Bot,
        Claim::No,
        "named_bot",
        Some("WhatsApp"),
    ),
    rule(
        "facebookexternalhit",
        Class::Bot,
        Claim::No,
        "named_bot",
        Some("Facebook"),
    ),
    rule("headlesschrome", Class::Bot, Claim::No, "named_bot", None),
    rule("curl/", Class::Bot, Claim::No, "http_library", Some("curl")),
    rule("wget/", Class::Bot, Claim::No, "http_library", Some("Wget")),
    rule(
        "python-",
        Class::Bot,
        Claim::No,
        "http_library",
        Some("Python"),
    ),
    rule(
        "go-http-client",
        Class::Bot,
        Claim::No,
        "http_library",
        Some("Go"),
    ),
    rule("java/", Class::Bot, Claim::No, "http_library", Some("Java")),
    rule(
        "okhttp",
        Class::Bot,
        Claim::No,
        "http_library",
        Some("OkHttp"),
    ),
    rule(
        "node-fetch",
        Class::Bot,
        Claim::No,
        "http_library",
        Some("Node.js"),
    ),
    rule(
        "thunderbird",
        Class::Human,
        Claim::Likely,
        "mail_program",
        Some("Thunderbird"),
    ),
    rule("edg/", Class::Human, Claim::Likely, "browser", Some("Edge")),
    rule(
        "opr/",
        Class::Human,
        Claim::Likely,
        "browser",
        Some("Opera"),
    ),
    rule(
        "firefox/",
        Class::Human,
        Claim::Likely,
        "browser",
        Some("Firefox"),
    ),
    rule(
        "chrome/",
        Class::Human,
        Claim::Likely,
        "browser",
        Some("Chrome"),
    ),
    rule(
        "crios/",
        Class::Human,
        Claim::Likely,
        "browser",
        Some("Chrome"),
    ),
    rule(
        "version/",
        Class::Human,
        Claim::Likely,
        "browser",
        Some("Safari"),
    ),
    rule(
        "applewebkit/",
        Class::Human,
        Claim::Likely,
        "mail_program",
        Some("Apple Mail"),
    ),
];

/// Judges a fetch by what it says of itself.
///
/// Longer user agents than 512 bytes are judged by their beginning.
#[must_use]
pub fn classify(fetch: &Fetch<'_>) -> Verdict {
    let verdict = |class, claim, reason| Verdict {
        class,
        claim,
        reason,
        client: None,
    };
    let agent = fetch.user_agent.trim();
    if fetch.head {
        return verdict(Class::Bot, Claim::No, "head_request");
    }
    if fetch.prefetch {
        return verdict(Class::Bot, Claim::No, "prefetch_header");
    }
    if agent.is_empty() {
        return verdict(Class::Bot, Claim::No, "no_user_agent");
    }
    if agent == GMAIL_PREFETCH {
        return Verdict {
            client: Some("Gmail"),
            ..verdict(Class::GmailPrefetch, Claim::No, "gmail_prefetch")
        };
    }
    if agent == "Mozilla/5.0" {
        return Verdict {
            client: Some("Apple Mail"),
            ..verdict(Class::AppleMpp, Claim::Unknown, "apple_mpp")
        };
    }
    let agent =
        String::from_utf8_lossy(&agent.as_bytes()[..agent.len().min(512)]).to_ascii_lowercase();
    NAMED
        .iter()
        .find(|rule| agent.contains(rule.needle))
        .map_or(
            verdict(Class::Unknown, Claim::Unknown, "unknown_agent"),
            |rule| Verdict {
                client: rule.client,
                ..verdict(rule.class, rule.claim, rule.reason)
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(user_agent: &str, class: Class, claim: Claim) {
        let verdict = classify(&Fetch {
            user_agent,
            ..Fetch::default()
        });
        assert_eq!(
            (verdict.class, verdict.claim),
            (class, claim),
            "{user_agent}"
        );
    }

    #[test]
    fn agents_are_told_apart() {
        check(
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            Class::GmailProxy,
            Claim::Likely,
        );
        check(GMAIL_PREFETCH, Class::GmailPrefetch, Claim::No);
        check("Mozilla/5.0", Class::AppleMpp, Claim::Unknown);
        check(
            "YahooMailProxy; https://help.yahoo.com/",
            Class::YahooProxy,
            Claim::Likely,
        );
        check("hey.com/imageproxy/1", Class::PrivacyProxy, Claim::Likely);
        check(
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.4266; Pro)",
            Class::OutlookClient,
            Claim::Likely,
        );
        check("Barracuda Sentinel (EE)", Class::Scanner, Claim::No);
        check("curl/8.5.0", Class::Bot, Claim::No);
        check("", Class::Bot, Claim::No);
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
            Class::Human,
            Claim::Likely,
        );
        check("something never heard of", Class::Unknown, Claim::Unknown);
    }

    #[test]
    fn a_head_or_prefetch_is_never_an_open() {
        let firefox = "Mozilla/5.0 Gecko/20100101 Firefox/140.0";
        for (head, prefetch) in [(true, false), (false, true)] {
            let verdict = classify(&Fetch {
                head,
                user_agent: firefox,
                prefetch,
            });
            assert_eq!(verdict.claim, Claim::No);
        }
    }

    #[test]
    fn an_absurd_agent_is_judged_without_a_panic() {
        check(&"é".repeat(4_000), Class::Unknown, Claim::Unknown);
    }
}
