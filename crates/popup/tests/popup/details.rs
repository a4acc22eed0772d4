//! What is known of a message, below its row.

use crate::sample::{check, message, model, overview};
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
