//! What is read from requests and answers.

use crate::payload::{
    DRAFT, PLACES, Place, SCHEDULED, SEND, answer, message, operation, relabel, request,
};
use kaifu_core::gmail::id::{DraftId, GmailId as _, LegacyId};
use kaifu_core::gmail::{Answer, Fate, Kind, Part, Request, fate};
use serde_json::{Value, json};

#[test]
fn a_message_is_read_from_every_place_and_in_every_kind() {
    for place in PLACES {
        for (labels, kind) in [
            (DRAFT, Kind::Draft),
            (SEND, Kind::Send),
            (SCHEDULED, Kind::Scheduled),
            (&["^pfg", "^r"], Kind::Send),
            (&["^scheduled", "^pfg"], Kind::Send),
            (&["^r", "^scheduled"], Kind::Scheduled),
            (&["^r_bt"], Kind::Draft),
            (&["^all"], Kind::Other),
            (&[], Kind::Other),
        ] {
            let parts = [
                (0, "<p>typed</p>"),
                (2, "<br><div class=\"gmail_quote\">q</div>"),
            ];
            let mail = message("msg-a:r-5", labels, &parts);
            let body = request(&[operation(place, "thread-a:r3|msg-a:r4", &mail)]).to_string();
            let read = Request::parse(&body).unwrap();
            let [outgoing] = &read.outgoing[..] else {
                panic!("{place:?} {kind:?}")
            };
            assert_eq!(outgoing.kind, kind, "{place:?}");
            assert_eq!(
                (outgoing.thread.as_ref(), outgoing.message.as_ref()),
                ("thread-a:r3", "msg-a:r-5")
            );
            assert_eq!(outgoing.subject, "Größe & \"rest\"");
            assert_eq!(
                outgoing.from.as_ref().unwrap().address,
                "writer@example.com"
            );
            let addresses = |list: &[kaifu_core::gmail::Address<'_>]| -> Vec<String> {
                list.iter()
                    .map(|one| format!("{} {}", one.address, one.name))
                    .collect()
            };
            assert_eq!(
                addresses(&outgoing.to),
                ["first@example.org First \"1\"", "second@example.org "]
            );
            assert_eq!(addresses(&outgoing.cc), [""; 0]);
            assert_eq!(addresses(&outgoing.bcc), ["hidden@example.org "]);
            assert_eq!(outgoing.date, Some(1_700_000_000_000));
            assert!(outgoing.rich);
            for (part, (code, html)) in outgoing.parts.iter().zip(parts) {
                assert_eq!((part.code, &*part.html), (code, html));
                let raw = serde_json::to_string(html).unwrap();
                assert_eq!(body[part.span.clone()], raw[1..raw.len() - 1]);
            }
            assert_eq!(outgoing.parts.len(), 2);
        }
    }
}

#[test]
fn all_messages_of_a_request_are_read_in_order() {
    let draft = message("msg-a:r1", DRAFT, &[(Part::TYPED, "one")]);
    let first = message("msg-a:r2", SEND, &[(Part::TYPED, "two")]);
    let second = message("msg-f:3", SEND, &[(Part::TYPED, "three")]);
    let body = request(&[
        relabel("thread-a:r1", "msg-a:r1"),
        operation(Place::Update, "thread-a:r1", &draft),
        json!([9, null]),
        operation(Place::Reply, "thread-f:2", &first),
        json!([
            null,
            ["thread-a:r1", [null, [["msg-a:r1", 1]], [["", null, 1]]]]
        ]),
        operation(Place::New, "thread-a:r3", &second),
    ])
    .to_string();
    let read = Request::parse(&body).unwrap();
    let found: Vec<_> = read
        .outgoing
        .iter()
        .map(|one| (one.message.as_ref(), one.kind))
        .collect();
    assert_eq!(
        found,
        [
            ("msg-a:r1", Kind::Draft),
            ("msg-a:r2", Kind::Send),
            ("msg-f:3", Kind::Send)
        ]
    );
}

#[test]
fn what_does_not_fit_exactly_is_not_read() {
    let good = message("msg-a:r1", SEND, &[(0, "text")]);
    let whole =
        |mail: &Value| request(&[operation(Place::Update, "thread-a:r1", mail)]).to_string();
    assert!(Request::parse(&whole(&good)).is_some());
    for (place, wrong) in [
        (0, json!("msg-a")),
        (0, json!("msg-a:r 1")),
        (1, json!("writer@example.com")),
        (1, json!([1, 2])),
        (2, json!({"1": 1})),
        (2, json!([["first@example.org"]])),
        (3, json!([null])),
        (4, json!([[1, null, "name"]])),
        (7, json!(["subject"])),
        (8, json!("text")),
        (8, json!([null, "text"])),
        (8, json!([null, [["0", "text"]], null, null, null, null, 1])),
        (8, json!([null, [[0, null]], null, null, null, null, 1])),
        (
            8,
            json!([null, [[0, "text", 4]], null, null, null, null, 1]),
        ),
        (8, json!([null, [[0]], null, null, null, null, 1])),
        (8, json!([null, [null], null, null, null, null, 1])),
        (10, json!("^pfg")),
        (10, json!(["^all", 1])),
    ] {
        let mut mail = good.clone();
        mail[place] = wrong.clone();
        assert_eq!(Request::parse(&whole(&mail)), None, "{place} {wrong}");
    }
    let bad_thread = request(&[operation(Place::Update, "thread", &good)]).to_string();
    assert_eq!(Request::parse(&bad_thread), None);
    for body in [
        "",
        "null",
        "[]",
        "[null,[]]",
        "[null,[null]]",
        r#"{"2":{"1":[]}}"#,
        "act=sm&to=a",
        "[null,[[]]",
        "[null,[[]]]x",
    ] {
        assert_eq!(Request::parse(body), None, "{body}");
    }
    assert_eq!(Request::parse("[null,[[]]]").unwrap().outgoing, []);
}

fn draft(text: &str) -> DraftId {
    DraftId::parse(text).unwrap()
}

fn text(id: Option<&LegacyId>) -> Option<&str> {
    id.map(AsRef::as_ref)
}

#[test]
fn only_ones_own_message_tells_its_fate() {
    let body = answer(
        "thread-a:r1|msg-a:r9",
        "183234ce86ffa010",
        &[
            ("msg-a:r9", "183234e210caa042", &["^all", "^pfg"]),
            ("msg-a:r1", "183234eaadcf41e5", &["^all", "^r", "^r_bt"]),
            ("msg-a:r2", "NOT-HEX", &["^all", "^scheduled"]),
            ("msg-f:1746035685735370050", "", &["^all"]),
        ],
    )
    .to_string();
    let read = Answer::parse(&body).unwrap();
    for (id, expected) in [
        ("msg-a:r9", Fate::Sent),
        ("msg-a:r1", Fate::Draft),
        ("msg-a:r2", Fate::Scheduled),
        ("msg-f:1746035685735370050", Fate::Unknown),
        ("msg-a:r3", Fate::Unknown),
    ] {
        assert_eq!(fate(200, Some(&read), &draft(id)), expected, "{id}");
        assert_eq!(fate(503, Some(&read), &draft(id)), Fate::Failed, "{id}");
    }
    assert_eq!(fate(200, None, &draft("msg-a:r9")), Fate::Unknown);
    assert_eq!(fate(0, None, &draft("msg-a:r9")), Fate::Failed);
    let (thread, settled) = read.find(&draft("msg-a:r1")).unwrap();
    assert_eq!(
        (thread.thread.as_ref(), text(thread.legacy.as_ref())),
        ("thread-a:r1", Some("183234ce86ffa010"))
    );
    assert_eq!(text(settled.legacy.as_ref()), Some("183234eaadcf41e5"));
    assert_eq!(
        settled.rfc_id.as_deref(),
        Some("<183234eaadcf41e5@mail.example.com>")
    );
    assert_eq!(read.find(&draft("msg-a:r2")).unwrap().1.legacy, None);
    let received = read.find(&draft("msg-f:1746035685735370050")).unwrap().1;
    assert_eq!(text(received.legacy.as_ref()), Some("183b2a348d698d42"));
}

#[test]
fn strange_answers_are_read_as_far_as_they_go() {
    for (body, threads) in [
        ("[]", Some(0)),
        ("[null,null]", Some(0)),
        (
            "[[],[0,null,null,null,[],[null,[],[[]],[[\"thread-a:r1\"]],7]]]",
            Some(0),
        ),
        ("[[],[0,null,null,null,[],{}]]", Some(0)),
        (r#"{"2":{"6":[]}}"#, None),
        ("<html>Sign in</html>", None),
        ("", None),
    ] {
        assert_eq!(
            Answer::parse(body).map(|read| read.threads.len()),
            threads,
            "{body}"
        );
    }
}
