//! What a message's row says before it is unfolded.

use crate::locale::Locale;
use crate::sample::{FIREFOX, NOW, check, judged, message, model, overview, recipient, seen};
use kaifu_l10n::Words as _;
use kaifu_popup::view::view;
use kaifu_protocol::api::{Claim, Kind};
use kaifu_protocol::pages::Readers;
use kaifu_protocol::state::State;

#[test]
fn each_state_has_its_hooks_words_and_explanation() {
    for locale in Locale::all() {
        for state in State::ALL {
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
            let reason = message("AAAAAAAAAAA", "Plan", state).reason;
            let reason = locale.text(&format!("reason_{reason}"));
            assert!(!reason.is_empty(), "{name}");
            // The reasons of other samples say no more than what the state means.
            let explanation = if state == State::Unseen {
                &reason
            } else {
                &title
            };
            for text in [&hooks, &words, &title, &sent, explanation] {
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
            "Waiting for Gmail to send it",
        ],
        &[],
    );
    check(
        &model(overview(vec![message("AAAAAAAAAAA", "x", State::Unseen)])),
        &["<strong>Sent</strong>"],
        &["more", "(no subject)", "Waiting for Gmail"],
    );
}

#[test]
fn readers_are_shown_as_an_estimate() {
    let readers = |estimate, beyond_recipients| {
        Some(Readers {
            estimate,
            beyond_recipients,
        })
    };
    let who = "we can't tell who opened it";
    for (recipients, readers, present, absent) in [
        (1, None, "Probably opened", "reader"),
        (1, readers(1, false), "Probably opened", "reader"),
        (1, readers(2, true), "about 2 readers", who),
        (3, readers(1, false), "about 1 reader<", "forwarded"),
        (3, readers(2, false), who, "forwarded"),
        (
            3,
            readers(4, true),
            "forwarded or opened on several devices",
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
fn the_state_carries_the_time_of_the_event_that_decided_it() {
    let time = |at| format!(r#"<time class="at" datetime="iso:{at}""#);
    let sent = NOW.0 - 3_600_000;
    let fetches = [
        (FIREFOX, -1_000),
        (FIREFOX, 60_000),
        ("curl/8.5.0", 120_000),
    ];
    let opened = judged(message("AAAAAAAAAAA", "Plan", State::Unseen), &fetches, &[]);
    check(
        &model(overview(vec![opened])),
        &[&time(sent + 60_000), "Probably opened"],
        &[],
    );
    let machine = judged(
        message("AAAAAAAAAAA", "Plan", State::Unseen),
        &[("curl/8.5.0", 120_000), (FIREFOX, -1_000)],
        &[],
    );
    check(
        &model(overview(vec![machine])),
        &[&time(sent + 120_000), "Automated"],
        &[],
    );
    // A scanner that comes later is not what the message may have been opened by.
    let unsure = judged(
        message("AAAAAAAAAAA", "Plan", State::Unseen),
        &[("Mozilla/5.0", 60_000), ("curl/8.5.0", 120_000)],
        &[],
    );
    check(
        &model(overview(vec![unsure])),
        &[&time(sent + 60_000), "Possibly automated"],
        &[],
    );
    let mut confirmed = message("AAAAAAAAAAA", "Plan", State::Confirmed);
    let mut read = seen(Kind::Read, FIREFOX, NOW.0 - 60_000);
    read.claim = Claim::Likely;
    confirmed.decided_by = Some(0);
    confirmed.opens = vec![read, seen(Kind::Pixel, FIREFOX, NOW.0)];
    check(
        &model(overview(vec![confirmed])),
        &[&time(NOW.0 - 60_000), "Confirmed"],
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
