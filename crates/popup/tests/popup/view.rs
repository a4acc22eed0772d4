//! What the popup shows for what the worker says.

use crate::sample::{Locale, NOW, message, overview, recipient, seen};
use kaifu_core::fetch::{Fetch, classify};
use kaifu_popup::model::{Filter, Model, state_named};
use kaifu_popup::news;
use kaifu_popup::view::view;
use kaifu_popup::words::Words as _;
use kaifu_protocol::api::Kind;
use kaifu_protocol::popup::{Overview, Problem, Reach};
use kaifu_protocol::state::State;

const STATES: [State; 6] = [
    State::Unseen,
    State::Machine,
    State::Opened,
    State::Confirmed,
    State::Refused,
    State::Untracked,
];
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn model(overview: Overview) -> Model {
    Model {
        overview: Some(overview),
        ..Model::new(NOW)
    }
}

fn shown(model: &Model) -> String {
    view(model, &Locale::english()).into_string()
}

fn check(model: &Model, present: &[&str], absent: &[&str]) {
    let html = shown(model);
    for text in present {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    for text in absent {
        assert!(!html.contains(text), "{text} should not be in {html}");
    }
}

#[test]
fn each_state_has_its_hooks_words_and_explanation() {
    for locale in [Locale::english(), Locale::japanese()] {
        for state in STATES {
            let model = model(overview(vec![message("AAAAAAAAAAA", "Plan", state)]));
            let html = view(&model, &locale).into_string();
            let name = state.name();
            let hooks = format!(
                r#"data-kaifu="message" data-kaifu-state="{name}" data-message="AAAAAAAAAAA""#
            );
            let words = locale.text(&format!("state_{name}"));
            let title = locale.text(&format!("state_{name}_title"));
            assert!(!words.is_empty() && !title.is_empty(), "{name}");
            let sent = format!(r#"datetime="iso:{}""#, NOW.0 - 3_600_000);
            for text in [&hooks, &words, &title, &sent] {
                assert!(html.contains(text.as_str()), "{text} is missing in {html}");
            }
        }
    }
}

#[test]
fn what_the_sender_and_others_wrote_stays_text() {
    let mut hostile = message("AAAAAAAAAAA", "<img src=x onerror=alert(1)>", State::Opened);
    hostile.recipients = vec![recipient(
        "\"><script>alert(2)</script>",
        "'\"<b>@example.com",
    )];
    hostile.mailbox = Some("<i>me</i>".to_owned());
    let mut event = seen(Kind::Pixel, FIREFOX, NOW.0);
    event.open.source.client = Some("<u>Browser</u>".to_owned());
    event.open.reason = "<s>".to_owned();
    hostile.opens = vec![event];
    check(
        &model(overview(vec![hostile])),
        &["&lt;img src=x", "&lt;script&gt;", "&lt;u&gt;Browser"],
        &["<img", "<script", "<b>", "<i>", "<u>", "<s>"],
    );
}

#[test]
fn a_row_names_some_recipients_and_counts_the_others() {
    let mut many = message("AAAAAAAAAAA", " ", State::Unseen);
    many.recipients = vec![
        recipient("Anna", "anna@example.com"),
        recipient("", "ben@example.com"),
        recipient("Chie", "chie@example.org"),
        recipient("", "dan@example.org"),
    ];
    many.confirmed_sent = false;
    check(
        &model(overview(vec![many])),
        &[
            r#"<bdi title="anna@example.com">Anna</bdi>"#,
            "ben@example.com</bdi>",
            "and 2 more",
            "(no subject)",
            "Gmail has not confirmed this send yet",
        ],
        &[],
    );
    check(
        &model(overview(vec![message("AAAAAAAAAAA", "x", State::Unseen)])),
        &["Nothing so far."],
        &["more", "(no subject)", "has not confirmed"],
    );
}

#[test]
fn events_are_told_in_plain_words() {
    let at = NOW.0 - 60_000;
    for (kind, agent, own, present, absent) in [
        (
            Kind::Pixel,
            FIREFOX,
            false,
            vec![
                "Probably an open",
                "A browser or mail program (Firefox)",
                "A browser loaded the image",
                r#"datetime="iso:1789999940000""#,
            ],
            vec!["not counted", "A link was followed"],
        ),
        (
            Kind::Pixel,
            "Mozilla/5.0 (via ggpht.com GoogleImageProxy)",
            false,
            vec!["Gmail's image proxy", "through its proxy"],
            vec!["(Gmail)"],
        ),
        (
            Kind::Pixel,
            "Mozilla/5.0",
            false,
            vec!["Cannot be told from a machine", "this says nothing"],
            vec!["Probably an open"],
        ),
        (
            Kind::Link,
            "curl/8.5.0",
            false,
            vec!["A link was followed", "Not an open", "(curl)"],
            vec!["Probably an open"],
        ),
        (
            Kind::Pixel,
            FIREFOX,
            true,
            vec!["Before it was sent: yours, not counted"],
            vec!["Probably an open", "A browser loaded the image"],
        ),
        (
            Kind::Read,
            FIREFOX,
            false,
            vec!["I've read this"],
            vec!["Firefox", "Probably an open"],
        ),
        (
            Kind::Other,
            FIREFOX,
            false,
            vec!["Something that this version does not know"],
            vec!["Firefox"],
        ),
    ] {
        let mut event = seen(kind, agent, at);
        event.before_send = own;
        let mut message = message("AAAAAAAAAAA", "Plan", State::Unseen);
        message.opens = vec![event];
        let html = shown(&model(overview(vec![message])));
        for text in present {
            assert!(html.contains(text), "{text} is missing in {html}");
        }
        for text in absent {
            assert!(!html.contains(text), "{text} should not be in {html}");
        }
    }
}

#[test]
fn a_reason_from_a_newer_backend_is_admitted() {
    let mut event = seen(Kind::Pixel, FIREFOX, NOW.0);
    event.open.reason = "carrier_pigeon".to_owned();
    let mut message = message("AAAAAAAAAAA", "Plan", State::Opened);
    message.opens = vec![event];
    check(
        &model(overview(vec![message])),
        &["a reason that this version does not know"],
        &["carrier_pigeon"],
    );
}

#[test]
fn every_reason_of_the_classifier_has_words() {
    let fetch = |user_agent| Fetch {
        user_agent,
        ..Fetch::default()
    };
    for fetch in [
        fetch(""),
        fetch("Mozilla/5.0"),
        fetch("GoogleImageProxy"),
        fetch("YahooMailProxy"),
        fetch("hey.com/imageproxy"),
        fetch("SeznamEmailProxy"),
        fetch("Barracuda"),
        fetch("Slackbot"),
        fetch("Microsoft Outlook"),
        fetch("curl/8.5.0"),
        fetch(FIREFOX),
        fetch("never heard of"),
        Fetch {
            head: true,
            ..fetch(FIREFOX)
        },
        Fetch {
            prefetch: true,
            ..fetch(FIREFOX)
        },
    ] {
        let key = format!("reason_{}", classify(&fetch).reason);
        for locale in [Locale::english(), Locale::japanese()] {
            assert_ne!(locale.text(&key), "", "{key}");
        }
    }
}

#[test]
fn the_state_carries_the_time_of_the_event_that_decided_it() {
    let mut opened = message("AAAAAAAAAAA", "Plan", State::Opened);
    let mut own = seen(Kind::Pixel, FIREFOX, NOW.0 - 1_000);
    own.before_send = true;
    opened.opens = vec![
        seen(Kind::Pixel, FIREFOX, NOW.0 - 7_200_000),
        seen(Kind::Pixel, "curl/8.5.0", NOW.0 - 120_000),
        own,
    ];
    check(
        &model(overview(vec![opened])),
        &[
            "Probably opened · <time datetime=\"iso:1789992800000\" title=\"exact:1789992800000\">-2 hour</time>",
        ],
        &[],
    );
}

#[test]
fn the_connection_is_told_honestly() {
    let later = "its opens will arrive later";
    for (account, last_news_at, problem, present, absent) in [
        (true, Some(5), None, "", "data-notice"),
        (
            true,
            Some(5),
            Some(Problem::Unreachable),
            "No news since clock:5",
            "register",
        ),
        (true, None, Some(Problem::Unreachable), later, "since"),
        (
            false,
            None,
            Some(Problem::Unreachable),
            "cannot be tracked",
            later,
        ),
        (
            true,
            Some(5),
            Some(Problem::Rejected),
            "no longer knows",
            later,
        ),
        (true, Some(5), Some(Problem::Busy), "is busy", later),
        (
            true,
            Some(5),
            Some(Problem::Unintelligible),
            "not as a Kaifu backend",
            later,
        ),
        (false, None, None, "registering", "data-action=\"retry\""),
    ] {
        let mut overview = overview(Vec::new());
        overview.connection.account = account;
        overview.connection.last_news_at = last_news_at;
        overview.connection.problem = problem;
        check(&model(overview), &[present], &[absent]);
    }
}

#[test]
fn a_backend_out_of_reach_is_for_trying_out() {
    for (reach, present, absent) in [
        (Reach::Public, "", "trying out"),
        (
            Reach::Insecure,
            "docs/SELF-HOSTING.md",
            "outside this computer",
        ),
        (Reach::Private, "outside this computer or network", "https"),
    ] {
        let mut overview = overview(vec![message("AAAAAAAAAAA", "Plan", State::Unseen)]);
        overview.connection.reach = reach;
        check(&model(overview), &[present], &[absent]);
    }
}

#[test]
fn trying_is_shown_and_not_offered_twice() {
    let mut overview = overview(Vec::new());
    overview.connection.problem = Some(Problem::Busy);
    let mut model = model(overview);
    check(&model, &["aria-disabled=\"false\"", "Try now"], &["Trying"]);
    model.trying = true;
    check(&model, &["aria-disabled=\"true\"", "Trying"], &["Try now"]);
}

#[test]
fn the_list_says_why_it_is_empty() {
    let mut model = Model::new(NOW);
    check(
        &model,
        &["Loading"],
        &["No tracked mails", "does not answer"],
    );
    model.silent = true;
    check(&model, &["background part does not answer"], &["Loading"]);
    model.silent = false;
    model.overview = Some(overview(Vec::new()));
    check(
        &model,
        &["No tracked mails yet", "Open Gmail"],
        &["Loading"],
    );
    model.overview = Some(overview(vec![message(
        "AAAAAAAAAAA",
        "Plan",
        State::Unseen,
    )]));
    model.filter.text = "nothing like it".to_owned();
    check(
        &model,
        &["No shown mail matches."],
        &["No tracked mails", "Plan"],
    );
}

#[test]
fn more_is_offered_while_there_is_more() {
    let mut all = overview(vec![message("AAAAAAAAAAA", "Plan", State::Unseen)]);
    check(&model(all.clone()), &[], &["data-action=\"more\"", "of 1"]);
    all.total = 240;
    check(
        &model(all),
        &["data-action=\"more\"", "1 of 240 mails"],
        &[],
    );
}

#[test]
fn details_unfold_for_their_own_message() {
    let mut model = model(overview(vec![
        message("AAAAAAAAAAA", "One", State::Unseen),
        message("BBBBBBBBBBB", "Two", State::Unseen),
    ]));
    let folded = r#"id="details-AAAAAAAAAAA" hidden>"#;
    check(
        &model,
        &[folded, r#"id="details-BBBBBBBBBBB" hidden>"#],
        &["aria-expanded=\"true\""],
    );
    model.toggle("AAAAAAAAAAA");
    check(
        &model,
        &[
            "aria-expanded=\"true\"",
            r#"id="details-BBBBBBBBBBB" hidden>"#,
        ],
        &[folded],
    );
    model.toggle("AAAAAAAAAAA");
    check(&model, &[folded], &["aria-expanded=\"true\""]);
}

#[test]
fn the_filter_looks_at_subject_names_addresses_and_state() {
    let mut sample = message("AAAAAAAAAAA", "Quarterly FIGURES", State::Opened);
    sample.recipients = vec![recipient("Émile", "office@example.org")];
    for (text, state, expected) in [
        ("", None, true),
        ("  ", None, true),
        ("figures", None, true),
        ("ÉMILE", None, true),
        ("office quarterly", None, true),
        ("me@example.org", None, false),
        ("figures missing", None, false),
        ("", Some(State::Opened), true),
        ("figures", Some(State::Unseen), false),
    ] {
        let filter = Filter {
            text: text.to_owned(),
            state,
        };
        assert_eq!(filter.passes(&sample), expected, "{text} {state:?}");
    }
    for state in STATES {
        assert_eq!(state_named(state.name()), Some(state));
    }
    assert_eq!(state_named(""), None);
}

#[test]
fn changes_are_spoken_and_growth_is_not() {
    let one = message("AAAAAAAAAAA", "One", State::Unseen);
    let mut one_opened = one.clone();
    one_opened.state = State::Opened;
    let mut newer = message("BBBBBBBBBBB", "", State::Unseen);
    newer.sent_at = NOW.0;
    let mut older = message("CCCCCCCCCCC", "Old", State::Unseen);
    older.sent_at = 0;
    let before = overview(vec![one.clone()]);
    for (after, expected) in [
        (vec![one.clone()], vec![]),
        (vec![one.clone(), older], vec![]),
        (vec![one_opened], vec!["Probably opened: One"]),
        (vec![newer, one], vec!["Now tracked: (no subject)"]),
    ] {
        assert_eq!(
            news::sentences(&before, &overview(after), &Locale::english()),
            expected
        );
    }
}

#[test]
fn the_locales_have_the_same_keys_and_placeholders() {
    let (english, japanese) = (Locale::english(), Locale::japanese());
    assert_eq!(english.keys(), japanese.keys());
    let values = ["@1", "@2"];
    for key in english.keys() {
        let (en, ja) = (english.with(key, &values), japanese.with(key, &values));
        assert!(!en.is_empty() && !ja.is_empty(), "{key}");
        for value in values {
            assert_eq!(en.contains(value), ja.contains(value), "{key}");
        }
    }
}

#[test]
fn no_text_claims_that_a_mail_was_read_or_not() {
    let english = Locale::english();
    for state in STATES {
        let text = english
            .text(&format!("state_{}", state.name()))
            .to_lowercase();
        for word in ["read", "unread", "unopened", "not opened"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    let japanese = Locale::japanese();
    for state in STATES {
        let text = japanese.text(&format!("state_{}", state.name()));
        for word in ["未読", "既読", "未開封"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}
