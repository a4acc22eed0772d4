use super::*;
use proptest::prelude::*;

const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
const PREFETCH: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const OLD_CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/72.0.3626.109 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that a fetch takes it in"
)]
fn asn(number: u32) -> Option<Network> {
    Some(Network {
        asn: Some(number),
        range: None,
        country: Country::new("FR"),
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape that a fetch takes it in"
)]
fn elsewhere() -> Option<Network> {
    Some(Network {
        country: Country::new("FR"),
        ..Network::default()
    })
}

fn check(user_agent: &str, network: Option<Network>, class: Class, reason: Reason) {
    let verdict = classify(&Fetch {
        user_agent,
        network,
        ..Fetch::default()
    });
    assert_eq!(
        (verdict.class, verdict.reason),
        (class, reason),
        "{user_agent} {network:?}"
    );
    assert_eq!(verdict.claim, reason.claim());
}

#[test]
fn agents_are_told_apart_without_a_network() {
    check(GMAIL, None, Class::GmailProxy, Reason::GmailProxyUnchecked);
    check(PREFETCH, None, Class::GmailPrefetch, Reason::GmailPrefetch);
    check("Mozilla/5.0", None, Class::AppleMpp, Reason::AppleMpp);
    check(
        "YahooMailProxy; x",
        None,
        Class::YahooProxy,
        Reason::YahooProxyUnchecked,
    );
    check(
        "hey.com/imageproxy/1",
        None,
        Class::PrivacyProxy,
        Reason::ProxyOnView,
    );
    check(
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.4266; Pro)",
        None,
        Class::OutlookClient,
        Reason::MailProgram,
    );
    check(
        "Barracuda Sentinel (EE)",
        None,
        Class::Scanner,
        Reason::NamedScanner,
    );
    check("curl/8.5.0", None, Class::Bot, Reason::HttpLibrary);
    // Apps for people are made with it, and scripts as well.
    check("okhttp/4.12.0", None, Class::Unknown, Reason::AppLibrary);
    check("okhttp/4.12.0", asn(16509), Class::Bot, Reason::HttpLibrary);
    check("", None, Class::Unknown, Reason::NoUserAgent);
    check(FIREFOX, None, Class::Human, Reason::Browser);
    check(
        "Mozilla/5.0 (compatible; Anything)",
        None,
        Class::Bot,
        Reason::NamedBot,
    );
    check(
        "something never heard of",
        None,
        Class::Unknown,
        Reason::UnknownAgent,
    );
}

#[test]
fn a_network_bears_a_name_out_or_belies_it() {
    check(GMAIL, asn(15169), Class::GmailProxy, Reason::GmailProxy);
    check(GMAIL, elsewhere(), Class::Unknown, Reason::ForgedProxy);
    check(GMAIL, asn(396_982), Class::Unknown, Reason::ForgedProxy);
    check(GMAIL, asn(26211), Class::Scanner, Reason::ScannerNetwork);
    check(PREFETCH, elsewhere(), Class::Scanner, Reason::NamedScanner);
    check(
        "YahooMailProxy; x",
        asn(10310),
        Class::YahooProxy,
        Reason::YahooProxy,
    );
    check(
        "YahooMailProxy; x",
        asn(15169),
        Class::Unknown,
        Reason::ForgedProxy,
    );
    check(
        "FastmailUA/1.0",
        asn(151_847),
        Class::PrivacyProxy,
        Reason::ProxyOnView,
    );
    check(
        "FastmailUA/1.0",
        elsewhere(),
        Class::Unknown,
        Reason::ForgedProxy,
    );
    check("Mozilla/5.0", asn(36183), Class::AppleMpp, Reason::AppleMpp);
    check(
        "Mozilla/5.0",
        elsewhere(),
        Class::AppleMpp,
        Reason::AppleMppUnlisted,
    );
}

#[test]
fn a_browser_is_worth_what_its_network_is() {
    check(CHROME, elsewhere(), Class::Human, Reason::Browser);
    check(CHROME, asn(22616), Class::Human, Reason::Browser);
    check(CHROME, asn(13335), Class::Human, Reason::Browser);
    check(CHROME, asn(30031), Class::Scanner, Reason::ScannerNetwork);
    check(CHROME, asn(8075), Class::Unknown, Reason::MicrosoftNetwork);
    check(CHROME, asn(16509), Class::Unknown, Reason::HostingNetwork);
    let thunderbird = FIREFOX.replace("Firefox/", "Thunderbird/");
    check(
        &thunderbird,
        asn(16509),
        Class::Unknown,
        Reason::HostingNetwork,
    );
    check(&thunderbird, asn(22616), Class::Human, Reason::MailProgram);
    check(&thunderbird, elsewhere(), Class::Human, Reason::MailProgram);
    check(CHROME, asn(44444), Class::Unknown, Reason::SecurityNetwork);
    check(CHROME, asn(62371), Class::Unknown, Reason::ProtonNetwork);
    check(
        OLD_CHROME,
        elsewhere(),
        Class::Unknown,
        Reason::StaleBrowser,
    );
    // People sit at Microsoft and at security companies, with old browsers, too.
    for number in [8075, 13448, 44444, 54538, 36692, 62371] {
        check(
            OLD_CHROME,
            asn(number),
            Class::Unknown,
            Reason::StaleBrowser,
        );
    }
    for number in [16509, 15169, 10310, 151_847] {
        check(
            OLD_CHROME,
            asn(number),
            Class::Scanner,
            Reason::StaleOnServer,
        );
    }
    let exchange = Some(Network {
        range: Some(Range::ExchangeOnline),
        ..Network::default()
    });
    check(CHROME, exchange, Class::Scanner, Reason::ScannerNetwork);
    check("", asn(8075), Class::Unknown, Reason::NoUserAgent);
    check("", asn(16509), Class::Bot, Reason::NoUserAgentOnServer);
}

#[test]
fn what_the_request_shows_of_itself_counts() {
    let verdict = |fetch: Fetch<'_>| classify(&fetch).reason;
    let chrome = Fetch {
        user_agent: CHROME,
        network: elsewhere(),
        ..Fetch::default()
    };
    assert_eq!(
        verdict(Fetch {
            head: true,
            ..chrome
        }),
        Reason::HeadRequest
    );
    assert_eq!(
        verdict(Fetch {
            prefetch: true,
            ..chrome
        }),
        Reason::PrefetchHeader
    );
    assert_eq!(
        verdict(Fetch {
            accept: Accept::Page,
            ..chrome
        }),
        Reason::OpenedAsPage
    );
    assert_eq!(
        verdict(Fetch {
            from_sender: true,
            ..chrome
        }),
        Reason::SenderAddress
    );
    assert_eq!(
        verdict(Fetch {
            listed_bot: true,
            ..chrome
        }),
        Reason::ListedBot
    );
    // The list also holds the proxies of mail services, which are no robots.
    let proxy = Fetch {
        user_agent: GMAIL,
        network: asn(15169),
        ..Fetch::default()
    };
    assert_eq!(
        verdict(Fetch {
            listed_bot: true,
            ..proxy
        }),
        Reason::GmailProxy
    );
}

/// What over https comes with an image that an engine shows.
const ENGINE: (Accept, Destination) = (Accept::Image, Destination::Image);

fn reason(user_agent: &str, asked: Asked, (accept, destination): (Accept, Destination)) -> Reason {
    classify(&Fetch {
        asked,
        user_agent,
        accept,
        destination,
        network: elsewhere(),
        ..Fetch::default()
    })
    .reason
}

#[test]
fn headers_bear_a_browsers_name_out_or_belie_it() {
    let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_5 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Version/15.5 Mobile/15E148 Safari/604.1";
    let thunderbird = FIREFOX.replace("Firefox/", "Thunderbird/");
    let older = "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Thunderbird/60.9";
    let (none, silent) = (Destination::Missing, Destination::NotKnown);
    for (agent, headers, expected) in [
        (CHROME, ENGINE, Reason::Browser),
        (FIREFOX, ENGINE, Reason::Browser),
        (&*thunderbird, ENGINE, Reason::MailProgram),
        (CHROME, (Accept::Other, none), Reason::UnlikeBrowser),
        (FIREFOX, (Accept::Missing, none), Reason::UnlikeBrowser),
        (
            FIREFOX,
            (Accept::Other, Destination::Other),
            Reason::UnlikeBrowser,
        ),
        (&thunderbird, (Accept::Other, none), Reason::UnlikeBrowser),
        (FIREFOX, (Accept::Page, none), Reason::OpenedAsPage),
        (
            FIREFOX,
            (Accept::Other, Destination::Document),
            Reason::OpenedAsPage,
        ),
        // Engines that were never captured, or are too old to say what they ask for.
        (safari, (Accept::Image, none), Reason::Browser),
        (older, (Accept::Other, none), Reason::MailProgram),
        (
            "Evolution/3.46.4",
            (Accept::Missing, none),
            Reason::MailProgram,
        ),
        // By plain http, or where the headers are not known.
        (CHROME, (Accept::Other, silent), Reason::Browser),
        (CHROME, (Accept::NotKnown, silent), Reason::Browser),
    ] {
        assert_eq!(
            reason(agent, Asked::Image, headers),
            expected,
            "{agent} {headers:?}"
        );
    }
}

#[test]
fn an_unknown_program_with_an_engines_headers_shows_an_image() {
    let gtk = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) \
        Version/17.0 Safari/605.1.15 Example/1.2";
    let web = format!("{CHROME} Example/1.2");
    for (agent, headers, expected) in [
        ("Some Viewer", ENGINE, Reason::BrowserEngine),
        (gtk, ENGINE, Reason::BrowserEngine),
        (
            gtk,
            (Accept::Other, Destination::Missing),
            Reason::UnknownProduct,
        ),
        (&*web, ENGINE, Reason::UnknownProduct),
        (
            "Some Viewer",
            (Accept::Other, Destination::Missing),
            Reason::UnknownAgent,
        ),
        (
            "Some Viewer",
            (Accept::NotKnown, Destination::NotKnown),
            Reason::UnknownAgent,
        ),
    ] {
        assert_eq!(
            reason(agent, Asked::Image, headers),
            expected,
            "{agent} {headers:?}"
        );
    }
    let page = (Accept::Page, Destination::Document);
    assert_eq!(
        reason("Some Viewer", Asked::Link, page),
        Reason::UnknownAgent
    );
}

#[test]
fn links_and_buttons_are_judged_as_what_they_are() {
    let page = (Accept::Page, Destination::Document);
    let scripted = (Accept::Page, Destination::Missing);
    assert_eq!(reason(FIREFOX, Asked::Link, page), Reason::LinkOpened);
    assert_eq!(
        reason(FIREFOX, Asked::Link, scripted),
        Reason::UnlikeBrowser
    );
    assert_eq!(
        reason(FIREFOX, Asked::Link, (Accept::Page, Destination::NotKnown)),
        Reason::LinkOpened
    );
    assert_eq!(reason("curl/8", Asked::Link, page), Reason::HttpLibrary);
    for (agent, class, client) in [
        (CHROME, Class::Human, Some("Chrome")),
        (OLD_CHROME, Class::Human, Some("Chrome")),
        ("curl/8", Class::Bot, Some("curl")),
        ("", Class::Unknown, None),
    ] {
        let verdict = classify(&Fetch {
            asked: Asked::Press,
            user_agent: agent,
            accept: Accept::Page,
            destination: Destination::Document,
            network: asn(16509),
            ..Fetch::default()
        });
        assert_eq!((verdict.class, verdict.client), (class, client), "{agent}");
        assert_eq!(
            (verdict.reason, verdict.claim),
            (Reason::Pressed, Claim::Likely)
        );
        assert_eq!((verdict.device, verdict.country), (None, None));
    }
}

#[test]
fn engines_in_other_programs_are_no_browsers_of_their_age() {
    let kmail = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        QtWebEngine/5.15.13 Chrome/87.0.4280.144 Safari/537.36";
    let geary = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) \
        Version/60.5 Safari/605.1.15";
    let line = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.0";
    for (agent, client) in [(kmail, None), (geary, None), (line, Some("LINE"))] {
        let verdict = classify(&Fetch {
            user_agent: agent,
            network: elsewhere(),
            ..Fetch::default()
        });
        assert_eq!(
            (verdict.reason, verdict.client),
            (Reason::Browser, client),
            "{agent}"
        );
    }
    check(kmail, asn(16509), Class::Unknown, Reason::HostingNetwork);
    let safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_8_5) AppleWebKit/534.59 (KHTML, like Gecko) Version/5.1.9 Safari/534.59.8";
    let explorer = "Mozilla/5.0 (Windows NT 6.3; WOW64; Trident/7.0; rv:11.0) like Gecko";
    let firefox = FIREFOX.replace("140.0", "80.0");
    for old in [safari, explorer, &firefox] {
        check(old, elsewhere(), Class::Unknown, Reason::StaleBrowser);
    }
}

#[test]
fn a_persons_program_is_no_machine_for_a_word_in_it() {
    for agent in [
        "ProtonMail/4.0 (Android 14; Pixel 8) okhttp/4.10.0",
        "Spark/3.2.1 (Android 14) okhttp/4.9",
        "Sophos Secure Email/9.7",
    ] {
        check(agent, elsewhere(), Class::Human, Reason::MailProgram);
    }
    let sandboxed = format!("{CHROME} Sandboxie/5.0");
    let guarded = CHROME.replace("x64)", "x64; Sophos)");
    check(
        &sandboxed,
        elsewhere(),
        Class::Unknown,
        Reason::UnknownProduct,
    );
    check(&guarded, elsewhere(), Class::Human, Reason::Browser);
    for agent in [
        "Unheard/1.0 (Android 14) okhttp/4.9",
        "Mailman/3.3",
        "Lynx/2.9 libwww-FM/2.14",
        "Chrome\tlike",
    ] {
        check(agent, elsewhere(), Class::Unknown, Reason::UnknownAgent);
    }
    for agent in ["EmailVerifier/1.0", "CiscoSecureEmail", "TMES/1"] {
        check(agent, elsewhere(), Class::Scanner, Reason::NamedScanner);
    }
}

#[test]
fn a_name_inside_another_word_is_none() {
    let agent = "Embarcaderos/1.0";
    check(agent, None, Class::Unknown, Reason::UnknownAgent);
    check(
        "BarcaPro/1.4 L.1001",
        None,
        Class::Human,
        Reason::MailProgram,
    );
}

#[test]
fn a_place_is_only_shown_where_the_address_tells_it() {
    let place = |user_agent, network| {
        let verdict = classify(&Fetch {
            user_agent,
            network,
            ..Fetch::default()
        });
        verdict.country.map(|country| country.as_str().to_owned())
    };
    assert_eq!(place(CHROME, elsewhere()).as_deref(), Some("FR"));
    assert_eq!(place(CHROME, asn(3215)).as_deref(), Some("FR"));
    for (user_agent, number) in [
        (GMAIL, 15169),
        ("Mozilla/5.0", 36183),
        (CHROME, 13335),
        (CHROME, 22616),
        (CHROME, 26211),
    ] {
        assert_eq!(
            place(user_agent, asn(number)),
            None,
            "{user_agent} AS{number}"
        );
    }
    let relay = Network {
        range: Some(Range::AppleRelay),
        ..elsewhere().unwrap()
    };
    assert_eq!(place(CHROME, Some(relay)), None);
}

#[test]
fn a_device_is_only_named_for_the_readers_own_program() {
    let device = |user_agent| {
        classify(&Fetch {
            user_agent,
            ..Fetch::default()
        })
        .device
    };
    assert_eq!(device(CHROME), Some("Windows"));
    assert_eq!(device(FIREFOX), Some("Linux"));
    assert_eq!(device(GMAIL), None);
    assert_eq!(device("Slackbot (Windows)"), None);
}

#[test]
fn a_browser_is_named_as_its_verdict_names_it() {
    for agent in [
        CHROME,
        &format!("{CHROME} Edg/140.0.0.0"),
        &format!("{CHROME} OPR/124.0.0.0"),
    ] {
        let verdict = classify(&Fetch {
            user_agent: agent,
            ..Fetch::default()
        });
        assert_eq!(chromium(agent), verdict.client.zip(verdict.device));
    }
    for agent in [
        GMAIL,
        FIREFOX,
        "",
        "curl/8",
        &CHROME.replace("Chrome/", "HeadlessChrome/"),
    ] {
        assert_eq!(chromium(agent), None, "{agent}");
    }
}

#[test]
fn an_absurd_agent_is_no_open() {
    for agent in [
        "é".repeat(4_000),
        format!("{CHROME} {}", "x".repeat(2_000)),
        format!("{CHROME} {}", "(".repeat(5_000_000)),
        format!("{CHROME}\u{0}"),
    ] {
        let verdict = classify(&Fetch {
            user_agent: &agent,
            ..Fetch::default()
        });
        assert_eq!(verdict.claim, Claim::Unknown);
    }
}

proptest! {
    #[test]
    fn no_agent_panics_and_each_claim_is_its_reasons(
        user_agent in ".{0,200}",
        head: bool,
        prefetch: bool,
        number in prop::option::of(0u32..400_000),
    ) {
        let network = number.and_then(asn);
        let verdict = classify(&Fetch { head, prefetch, user_agent: &user_agent, network, ..Fetch::default() });
        prop_assert_eq!(verdict.reason.claim(), verdict.claim);
        if head || prefetch {
            prop_assert_eq!(verdict.claim, Claim::No);
        }
    }

    /// Whatever a machine puts before or after a name, a belied proxy is never an open.
    #[test]
    fn no_forgery_of_a_proxy_is_an_open(before in "[ -~]{0,40}", after in "[ -~]{0,40}") {
        for name in [GMAIL, "YahooMailProxy", "FastmailUA/1.0"] {
            let user_agent = format!("{before}{name}{after}");
            let verdict = classify(&Fetch { user_agent: &user_agent, network: elsewhere(), ..Fetch::default() });
            prop_assert!(verdict.claim < Claim::Likely, "{}", user_agent);
        }
    }

    /// A gateway's network is stronger than anything that a user agent says.
    #[test]
    fn nothing_from_a_gateway_is_an_open(user_agent in "[ -~]{0,120}") {
        let verdict = classify(&Fetch { user_agent: &user_agent, network: asn(26211), ..Fetch::default() });
        prop_assert_eq!(verdict.claim, Claim::No);
    }
}
