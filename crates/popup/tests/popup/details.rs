//! What is known of a message, below its row.

use crate::sample::{NOW, check, message, model, overview, shown};
use kaifu_protocol::content::Signal;
use kaifu_protocol::pages::Later;
use kaifu_protocol::state::State;

#[test]
fn a_scheduled_mail_says_for_when_or_that_it_is_not_known() {
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    for (later, present, absent) in [
        (None, "<strong>Sent</strong>", "Scheduled"),
        (
            Some(Later::Timed),
            "<strong>Scheduled for</strong>",
            "send time unknown",
        ),
        (Some(Later::Untimed), "send time unknown", "Scheduled for"),
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
        (Signal::Wire, "Accepted by Gmail"),
        (Signal::Toast, "showed “Message sent”"),
        (Signal::List, "Found in Sent"),
    ] {
        sample.sent_by = Some(signal);
        check(
            &model(overview(vec![sample.clone()])),
            &[present],
            &["Waiting for Gmail"],
        );
    }
}

#[test]
fn a_mail_to_oneself_says_why_nothing_is_seen_and_how_to_try() {
    const HINT: &str = "Sent only to your own addresses.";
    for (to_self, state, is_told) in [
        (true, State::Unseen, true),
        (false, State::Unseen, false),
        // It was opened elsewhere, so that there is nothing to explain.
        (true, State::Opened, false),
    ] {
        let mut sample = message("AAAAAAAAAAA", "Plan", state);
        sample.to_self = to_self;
        let (present, absent): (&[_], &[_]) = if is_told {
            (&[HINT, "on your phone"], &[])
        } else {
            (&[], &[HINT])
        };
        check(&model(overview(vec![sample])), present, absent);
    }
}

#[test]
fn a_time_says_how_many_days_of_the_calendar_ago_it_was() {
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    for (hours, present, absent) in [
        (23, "-23 hour", "day"),
        (25, "-1 day", "hour"),
        // The day before yesterday, late in the evening.
        (39, "-2 day", "-1 day"),
        (29 * 24, "-29 day", "month"),
        // The date says more.
        (31 * 24, "exact:", "month"),
        (400 * 24, "exact:", "year"),
    ] {
        sample.sent_at = NOW.0 - 3_600_000 * hours;
        let html = shown(&model(overview(vec![sample.clone()])));
        let (_, sent) = html.split_once("<strong>Sent</strong>").unwrap();
        let (title, _) = sent.split_once("</time>").unwrap();
        assert!(title.contains(present), "{hours}: {title}");
        assert!(!title.contains(absent), "{hours}: {title}");
    }
}

#[test]
fn a_mail_says_when_its_server_was_away() {
    const HINT: &str = "reach your Kaifu server from";
    let mut sample = message("AAAAAAAAAAA", "Plan", State::Unseen);
    check(&model(overview(vec![sample.clone()])), &[], &[HINT]);
    let minute = |ago: i64| NOW.0 - 60_000 * ago;
    sample.away = [50, 49, 40, 39, 30, 29, 20, 15].map(minute).to_vec();
    let html = shown(&model(overview(vec![sample])));
    let told: Vec<&str> = html.split("class=\"away\"").skip(1).collect();
    assert_eq!(told.len(), 3, "the last ones: {html}");
    let last = format!("from clock:{} to clock:{}.", minute(20), minute(15));
    assert!(told[0].contains(&last), "{last} in {}", told[0]);
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
