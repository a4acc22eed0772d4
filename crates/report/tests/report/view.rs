//! What the page shows.

use crate::locale::Locale;
use crate::sample::{facts, model, some};
use kaifu_core::report::{Standing, Which};
use kaifu_protocol::report::Spread;
use kaifu_report::model::{Model, Period};
use kaifu_report::view::{chosen, emails, honest, notice, periods, summary, title};

/// Everything that the page shows in English.
fn shown(model: &Model) -> String {
    shown_in(&Locale::english(), model)
}

fn shown_in(words: &Locale, model: &Model) -> String {
    let parts = [
        periods(model, words),
        notice(model, words),
        summary(model, words),
        chosen(model, words),
        emails(model, words),
        honest(model, words),
    ];
    let parts: Vec<String> = parts.into_iter().map(Into::into).collect();
    title(model, words) + &parts.concat()
}

#[track_caller]
fn check(model: &Model, present: &[&str], absent: &[&str]) {
    let html = shown(model);
    for text in present {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    for text in absent {
        assert!(!html.contains(text), "{text} should not be in {html}");
    }
}

/// The number that leads to the emails of `which`, where there is one.
fn number(html: &str, which: &Which) -> Option<u32> {
    let behind = html
        .split(&format!("data-which=\"{}\"", which.code()))
        .nth(1)?;
    let text = behind.split('>').nth(1)?.split('<').next()?;
    text.trim_start_matches(|it: char| !it.is_ascii_digit())
        .parse()
        .ok()
}

#[test]
fn while_nothing_is_known_it_says_so() {
    check(
        &Model::default(),
        &["The last 30 days", "Loading", "class=\"loading\""],
        &["<table"],
    );
    let silent = Model {
        silent: true,
        ..Model::default()
    };
    check(&silent, &["Kaifu isn't responding"], &["Loading"]);
    let mut silent = model(&some());
    silent.silent = true;
    check(
        &silent,
        &["Kaifu isn't responding", "class=\"figures\""],
        &[],
    );
}

#[test]
fn without_emails_it_says_how_to_begin() {
    check(
        &model(&[]),
        &["No tracked emails yet", "https://mail.google.com/"],
        &["class=\"figures\""],
    );
    let mut none_of_the_period = model(&[]);
    none_of_the_period.report.as_mut().unwrap().kept = 3;
    check(
        &none_of_the_period,
        &["No emails in this period.", "class=\"figures\""],
        &["NaN"],
    );
}

#[test]
fn each_number_leads_to_its_emails() {
    let model = model(&some());
    let html = shown(&model);
    for (which, count) in [
        (Which::Tracked, 8),
        (Which::Opened, 4),
        (Which::Standing(Standing::Opened), 3),
        (Which::Standing(Standing::Unseen), 1),
        (Which::Standing(Standing::Refused), 1),
        (Which::NotCounted, 3),
        (Which::Quiet, 3),
        (Which::Within(1), 1),
        (Which::Within(2), 1),
        (Which::Hour(4, 13), 1),
        (Which::Hour(5, 14), 1),
        (Which::Week(20_787), 0),
        (Which::Week(20_780), 7),
    ] {
        let found = number(&html, &which).unwrap_or(0);
        assert_eq!(found, count, "{which:?}");
    }
    for code in ["person:anna@example.com", "domain:example.com", "left_out"] {
        assert!(html.contains(&format!("data-which=\"{code}\"")), "{code}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    check(
        &model(&some()),
        &[
            "Not in these figures",
            "Sent untracked: 1, Scheduled: 1, No longer followed: 1",
            "some of the emails without a detected open (3) have been read",
            "Loads: 2 automated or possibly so, 1 by you",
        ],
        &["best"],
    );
}

#[test]
fn under_thirty_opens_are_too_few_to_say() {
    check(
        &model(&some()),
        &[
            "Too few to say",
            "First opens so far: 2.",
            "too few to say anything about weekdays",
        ],
        &["Half were opened sooner"],
    );
    let many: Vec<_> = (0..40)
        .map(|day| facts(Standing::Opened, day, &[2]))
        .collect();
    let mut model = model(&many);
    check(
        &model,
        &[
            "2 hours",
            "Half were opened sooner",
            "Emails: 40.",
            "No pattern",
        ],
        &["too few"],
    );
    model.report.as_mut().unwrap().spread = Spread::Uneven;
    check(
        &model,
        &["It doesn't say when the next email will be opened"],
        &["No pattern"],
    );
}

#[test]
fn the_grid_can_be_read_without_its_colours() {
    let html = shown(&model(&some()));
    assert_eq!(html.matches("class=\"step-").count(), 168);
    assert_eq!(html.matches("class=\"step-0\"></td>").count(), 165);
    assert!(
        html.contains(">1<span class=\"spoken\"> weekday:4 13:00</span>"),
        "{html}"
    );
}

#[test]
fn nobody_is_named_as_waiting_to_confirm_who_was_not_asked() {
    let all = [
        facts(Standing::Opened, 4, &[1]),
        facts(Standing::Unseen, 4, &[]),
    ];
    check(
        &model(&all),
        &["No open detected, 3 days or more"],
        &["not confirmed by the recipient"],
    );
    check(&model(&some()), &["not confirmed by the recipient"], &[]);
}

#[test]
fn the_list_says_what_it_has() {
    let mut model = model(&some());
    model.asked.period = Period::All;
    model.asked.list(Which::Within(1));
    model.select("message2");
    model.report.as_mut().unwrap().matching = 70;
    check(
        &model,
        &[
            "All tracked emails",
            "15 minutes to 1 hours: 70",
            "Selected: 1. Export saves only these.",
            "Clear filters",
            "Showing 12 of 70",
            "Show more",
            "aria-sort=\"descending\"",
            "Anna &lt;b&gt;",
        ],
        &["Anna <b>"],
    );
    let html = shown(&model);
    assert_eq!(html.matches(" checked").count(), 1);
    assert_eq!(html.matches("aria-sort").count(), 1);
}

#[test]
fn a_strip_shows_the_first_week() {
    let mut all = [facts(Standing::Opened, 9, &[0, 24, 7 * 24])];
    all[0].first_week[1].counts = false;
    let html = shown(&model(&all));
    assert!(
        html.contains("Probable opens in the first week: 2; other loads: 1"),
        "{html}"
    );
    for circle in [
        "\"open\" cx=\"6\"",
        "\"other\" cx=\"70\"",
        "\"open\" cx=\"176\"",
    ] {
        assert!(
            html.contains(&format!("<circle class={circle}")),
            "{circle} in {html}"
        );
    }
}

#[test]
fn no_text_is_missing_in_any_language() {
    for words in Locale::all() {
        let html = shown_in(&words, &model(&some()));
        for empty in [
            "<h2></h2>",
            "<th scope=\"col\"></th>",
            "<p class=\"quiet\"></p>",
            "aria-label=\"\"",
        ] {
            assert!(!html.contains(empty), "{empty} in {html}");
        }
    }
}
