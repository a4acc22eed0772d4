//! The order of the list and its headings.

use crate::locale::Locale;
use crate::sample::{NOW, message};
use kaifu_core::time::DAY;
use kaifu_popup::groups::{groups, row_time};
use kaifu_protocol::pages::{Later, Message};
use kaifu_protocol::state::State;

/// A message that was sent so many milliseconds ago.
fn sent(id: &str, ago: i64) -> Message {
    Message {
        sent_at: NOW.0 - ago,
        ..message(id, "Plan", State::Unseen)
    }
}

#[test]
fn what_is_new_stands_first_and_the_rest_under_its_days() {
    // NOW is a Monday: the days before it belong to the last week.
    assert_eq!((NOW.0.div_euclid(DAY) + 3).rem_euclid(7), 0);
    let messages = [
        sent("month", 40 * DAY),
        sent("news", 9 * DAY),
        sent("last week", 3 * DAY),
        sent("today", 60_000),
        sent("yesterday", DAY),
        sent("tomorrow", -DAY),
    ];
    let is_new = |message: &Message| message.message == "news";
    let words = Locale::english();
    let groups: Vec<(Option<String>, Vec<&str>)> = groups(&messages, is_new, NOW, &words)
        .into_iter()
        .map(|group| {
            let ids = group
                .messages
                .iter()
                .map(|message| message.message.as_str());
            (group.day, ids.collect())
        })
        .collect();
    let month = format!("month:{}", (NOW.0 - 40 * DAY).div_euclid(30 * DAY));
    assert_eq!(
        groups,
        [
            (None, vec!["news"]),
            (Some("0 day".to_owned()), vec!["tomorrow", "today"]),
            (Some("-1 day".to_owned()), vec!["yesterday"]),
            (Some("-1 week".to_owned()), vec!["last week"]),
            (Some(month), vec!["month"]),
        ]
    );
}

#[test]
fn a_row_has_the_clock_of_these_days_and_else_the_date() {
    let words = Locale::english();
    let at = |ago: i64| NOW.0 - ago;
    for (ago, later, expected) in [
        (60_000, None, format!("sent clock:{}", at(60_000))),
        (DAY, None, format!("sent clock:{}", at(DAY))),
        (3 * DAY, None, format!("sent date:{}", at(3 * DAY))),
        (
            -DAY,
            Some(Later::Timed),
            format!("1 day clock:{}", at(-DAY)),
        ),
        (
            -9 * DAY,
            Some(Later::Timed),
            format!("date:{}", at(-9 * DAY)),
        ),
        (
            60_000,
            Some(Later::Untimed),
            format!("clock:{}", at(60_000)),
        ),
    ] {
        let message = Message {
            later,
            ..sent("AAAAAAAAAAA", ago)
        };
        assert_eq!(row_time(&message, NOW, &words), expected);
    }
}
