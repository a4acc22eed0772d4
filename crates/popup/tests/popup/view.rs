//! What the popup shows for what the worker says.

use crate::sample::{Locale, NOW, judged, message, overview, recipient, seen};
use kaifu_core::fetch::Reason;
use kaifu_core::state::{EventReason, StateReason};
use kaifu_popup::model::{Filter, Model, state_named};
use kaifu_popup::news;
use kaifu_popup::view::view;
use kaifu_popup::words::Words as _;
use kaifu_protocol::api::{Claim, Kind};
use kaifu_protocol::content::Signal;
use kaifu_protocol::pages::{Later, Overview, Problem, Reach, Readers};
use kaifu_protocol::state::State;
use std::collections::BTreeSet;

const STATES: [State; 6] = [
    State::Unseen,
    State::Machine,
    State::Opened,
    State::Confirmed,
    State::Refused,
    State::Untracked,
];
const REASONS: &str = include_str!("../../../../docs/REASONS.md");
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
            let words = match state {
                // The sample may also have been a person.
                State::Machine => locale.text("state_machine_unsure"),
                _ => locale.text(&format!("state_{name}")),
            };
            let title = locale.text(&format!("state_{name}_title"));
            assert!(!words.is_empty() && !title.is_empty(), "{name}");
            let sent = format!(r#"datetime="iso:{}""#, NOW.0 - 3_600_000);
            let reason = message("AAAAAAAAAAA", "Plan", state).reason;
            let reason = locale.text(&format!("reason_{reason}"));
            assert!(!reason.is_empty(), "{name}");
            for text in [&hooks, &words, &title, &sent, &reason] {
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
    event.reason = "<s>".to_owned();
    hostile.opens = vec![event];
    check(
        &model(overview(vec![hostile])),
        &["&lt;img src=x", "&lt;script&gt;", "&lt;u&gt;Browser"],
        &["<img", "<script", "<b>", "<i>", "<u>", "<s>"],
    );
}

#[test]
fn device_and_country_are_those_of_the_readers_own_program() {
    let mut opened = message("AAAAAAAAAAA", "Plan", State::Opened);
    let mut event = seen(Kind::Pixel, FIREFOX, NOW.0);
    event.open.source.device = Some("Linux".to_owned());
    event.open.source.country = Some("fr".to_owned());
    let mut proxied = seen(Kind::Pixel, GMAIL, NOW.0);
    proxied.open.source.device = Some("Mac".to_owned());
    proxied.open.source.country = Some("US".to_owned());
    opened.opens = vec![proxied, event.clone()];
    let mut all = model(overview(vec![opened.clone()]));
    all.expanded.insert(opened.message.clone());
    check(
        &all,
        &["(Firefox) · Linux · country:FR, going by the network"],
        &["Mac", "country:US"],
    );
    // What is no country is not given to the browser, which would throw at it.
    event.open.source.country = Some("nowhere".to_owned());
    opened.opens = vec![event];
    check(
        &model(overview(vec![opened])),
        &["(Firefox) · Linux</p>"],
        &["nowhere"],
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
    many.sent_by = None;
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

const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
const APPLE: &str = "Mozilla/5.0";

#[test]
fn each_fetch_is_told_with_its_reason() {
    let hour = 3_600_000;
    for (agent, after, views, present, absent) in [
        (
            GMAIL,
            3 * hour,
            vec![],
            vec![
                "data-claim=\"likely\"",
                "Probably an open",
                "Gmail's image proxy",
                "3 hours after you sent it",
                "calls itself Gmail's loaded the image. Its network could not be checked",
                "Probably opened: the image was loaded",
            ],
            vec!["(Gmail)", "It was you", "more within"],
        ),
        (
            GMAIL,
            4_000,
            vec![],
            vec![
                "data-claim=\"unknown\"",
                "4 seconds after you sent it",
                "within seconds of sending, too early to tell",
            ],
            vec!["Probably"],
        ),
        (
            GMAIL,
            hour,
            vec![hour - 1_000],
            vec![
                "data-own",
                "It was you",
                "You were looking at the message at that moment",
                "Only your own views have been seen",
            ],
            vec!["Probably", "Gmail loaded"],
        ),
        (
            FIREFOX,
            -1_000,
            vec![],
            vec!["data-own", "It was you", "before the message was sent"],
            vec!["Probably", "A browser loaded", "after you sent it"],
        ),
        (
            FIREFOX,
            4_000,
            vec![],
            vec![
                "Probably an open",
                "A browser or mail program (Firefox)",
                "A browser loaded the image",
            ],
            vec!["Not counted"],
        ),
        (
            APPLE,
            hour,
            vec![],
            vec![
                "Cannot be told from a machine",
                "Loaded automatically by Apple Mail",
                "we cannot tell whether by a person",
            ],
            vec!["Probably"],
        ),
        (
            "Barracuda Sentinel",
            hour,
            vec![],
            vec![
                "Not an open",
                "A security scanner checked the message",
                "Only automatic checks",
            ],
            vec!["Probably"],
        ),
    ] {
        let message = judged(
            message("AAAAAAAAAAA", "Plan", State::Unseen),
            &[(agent, after)],
            &views,
        );
        check(&model(overview(vec![message])), &present, &absent);
    }
}

#[test]
fn what_is_no_fetch_is_told_without_a_program() {
    for (kind, present) in [
        (Kind::Read, "I've read this"),
        (Kind::Refuse, "The recipient refused"),
        (Kind::Other, "Something that this version does not know"),
    ] {
        let mut message = message("AAAAAAAAAAA", "Plan", State::Unseen);
        message.opens = vec![seen(kind, FIREFOX, NOW.0)];
        check(
            &model(overview(vec![message])),
            &[present],
            &["Firefox", "Probably"],
        );
    }
    let mut link = message("AAAAAAAAAAA", "Plan", State::Machine);
    link.opens = vec![seen(Kind::Link, "curl/8.5.0", NOW.0)];
    check(
        &model(overview(vec![link])),
        &[
            "A link was followed",
            "Not an open",
            "(curl)",
            "A script loaded",
        ],
        &["Probably"],
    );
}

#[test]
fn repeats_are_folded_under_their_first_view() {
    let minute = 60_000;
    let times = [
        minute,
        minute + 1_000,
        minute + 20_000,
        minute + 45_000,
        30 * minute,
    ];
    let fetches: Vec<(&str, i64)> = times.iter().map(|&after| (FIREFOX, after)).collect();
    let folded = judged(message("AAAAAAAAAAA", "Plan", State::Unseen), &fetches, &[]);
    let mut model = model(overview(vec![folded]));
    // Folded, a row holds its newest event only.
    check(&model, &["2 views"], &["more within"]);
    assert_eq!(shown(&model).matches("Probably an open").count(), 1);
    model.toggle("AAAAAAAAAAA");
    check(
        &model,
        &["and 3 more within 45 seconds", "2 views"],
        &["and 0 more"],
    );
    assert_eq!(shown(&model).matches("Probably an open").count(), 2);
    let last = format!(
        "Probably opened · <time datetime=\"iso:{}\"",
        NOW.0 - 30 * minute
    );
    check(&model, &[&last], &[]);
}

#[test]
fn readers_are_shown_as_an_estimate() {
    let readers = |estimate, beyond_recipients| {
        Some(Readers {
            estimate,
            beyond_recipients,
        })
    };
    let who = "it cannot be told who they are";
    for (recipients, readers, present, absent) in [
        (1, None, "Probably opened", "reader"),
        (1, readers(1, false), "Probably opened", "reader"),
        (1, readers(2, true), "about 2 readers", who),
        (3, readers(1, false), "about 1 reader<", "forwarded"),
        (3, readers(2, false), who, "forwarded"),
        (
            3,
            readers(4, true),
            "forwarded, or opened on several devices",
            who,
        ),
    ] {
        let mut message = message("AAAAAAAAAAA", "Plan", State::Opened);
        message.recipients = vec![recipient("", "anna@example.com"); recipients];
        message.readers = readers;
        check(&model(overview(vec![message])), &[present], &[absent]);
    }
}

#[test]
fn a_reason_from_a_newer_version_is_admitted() {
    let mut event = seen(Kind::Pixel, FIREFOX, NOW.0);
    event.reason = "carrier_pigeon".to_owned();
    let mut message = message("AAAAAAAAAAA", "Plan", State::Opened);
    message.opens = vec![event];
    check(
        &model(overview(vec![message])),
        &["a reason that this version does not know"],
        &["carrier_pigeon"],
    );
}

#[test]
fn every_reason_has_words_and_no_words_are_left_over() {
    let codes: BTreeSet<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .chain(EventReason::OWN.iter().map(|reason| reason.code()))
        .chain(StateReason::ALL.iter().map(|reason| reason.code()))
        .collect();
    for locale in [Locale::english(), Locale::japanese()] {
        let worded: BTreeSet<&str> = locale
            .keys()
            .into_iter()
            .filter_map(|key| key.strip_prefix("reason_"))
            .collect();
        assert_eq!(worded, codes);
    }
    for code in codes {
        let key = format!("reason_{code}");
        let (english, japanese) = (Locale::english().text(&key), Locale::japanese().text(&key));
        let row = format!("| {english} | {japanese} |");
        assert!(REASONS.contains(&row), "docs/REASONS.md has no {row}");
    }
}

#[test]
fn the_state_carries_the_time_of_the_event_that_decided_it() {
    let time = |state, at| format!("{state} · <time datetime=\"iso:{at}\" title=\"exact:{at}\">");
    let sent = NOW.0 - 3_600_000;
    let fetches = [
        (FIREFOX, -1_000),
        (FIREFOX, 60_000),
        ("curl/8.5.0", 120_000),
    ];
    let opened = judged(message("AAAAAAAAAAA", "Plan", State::Unseen), &fetches, &[]);
    check(
        &model(overview(vec![opened])),
        &[&time("Probably opened", sent + 60_000)],
        &[],
    );
    let machine = judged(
        message("AAAAAAAAAAA", "Plan", State::Unseen),
        &[("curl/8.5.0", 120_000), (FIREFOX, -1_000)],
        &[],
    );
    check(
        &model(overview(vec![machine])),
        &[&time("Loaded by a machine", sent + 120_000)],
        &[],
    );
    let mut confirmed = message("AAAAAAAAAAA", "Plan", State::Confirmed);
    let mut read = seen(Kind::Read, FIREFOX, NOW.0 - 60_000);
    read.claim = Claim::Likely;
    confirmed.opens = vec![read, seen(Kind::Pixel, FIREFOX, NOW.0)];
    check(
        &model(overview(vec![confirmed])),
        &[&time("Confirmed by the recipient", NOW.0 - 60_000)],
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
        (
            true,
            Some(5),
            Some(Problem::Storage),
            "the browser's storage",
            "backend",
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
    let words = Locale::english();
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
            mailbox: None,
        };
        assert_eq!(filter.passes(&sample, &words), expected, "{text} {state:?}");
    }
    for (mailbox, expected) in [
        (None, true),
        (Some("me@example.org"), true),
        (Some("anna@example.com"), false),
    ] {
        let filter = Filter {
            mailbox: mailbox.map(str::to_owned),
            ..Filter::default()
        };
        assert_eq!(filter.passes(&sample, &words), expected, "{mailbox:?}");
    }
    for state in STATES {
        assert_eq!(state_named(state.name()), Some(state));
    }
    assert_eq!(state_named(""), None);
}

#[test]
fn a_scheduled_mail_says_for_when_or_that_it_is_not_known() {
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    for (later, present, absent) in [
        (None, "<dt>Sent</dt>", "Scheduled"),
        (
            Some(Later::Timed),
            "<dt>Scheduled for</dt>",
            "for when is not known",
        ),
        (
            Some(Later::Untimed),
            "for when is not known",
            "Scheduled for",
        ),
    ] {
        sample.later = later;
        check(
            &model(overview(vec![sample.clone()])),
            &[present],
            &[absent],
        );
    }
}

#[test]
fn each_sign_that_a_mail_left_has_its_words() {
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    for (signal, present) in [
        (Signal::Wire, "server took it"),
        (Signal::Toast, "said on screen"),
        (Signal::List, "among the sent mails"),
    ] {
        sample.sent_by = Some(signal);
        check(
            &model(overview(vec![sample.clone()])),
            &[present],
            &["not confirmed"],
        );
    }
}

#[test]
fn the_details_name_the_mailbox_and_the_address_it_was_sent_as() {
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    check(
        &model(overview(vec![sample.clone()])),
        &["me@example.org"],
        &["Sent as"],
    );
    sample.alias = Some("office@example.org".to_owned());
    check(
        &model(overview(vec![sample])),
        &["me@example.org", "Sent as", "office@example.org"],
        &[],
    );
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
    let keys: Vec<String> = STATES
        .iter()
        .map(|state| format!("state_{}", state.name()))
        .chain(
            [
                "state_machine_unsure",
                "event_likely",
                "notice_opened",
                "popup_views",
            ]
            .map(str::to_owned),
        )
        .collect();
    for key in &keys {
        let text = english.text(key).to_lowercase();
        for word in ["read", "unread", "unopened", "not opened"] {
            assert!(!text.contains(word), "{text}");
        }
    }
    let japanese = Locale::japanese();
    for key in &keys {
        let text = japanese.text(key);
        for word in ["未読", "既読", "未開封"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}
