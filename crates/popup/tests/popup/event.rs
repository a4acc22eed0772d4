//! What is said of each event.

use crate::sample::{FIREFOX, GMAIL, NOW, check, judged, message, model, overview, seen, shown};
use kaifu_protocol::api::Kind;
use kaifu_protocol::state::State;

const APPLE: &str = "Mozilla/5.0";

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
                "with the delivery: too early to tell",
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
        minute + 28_000,
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
        &["and 3 more within 28 seconds", "2 views"],
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
