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
        &["(Firefox) · Linux · country:FR (based on network)"],
        &["Mac", "country:US"],
    );
    // What is no country is not given to the browser, which would throw at it.
    event.open.source.country = Some("nowhere".to_owned());
    opened.opens = vec![event];
    check(
        &model(overview(vec![opened])),
        &["(Firefox) · Linux</strong>"],
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
                "Probable open",
                "<strong>Gmail</strong>",
                "3 hours after sending",
                "identifying itself as Gmail loaded the image. We couldn't verify its network",
                "The image loaded the way it does",
            ],
            vec!["(Gmail)", ">You<", "more within"],
        ),
        (
            GMAIL,
            4_000,
            vec![],
            vec![
                "data-claim=\"unknown\"",
                "right after sending",
                "on delivery: too soon to tell",
            ],
            vec!["Probably"],
        ),
        (
            GMAIL,
            hour,
            vec![hour - 1_000],
            vec![
                "data-own",
                ">You<",
                "You had the message open at that moment",
                "Only your own views so far",
            ],
            vec!["Probably", "Gmail loaded"],
        ),
        (
            FIREFOX,
            -1_000,
            vec![],
            vec!["data-own", ">You<", "before you sent the message"],
            vec!["Probably", "A browser loaded", "after sending"],
        ),
        (
            FIREFOX,
            4_000,
            vec![],
            vec![
                "Probable open",
                "Browser or email app (Firefox)",
                "A browser loaded the image",
            ],
            vec!["Not counted"],
        ),
        (
            APPLE,
            hour,
            vec![],
            vec![
                "Possibly automated",
                "Apple Mail preloads images",
                "we can't tell if it was by a person",
            ],
            vec!["Probably"],
        ),
        (
            "Barracuda Sentinel",
            hour,
            vec![],
            vec![
                "Not counted",
                "A security scanner checked the message",
                "loaded by software only",
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
        (Kind::Refuse, "The recipient declined"),
        (Kind::Agree, "I agree"),
        (Kind::Undo, "took an answer back"),
        (Kind::Other, "Update Kaifu to see this"),
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
            "A link was clicked",
            "Not counted",
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
    assert_eq!(shown(&model).matches("Probable open").count(), 1);
    model.toggle("AAAAAAAAAAA");
    check(
        &model,
        &["3 more within 28 seconds", "2 views"],
        &["0 more"],
    );
    assert_eq!(shown(&model).matches("Probable open").count(), 2);
    let last = format!(
        "<time class=\"at\" datetime=\"iso:{}\"",
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
        &["Update Kaifu to see the reason"],
        &["carrier_pigeon"],
    );
}
