//! What stands above, below and in the place of the list, and which messages are in it.

use crate::locale::Locale;
use crate::sample::{NOW, check, message, model, overview, recipient, shown};
use kaifu_popup::model::{Filter, Model, kind_name, kind_named};
use kaifu_protocol::pages::{Message, Problem, Reach};
use kaifu_protocol::state::Kind;
use kaifu_protocol::state::State;

#[test]
fn the_connection_is_told_honestly() {
    let later = "won't be recorded";
    for (account, last_news_at, problem, present, absent) in [
        (true, Some(5), None, "", "data-notice"),
        (
            true,
            Some(5),
            Some(Problem::Unreachable),
            "No updates since clock:5",
            "register",
        ),
        (true, None, Some(Problem::Unreachable), later, "since"),
        (
            false,
            None,
            Some(Problem::Unreachable),
            "can't be tracked",
            later,
        ),
        (
            true,
            Some(5),
            Some(Problem::Rejected),
            "doesn't recognize",
            later,
        ),
        (true, Some(5), Some(Problem::Busy), "is busy", later),
        (
            true,
            Some(5),
            Some(Problem::Unintelligible),
            "Something else is answering",
            later,
        ),
        (
            true,
            Some(5),
            Some(Problem::Unintelligible),
            "Nothing is lost",
            "check the address",
        ),
        (
            false,
            None,
            Some(Problem::Unintelligible),
            "check the address",
            "Nothing is lost",
        ),
        (true, Some(5), Some(Problem::Insecure), "https://", later),
        (true, Some(5), Some(Problem::Full), "is full", later),
        (
            true,
            Some(5),
            Some(Problem::Storage),
            "the browser's storage",
            "your Kaifu server",
        ),
        (
            false,
            None,
            Some(Problem::NotAgreed),
            "href=\"first.html\"",
            "data-action=\"retry\"",
        ),
        (
            false,
            None,
            None,
            "Connecting to your Kaifu server",
            "data-action=\"retry\"",
        ),
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
        (Reach::Public, "", "SELF-HOSTING"),
        (
            Reach::Insecure,
            "docs/SELF-HOSTING.md",
            "only this computer",
        ),
        (Reach::Private, "only this computer or network", "https"),
    ] {
        let mut overview = overview(vec![message("AAAAAAAAAAA", "Plan", State::Unseen)]);
        overview.connection.reach = reach;
        check(&model(overview), &[present], &[absent]);
    }
}

#[test]
fn registering_again_is_offered_to_whom_the_server_refused_with_what_it_costs() {
    for (account, problem, offered) in [
        (true, Problem::Rejected, true),
        (false, Problem::Rejected, false),
        (true, Problem::Unreachable, false),
        (true, Problem::Unintelligible, false),
    ] {
        let mut overview = overview(Vec::new());
        overview.connection.account = account;
        overview.connection.problem = Some(problem);
        let button = ["data-action=\"register\"", "can no longer be followed"];
        if offered {
            check(&model(overview), &button, &[]);
        } else {
            check(&model(overview), &[], &button[..1]);
        }
    }
}

#[test]
fn trying_is_shown_and_not_offered_twice() {
    let mut overview = overview(Vec::new());
    overview.connection.problem = Some(Problem::Busy);
    let mut model = model(overview);
    check(
        &model,
        &["aria-disabled=\"false\"", ">Try again<"],
        &[">Trying"],
    );
    model.trying = true;
    check(
        &model,
        &["aria-disabled=\"true\"", ">Trying"],
        &[">Try again<"],
    );
}

#[test]
fn the_list_says_why_it_is_empty() {
    let mut model = Model::new(NOW);
    check(&model, &["Loading"], &["No tracked emails", "can't reach"]);
    model.silent = true;
    check(&model, &["Kaifu isn't responding"], &["Loading"]);
    model.silent = false;
    model.overview = Some(overview(Vec::new()));
    check(
        &model,
        &["No tracked emails yet", "Open Gmail"],
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
        &["No emails match."],
        &["No tracked emails", "Plan"],
    );
}

#[test]
fn more_is_offered_while_there_is_more() {
    let mut all = overview(vec![message("AAAAAAAAAAA", "Plan", State::Unseen)]);
    check(&model(all.clone()), &[], &["data-action=\"more\"", "of 1"]);
    all.total = 240;
    check(&model(all), &["data-action=\"more\"", "1 of 240"], &[]);
}

#[test]
fn the_filter_looks_at_subject_names_addresses_and_state() {
    let mut sample = message("AAAAAAAAAAA", "Quarterly FIGURES", State::Opened);
    sample.recipients = vec![recipient("Émile", "office@example.org")];
    let words = Locale::english();
    for (text, kind, expected) in [
        ("", Kind::All, true),
        ("  ", Kind::All, true),
        ("figures", Kind::All, true),
        ("ÉMILE", Kind::All, true),
        ("office quarterly", Kind::All, true),
        ("me@example.org", Kind::All, false),
        ("figures missing", Kind::All, false),
        ("", Kind::Opened, true),
        ("figures", Kind::Unseen, false),
        ("figures", Kind::Other, false),
    ] {
        let filter = Filter {
            text: text.to_owned(),
            kind,
            mailbox: None,
        };
        assert_eq!(filter.passes(&sample, &words), expected, "{text} {kind:?}");
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
    for kind in Kind::ALL {
        assert_eq!(kind_named(kind_name(kind).0), Some(kind));
    }
    assert_eq!(kind_named(""), None);
    for state in State::ALL {
        let kinds = Kind::ALL.iter().filter(|kind| kind.has(state));
        assert_eq!(kinds.count(), 2, "{}", state.name());
    }
}

#[test]
fn only_what_the_list_shows_is_looked_at() {
    let words = Locale::english();
    let mut model = model(overview(vec![
        Message {
            news: true,
            muted: false,
            reminder: None,
            ..message("first", "Plan", State::Opened)
        },
        Message {
            news: true,
            muted: false,
            reminder: None,
            ..message("second", "Plan", State::Machine)
        },
        message("third", "Plan", State::Opened),
    ]));
    assert_eq!(model.news_shown(&words), ["first", "second"]);
    model.filter.kind = kind_named("opened").unwrap();
    assert_eq!(model.news_shown(&words), ["first"]);
    model.filter.text = "of another email".to_owned();
    assert!(model.news_shown(&words).is_empty());
}

#[test]
fn the_worker_is_asked_for_a_kind_where_the_list_is_not_whole() {
    let messages = vec![
        message("AAAAAAAAAAA", "Plan", State::Opened),
        message("AAAAAAAAAAE", "Note", State::Unseen),
    ];
    let mut model = model(overview(messages));
    // All that is kept is here.
    assert!(!model.choose(Kind::Opened));
    assert!(!model.choose(Kind::All));
    model.overview.as_mut().unwrap().total = 3;
    assert!(model.choose(Kind::Opened));
    // What comes now is of that kind alone, however little.
    model.overview.as_mut().unwrap().total = 2;
    assert!(!shown(&model).contains("class=\"count\">"));
    assert!(!model.choose(Kind::Opened));
    assert!(model.choose(Kind::Unseen));
    assert!(model.choose(Kind::All));
    assert!(shown(&model).contains("class=\"count\">"));
}
