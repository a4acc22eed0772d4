//! The programs that name themselves, as data.

use super::{Class, Reason};

/// Programs that are judged alike, and where that is written.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What they are.
    pub class: Class,
    /// Why they are judged so; this also fixes the claim.
    pub reason: Reason,
    /// The page that the rule follows, or `own` for a judgement of this project.
    pub source: &'static str,
    /// Text to find in a user agent in lower case, and the program's name. `^` stands for the
    /// beginning of the agent and `~` for a place that no letter precedes.
    pub names: &'static [(&'static str, Option<&'static str>)],
}

const CRAWLERS: &str = "https://github.com/monperrus/crawler-user-agents";
const DETECTOR: &str = "https://github.com/matomo-org/device-detector";
const GMASS: &str = "https://www.gmass.co/blog/false-opens-in-gmail/";

/// Every family, the most telling first: of several that fit, the first one counts.
pub const FAMILIES: &[Family] = &[
    Family {
        class: Class::GmailProxy,
        reason: Reason::GmailProxy,
        source: "https://www.scientiamobile.com/what-is-google-image-proxy/",
        names: &[
            ("googleimageproxy", Some("Gmail")),
            ("via ggpht.com", Some("Gmail")),
        ],
    },
    Family {
        class: Class::YahooProxy,
        reason: Reason::YahooProxy,
        source: "https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        names: &[("yahoomailproxy", Some("Yahoo Mail"))],
    },
    Family {
        class: Class::PrivacyProxy,
        reason: Reason::ProxyOnView,
        source: "https://www.hey.com/image-proxy",
        names: &[("hey.com/imageproxy", Some("HEY"))],
    },
    Family {
        class: Class::PrivacyProxy,
        reason: Reason::ProxyOnView,
        source: "https://www.fastmail.com/blog/better-security-and-privacy-through-image-proxying/",
        names: &[("fastmailua/", Some("Fastmail"))],
    },
    Family {
        class: Class::PrivacyProxy,
        reason: Reason::Proxy,
        source: DETECTOR,
        names: &[
            ("seznamemailproxy", Some("Seznam")),
            ("ramblermail", Some("Rambler")),
            ("mail.ukr.net proxy", Some("ukr.net")),
            ("secureurl.fwdcdn.com", Some("ukr.net")),
            ("yandeximageresizer", Some("Yandex Mail")),
        ],
    },
    Family {
        class: Class::PrivacyProxy,
        reason: Reason::Proxy,
        source: "own",
        names: &[
            ("imageproxy", None),
            ("mailproxy", None),
            ("image proxy", None),
        ],
    },
    Family {
        class: Class::Scanner,
        reason: Reason::NamedScanner,
        source: CRAWLERS,
        names: &[
            ("virustotal", Some("VirusTotal")),
            ("radarurlscanner", Some("Cloudflare Radar")),
            ("netcraft", Some("Netcraft")),
            ("expanse", Some("Palo Alto Networks")),
            ("paloalto", Some("Palo Alto Networks")),
            ("palo alto", Some("Palo Alto Networks")),
            ("censys", Some("Censys")),
            ("acunetix", None),
            ("nessus", None),
            ("nuclei", None),
            ("zgrab", None),
            ("urlscan", None),
        ],
    },
    Family {
        class: Class::Scanner,
        reason: Reason::NamedScanner,
        source: GMASS,
        names: &[
            ("barracuda", Some("Barracuda")),
            ("scmguard", None),
            ("~cortex/", None),
        ],
    },
    Family {
        class: Class::Scanner,
        reason: Reason::NamedScanner,
        source: "own",
        names: &[
            ("mimecast", Some("Mimecast")),
            ("proofpoint", Some("Proofpoint")),
            ("ironport", Some("Cisco IronPort")),
            ("fireeye", Some("Trellix")),
            ("trellix", Some("Trellix")),
            ("symantec", Some("Symantec")),
            ("messagelabs", Some("Symantec")),
            ("fortinet", Some("Fortinet")),
            ("fortiguard", Some("Fortinet")),
            ("fortimail", Some("Fortinet")),
            ("trendmicro", Some("Trend Micro")),
            ("trend micro", Some("Trend Micro")),
            ("sophos", Some("Sophos")),
            ("hornetsecurity", Some("Hornetsecurity")),
            ("safelinks", Some("Microsoft 365")),
            ("safe links", Some("Microsoft 365")),
            ("mailguard", None),
            ("antivirus", None),
            ("antispam", None),
            ("anti-spam", None),
            ("malware", None),
            ("phish", None),
            ("threat", None),
            ("sandbox", None),
            ("securityscan", None),
            ("~sentinel", None),
            ("~cloudmark", None),
        ],
    },
    Family {
        class: Class::Bot,
        reason: Reason::NamedBot,
        source: CRAWLERS,
        names: &[
            ("slackbot", Some("Slack")),
            ("slack-imgproxy", Some("Slack")),
            ("whatsapp", Some("WhatsApp")),
            ("facebookexternalhit", Some("Facebook")),
            ("facebookcatalog", Some("Facebook")),
            ("meta-externalfetcher", Some("Facebook")),
            ("twitterbot", Some("X")),
            ("linkedinbot", Some("LinkedIn")),
            ("discordbot", Some("Discord")),
            ("telegrambot", Some("Telegram")),
            ("skypeuripreview", Some("Skype")),
            ("microsoftpreview", Some("Microsoft Teams")),
            ("bingpreview", Some("Bing")),
            ("googlebot", Some("Google")),
            ("google-read-aloud", Some("Google")),
            ("mediapartners-google", Some("Google")),
            ("feedfetcher-google", Some("Google")),
            ("google-safety", Some("Google")),
            ("snap url preview", Some("Snapchat")),
            ("headlesschrome", None),
            ("phantomjs", None),
            ("slurp", None),
            ("embedly", None),
            ("vkshare", None),
            ("nuzzel", None),
            ("iframely", None),
            ("w3c_validator", None),
            ("w3c-checklink", None),
        ],
    },
    Family {
        class: Class::Bot,
        reason: Reason::NamedBot,
        source: "https://learn.microsoft.com/en-us/archive/technet-wiki/14002.office-existence-discovery",
        names: &[
            ("existence discovery", Some("Microsoft Office")),
            ("office protocol discovery", Some("Microsoft Office")),
        ],
    },
    Family {
        class: Class::Bot,
        reason: Reason::NamedBot,
        source: "https://github.com/omrilotan/isbot",
        names: &[
            ("bot", None),
            ("crawl", None),
            ("spider", None),
            ("preview", None),
            ("unfurl", None),
            ("scan", None),
            ("scrape", None),
            ("headless", None),
            ("puppeteer", None),
            ("playwright", None),
            ("selenium", None),
            ("webdriver", None),
            ("cypress/", None),
            ("lighthouse", None),
            ("prerender", None),
            ("~fetch", None),
            ("fetcher", None),
            ("imgproxy", None),
            ("externalhit", None),
            ("read-aloud", None),
            ("probe", None),
            ("monitor", None),
            ("uptime", None),
            ("pingdom", None),
            ("checker", None),
            ("linkcheck", None),
            ("validator", None),
            ("~archive", None),
            ("indexer", None),
            ("screenshot", None),
            ("+http", None),
            ("(http", None),
            ("; http", None),
            ("info@", None),
            ("contact@", None),
            ("admin@", None),
            ("support@", None),
            ("abuse@", None),
        ],
    },
    Family {
        class: Class::Bot,
        reason: Reason::HttpLibrary,
        source: CRAWLERS,
        names: &[
            ("~curl", Some("curl")),
            ("libcurl", Some("curl")),
            ("~wget", Some("Wget")),
            ("python", Some("Python")),
            ("aiohttp", Some("Python")),
            ("~httpx", Some("Python")),
            ("scrapy", Some("Python")),
            ("urllib", Some("Python")),
            ("go-http-client", Some("Go")),
            ("^go/", Some("Go")),
            ("go-resty", Some("Go")),
            ("fasthttp", Some("Go")),
            ("httpclient", None),
            ("http-client", None),
            ("http_client", None),
            ("~java/", Some("Java")),
            ("~jakarta", Some("Java")),
            ("^ahc/", Some("Java")),
            ("okhttp", Some("OkHttp")),
            ("^jetty", Some("Java")),
            ("^ktor", Some("Java")),
            ("node-fetch", Some("Node.js")),
            ("^node", Some("Node.js")),
            ("^axios", Some("Node.js")),
            ("^got", Some("Node.js")),
            ("^undici", Some("Node.js")),
            ("superagent", Some("Node.js")),
            ("^deno/", Some("Deno")),
            ("^bun/", Some("Bun")),
            ("libwww", Some("Perl")),
            ("lwp::", Some("Perl")),
            ("^perl", Some("Perl")),
            ("^ruby", Some("Ruby")),
            ("^faraday", Some("Ruby")),
            ("typhoeus", Some("Ruby")),
            ("mechanize", None),
            ("guzzle", Some("PHP")),
            ("^php", Some("PHP")),
            ("wordpress", Some("PHP")),
            ("lua-resty", Some("Lua")),
            ("~ngx_lua", Some("Lua")),
            ("^reqwest", Some("Rust")),
            ("^hyper", Some("Rust")),
            ("^ureq", Some("Rust")),
            ("^dart", Some("Dart")),
            ("restsharp", Some(".NET")),
            ("^.net", Some(".NET")),
            ("winhttp", Some("Windows")),
            ("powershell", Some("PowerShell")),
            ("postman", Some("Postman")),
            ("insomnia/", Some("Insomnia")),
            ("httpie", Some("HTTPie")),
            ("grequests", None),
            ("^rest-client", None),
            ("^varnish", None),
            ("^nginx", None),
        ],
    },
    Family {
        class: Class::OutlookClient,
        reason: Reason::MailProgram,
        source: "https://mailping.pro/research/email-privacy-ip-exposure-study",
        names: &[
            ("microsoft outlook", Some("Outlook")),
            ("ms-office", Some("Outlook")),
            ("msoffice", Some("Outlook")),
            ("outlook-ios", Some("Outlook")),
            ("outlook-android", Some("Outlook")),
            ("macoutlook", Some("Outlook")),
            ("oneoutlook", Some("Outlook")),
            ("hxoutlook", Some("Outlook")),
            ("~outlook/", Some("Outlook")),
            ("outlook-express", Some("Outlook Express")),
            ("windowsmail/", Some("Windows Mail")),
            ("windows-live-mail", Some("Windows Live Mail")),
            ("windows live mail", Some("Windows Live Mail")),
        ],
    },
    Family {
        class: Class::Human,
        reason: Reason::MailProgram,
        source: DETECTOR,
        names: &[
            ("thunderbird", Some("Thunderbird")),
            ("betterbird", Some("Betterbird")),
            ("postbox", Some("Postbox")),
            ("em client", Some("eM Client")),
            ("emclient", Some("eM Client")),
            ("mailbird", Some("Mailbird")),
            ("mailspring", Some("Mailspring")),
            ("bluemail", Some("BlueMail")),
            ("typeapp", Some("TypeApp")),
            ("airmail", Some("Airmail")),
            ("canary mail", Some("Canary Mail")),
            ("mimestream", Some("Mimestream")),
            ("polymail", Some("Polymail")),
            ("superhuman", Some("Superhuman")),
            ("readdle", Some("Spark")),
            ("^spark/", Some("Spark")),
            ("the bat", Some("The Bat!")),
            ("foxmail", Some("Foxmail")),
            ("k-9 mail", Some("K-9 Mail")),
            ("fairemail", Some("FairEmail")),
            ("samsung email", Some("Samsung Email")),
            ("samsungemail", Some("Samsung Email")),
            ("aquamail", Some("Aqua Mail")),
            ("edison mail", Some("Edison Mail")),
            ("lotus-notes", Some("Notes")),
            ("lotus notes", Some("Notes")),
            ("^notes/", Some("Notes")),
            ("~evolution/", Some("Evolution")),
            ("~geary", Some("Geary")),
            ("~kmail", Some("KMail")),
            ("kontact", Some("KMail")),
            ("claws mail", Some("Claws Mail")),
            ("sylpheed", Some("Sylpheed")),
            ("incredimail", Some("IncrediMail")),
            ("pocomail", Some("PocoMail")),
            ("barca", Some("Barca")),
            ("eudora", Some("Eudora")),
            ("zdesktop", Some("Zimbra")),
            ("zimbra", Some("Zimbra")),
            ("sparrow/", Some("Sparrow")),
            ("~spicebird", Some("Spicebird")),
            ("seamonkey", Some("SeaMonkey")),
            ("yahoomobile", Some("Yahoo Mail")),
            ("~franz/", Some("Franz")),
            ("ferdi", Some("Ferdium")),
            ("wavebox", Some("Wavebox")),
            ("rambox", Some("Rambox")),
        ],
    },
];

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

/// Whether no rule names this user agent, so that only its shape can be judged.
#[must_use]
pub fn is_unnamed(user_agent: &str) -> bool {
    find(user_agent.to_ascii_lowercase().as_bytes()).is_none()
}

fn fits(entry: &Entry, before: &[u8]) -> bool {
    match entry.anchor {
        // Cubot makes telephones: <https://github.com/omrilotan/isbot>.
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
