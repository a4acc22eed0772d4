//! Real requests and answers, where a collection of them lies beside the repository
//! (`../shared/gmail-snapshots`, or the directory that `KAIFU_SNAPSHOTS` names).

use crate::payload::{insertion, own, pixels};
use kaifu_core::gmail::{Answer, Kind, Outgoing, Part, Pixel, Request, Wish, amend};
use kaifu_core::mail::pixel::tag;
use serde_json::Value;
use std::path::PathBuf;
use std::{env, fs};

fn directory() -> Option<PathBuf> {
    let beside = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/gmail-snapshots"
    );
    let path = env::var_os("KAIFU_SNAPSHOTS").map_or_else(|| beside.into(), PathBuf::from);
    path.is_dir().then_some(path)
}

/// The sync captures: name, body, and what `expected.json` says of them.
pub(crate) fn captures() -> Vec<(String, String, Value)> {
    let Some(directory) = directory() else {
        return Vec::new();
    };
    let expected = fs::read_to_string(directory.join("expected.json")).unwrap();
    let expected: serde_json::Map<String, Value> = serde_json::from_str(&expected).unwrap();
    let found: Vec<_> = expected
        .into_iter()
        .filter(|(name, _)| name.starts_with("sync-"))
        .map(|(name, expected)| {
            let body = fs::read_to_string(directory.join(&name)).unwrap();
            (name, body, expected)
        })
        .collect();
    assert!(
        !found.is_empty(),
        "no sync captures in {}",
        directory.display()
    );
    found
}

fn of_kind(field: &str) -> Vec<(String, String, Value)> {
    captures()
        .into_iter()
        .filter(|(_, _, expected)| expected.get(field).is_some())
        .collect()
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Draft => "draft",
        Kind::Send => "send",
        Kind::Scheduled => "scheduled",
        Kind::Other => "other",
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

fn check_outgoing(file: &str, outgoing: &Outgoing<'_>, expected: &Value) {
    let addresses = |list: &[kaifu_core::gmail::Address<'_>]| -> Vec<String> {
        list.iter()
            .map(|person| person.address.clone().into_owned())
            .collect()
    };
    assert_eq!(
        outgoing.thread.as_ref(),
        expected["thread"].as_str().unwrap(),
        "{file}"
    );
    assert_eq!(
        outgoing.message.as_ref(),
        expected["message"].as_str().unwrap(),
        "{file}"
    );
    assert_eq!(
        outgoing.subject,
        expected["subject"].as_str().unwrap(),
        "{file}"
    );
    assert_eq!(name(outgoing.kind), expected["kind"], "{file}");
    assert_eq!(addresses(&outgoing.to), texts(&expected["to"]), "{file}");
    assert_eq!(addresses(&outgoing.cc), texts(&expected["cc"]), "{file}");
    assert_eq!(addresses(&outgoing.bcc), texts(&expected["bcc"]), "{file}");
    assert_eq!(
        addresses(outgoing.from.as_slice()),
        [expected["from_"].as_str().unwrap()],
        "{file}"
    );
    assert_eq!(outgoing.parts[0].code, Part::TYPED, "{file}");
    assert_eq!(
        outgoing.parts[0].html,
        expected["body_html"].as_str().unwrap(),
        "{file}"
    );
    assert!(outgoing.rich, "{file}");
}

#[test]
fn requests_say_what_is_known_of_them() {
    for (file, body, expected) in of_kind("request_ops") {
        let request = Request::parse(&body).unwrap_or_else(|| panic!("{file} is not read"));
        let operations = expected["request_ops"].as_array().unwrap();
        assert_eq!(request.outgoing.len(), operations.len(), "{file}");
        for (outgoing, expected) in request.outgoing.iter().zip(operations) {
            check_outgoing(&file, outgoing, expected);
        }
    }
}

#[test]
fn answers_say_what_is_known_of_them() {
    for (file, body, expected) in of_kind("response_threads") {
        let answer = Answer::parse(&body).unwrap_or_else(|| panic!("{file} is not read"));
        let threads = expected["response_threads"].as_array().unwrap();
        assert_eq!(answer.threads.len(), threads.len(), "{file}");
        for (thread, expected) in answer.threads.iter().zip(threads) {
            assert_eq!(
                thread.thread.as_ref(),
                expected["thread"].as_str().unwrap(),
                "{file}"
            );
            assert_eq!(
                thread.legacy.as_ref().map(AsRef::as_ref),
                expected["thread_legacy"].as_str(),
                "{file}"
            );
            let messages = expected["messages"].as_array().unwrap();
            assert_eq!(thread.messages.len(), messages.len(), "{file}");
            for (settled, expected) in thread.messages.iter().zip(messages) {
                assert_eq!(
                    settled.message.as_ref(),
                    expected["message"].as_str().unwrap(),
                    "{file}"
                );
                assert_eq!(
                    settled.legacy.as_ref().map(AsRef::as_ref),
                    expected["message_legacy"].as_str(),
                    "{file}"
                );
                assert_eq!(
                    settled.rfc_id.as_deref(),
                    expected["rfc_message_id"].as_str(),
                    "{file}"
                );
                assert_eq!(name(settled.kind), expected["kind"], "{file}");
            }
        }
    }
}

#[test]
fn older_forms_are_not_read() {
    for (file, body, _) in of_kind("shape") {
        assert_eq!(Request::parse(&body), None, "{file}");
        assert_eq!(Answer::parse(&body), None, "{file}");
        assert_eq!(
            amend(&body, &pixels(1), |_| (Wish::Clean, ())),
            None,
            "{file}"
        );
    }
}

#[test]
fn real_mails_get_the_image_and_keep_the_rest() {
    let url = own(9);
    for (file, body, expected) in of_kind("request_ops") {
        let clean = amend(&body, &pixels(1), |_| (Wish::Clean, ())).unwrap();
        assert_eq!(clean.body, None, "{file}");
        let tracked = amend(&body, &pixels(1), |_| (Wish::Track(insertion(9)), ())).unwrap();
        let sends = texts(&expected["sends"]).len();
        let added = tracked
            .messages
            .iter()
            .filter(|report| report.pixel == Pixel::Added)
            .count();
        assert_eq!(added, sends, "{file}");
        let sent = tracked.body.unwrap_or_else(|| body.clone());
        let image = tag(&url).replace('"', "\\\"");
        assert_eq!(sent.matches(&image).count(), sends, "{file}");
        assert_eq!(sent.replace(&image, ""), body, "{file}");
        let read = Request::parse(&sent).unwrap();
        for outgoing in read
            .outgoing
            .iter()
            .filter(|outgoing| outgoing.kind == Kind::Send)
        {
            assert!(outgoing.parts[0].html.ends_with(&tag(&url)), "{file}");
        }
    }
}

/// The start and the end of every tag that holds `needle`.
fn tags(body: &str, needle: &str) -> Vec<(usize, usize)> {
    body.match_indices(needle)
        .map(|(at, _)| {
            let start = body[..at].rfind("<img").unwrap();
            (start, at + body[at..].find('>').unwrap() + 1)
        })
        .collect()
}

#[test]
fn images_once_sent_by_this_account_are_dropped_from_real_quotes() {
    for (file, body, expected) in of_kind("quoted_part") {
        // The old images of the capture's own sender become this account's, one after the other.
        let count = expected["quoted_part"]["foreign_pixels_in_quote"]
            .as_u64()
            .unwrap();
        let mut ours = body.clone();
        let mut rest = body.clone();
        for left in (0..count).rev() {
            let (_, end) = tags(&ours, "s0-d-e1-ft#https://mailfoogae")[0];
            let original = ours[..end].rfind('#').unwrap() + 1;
            let quote = original + ours[original..].find("\\\"").unwrap();
            ours.replace_range(original..quote, &own(1));
            let (start, end) = tags(&rest, "s0-d-e1-ft#https://mailfoogae")[0];
            rest.replace_range(start..end, "");

            let amended = amend(&ours, &pixels(1), |_| (Wish::Clean, ())).unwrap();
            let removed: usize = amended.messages.iter().map(|report| report.removed).sum();
            assert_eq!(removed as u64, count - left, "{file}");
            assert_eq!(amended.body.as_ref(), Some(&rest), "{file}");
        }
    }
}
