mod evidence;

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
