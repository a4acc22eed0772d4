//! What the headers bear out, and what a program's own name says.

use super::*;

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
