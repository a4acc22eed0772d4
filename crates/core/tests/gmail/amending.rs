//! What is changed in requests.

use crate::payload::{
    DRAFT, Place, SCHEDULED, SEND, insertion, message, operation, own, pixels, proxied, relabel,
    request, send,
};
use kaifu_core::gmail::{Kind, Pixel, Request, Wish, amend};
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::tag;
use kaifu_core::time::Day;
use serde_json::{Value, json};

/// Tracks every message as the one at `own(9)`.
pub(crate) fn track(body: &str) -> (Option<String>, Vec<(Pixel, usize)>) {
    let amended = amend(body, &pixels(1), |_| (Wish::Track(insertion(9)), ())).unwrap();
    let reports = amended
        .messages
        .iter()
        .map(|report| (report.pixel, report.removed))
        .collect();
    (amended.body, reports)
}

fn check(before: &[(i64, &str)], pixel: Pixel, removed: usize, after: &[(i64, &str)]) {
    let body = send(before).to_string();
    let (changed, reports) = track(&body);
    assert_eq!(reports, [(pixel, removed)], "{before:?}");
    let expected = send(after).to_string();
    assert_eq!(changed.as_deref().unwrap_or(&body), expected);
    assert_eq!(changed.is_some(), before != after);
}

#[test]
fn three_editors_send_the_image_once() {
    let wanted = tag(&own(9));
    let typed = format!("<div dir=\"ltr\">hello</div>{wanted}");
    let quote = "<br><div class=\"gmail_quote\">old</div>";
    // One editor was read at the press and has the image; another ignored it.
    check(&[(0, &typed)], Pixel::Present, 0, &[(0, &typed)]);
    check(
        &[(0, "<div dir=\"ltr\">hello</div>")],
        Pixel::Added,
        0,
        &[(0, &typed)],
    );
    check(&[(0, "")], Pixel::Added, 0, &[(0, &wanted)]);
    check(
        &[(0, "<div dir=\"ltr\">hello</div>"), (2, quote)],
        Pixel::Added,
        0,
        &[(0, &typed), (2, quote)],
    );
    let twice = format!("{wanted}{typed}");
    check(&[(0, &twice)], Pixel::Present, 1, &[(0, &typed)]);
}

#[test]
fn the_image_stands_before_the_quote() {
    let wanted = tag(&own(9));
    let quote =
        r#"<div class="gmail_quote gmail_quote_container"><blockquote class="gmail_quote">"#;
    let plain = format!("a<br>{quote}b</blockquote></div>");
    let right = format!("a<br>{wanted}{quote}b</blockquote></div>");
    let wrong = format!("a<br>{quote}b</blockquote></div>{wanted}");
    check(&[(0, &plain)], Pixel::Added, 0, &[(0, &right)]);
    check(&[(0, &right)], Pixel::Present, 0, &[(0, &right)]);
    check(&[(0, &wrong)], Pixel::Added, 1, &[(0, &right)]);
}

#[test]
fn older_images_of_this_account_go_and_no_others() {
    let wanted = tag(&own(9));
    let foreign = pixels(2).url(MessageId([1; 8]), Day(2_615));
    for old in [
        format!("<img src=\"{}\">", own(1)),
        format!("<IMG alt='' SRC='{}' />", own(1)),
        format!("<img width=0 src={}>", own(1)),
        format!(
            "<img alt=\"\" style=\"width:0px\" src=\"{}\" class=\"CToWUd\">",
            proxied(&own(1))
        ),
        format!(
            "<img src=\" {}\n\">",
            own(1).replace(':', "&#58;").replace("/p/", "&#x2F;p&sol;")
        ),
        format!("<img src=\"{}\">", proxied(&own(9))),
    ] {
        check(
            &[(0, &format!("a{old}b"))],
            Pixel::Added,
            1,
            &[(0, &format!("ab{wanted}"))],
        );
        let quoted = format!("<div class=\"gmail_quote\"><div hspace=x>{old}<i>ᐧ</i></div></div>");
        let cleaned = "<div class=\"gmail_quote\"><div hspace=x><i>ᐧ</i></div></div>";
        check(
            &[(0, "a"), (2, &quoted)],
            Pixel::Added,
            1,
            &[(0, &format!("a{wanted}")), (2, cleaned)],
        );
        check(
            &[(0, &format!("a{quoted}{quoted}"))],
            Pixel::Added,
            2,
            &[(0, &format!("a{wanted}{cleaned}{cleaned}"))],
        );
    }
    for kept in [
        format!("<img src=\"{foreign}\">"),
        format!("<img src=\"{}\">", proxied(&foreign)),
        "<img src=\"cid:ii_1\" alt=\"\">".to_owned(),
        format!(
            "<img alt=\"{}\" src=\"https://other.example/a.png\">",
            own(1)
        ),
        format!("<img src=\"https://other.example/?u={}\">", own(1)),
        format!("<img src=\"https://other.example/a.png#{}\">", own(1)),
        format!("<a href=\"{0}\">{0}</a>", own(1)),
        format!("<!-- <img src=\"{}\"> -->", own(1)),
        format!("<style>/* <img src={}> */</style>", own(1)),
        format!("<p title='<img src=\"{}\">'>", own(1)),
        format!("&lt;img src=\"{}\"&gt;", own(1)),
    ] {
        let after = format!("{kept}{wanted}");
        check(
            &[(0, &kept), (2, &kept)],
            Pixel::Added,
            0,
            &[(0, &after), (2, &kept)],
        );
    }
}

#[test]
fn an_image_in_another_dress_is_written_anew() {
    let wanted = tag(&own(9));
    for dressed in [
        format!(
            "<img src=\"{}\" class=\"gmail-x\" width=\"1\" height=\"1\" alt=\"\">",
            own(9)
        ),
        format!("<img src=\"{}\" style=\"display:none\">", own(9)),
        format!(
            "<img alt=\"\" data-bit=\"iit\" id=\"x\" src=\"{}\">",
            own(9)
        ),
    ] {
        check(
            &[(0, &format!("a{dressed}b"))],
            Pixel::Present,
            0,
            &[(0, &format!("a{wanted}b"))],
        );
    }
}

#[test]
fn where_no_image_can_be_seen_none_is_claimed() {
    let old = format!("<img src=\"{}\">", own(1));
    for open in [
        "a<!-- b",
        "a<style>b",
        "a<a href=\"b",
        "a<textarea>",
        "a<br",
        "<plaintext>",
    ] {
        check(
            &[(0, open), (2, &old)],
            Pixel::Missing,
            1,
            &[(0, open), (2, "")],
        );
    }
    check(&[], Pixel::Missing, 0, &[]);
    check(&[(2, "quoted")], Pixel::Missing, 0, &[(2, "quoted")]);
    for flag in [Value::Null, json!(0), json!("1")] {
        let mut mail = message("msg-a:r1", SEND, &[(0, &old)]);
        mail[8][6] = flag;
        let body = request(&[operation(Place::Update, "thread-a:r1", &mail)]).to_string();
        assert_eq!(track(&body), (None, vec![(Pixel::Missing, 0)]));
    }
    for (html, pixel) in [(old, Pixel::Missing), (tag(&own(9)), Pixel::Present)] {
        let other = message("msg-a:r1", &["^all"], &[(0, &html), (2, &html)]);
        let body = request(&[operation(Place::Update, "thread-a:r1", &other)]).to_string();
        assert_eq!(track(&body), (None, vec![(pixel, 0)]));
    }
}

#[test]
fn an_image_that_is_there_is_called_present_whatever_the_flag_for_html_says() {
    let html = format!("a{}", tag(&own(9)));
    for flag in [Value::Null, json!(0), json!(2), json!(true), json!("1")] {
        let mut mail = message("msg-a:r1", SEND, &[(0, &html)]);
        mail[8][6] = flag;
        let body = request(&[operation(Place::Update, "thread-a:r1", &mail)]).to_string();
        assert_eq!(track(&body), (None, vec![(Pixel::Present, 0)]));
    }
}

#[test]
fn the_image_stands_before_gmails_cut() {
    let wanted = tag(&own(9));
    for length in [1_000, 89_000, 91_000, 103_000, 156_000] {
        let typed = format!("<div dir=\"ltr\">{}</div>", "word ".repeat(length / 5));
        for came_with_it in [false, true] {
            let end = if came_with_it { &wanted } else { "" };
            let body = send(&[(0, &format!("{typed}{end}"))]).to_string();
            let (changed, reports) = track(&body);
            let carries = Request::parse(changed.as_deref().unwrap_or(&body)).unwrap();
            let html = carries.outgoing[0].parts[0].html.clone();
            let place = html.find(&wanted).unwrap();
            assert!(place + wanted.len() < 102 * 1024, "{length}: at {place}");
            assert_eq!(html.replace(&wanted, ""), typed, "{length}");
            assert_eq!(html.matches(&wanted).count(), 1, "{length}");
            assert_ne!(reports[0].0, Pixel::Missing);
        }
    }
}

#[test]
fn a_former_accounts_image_goes_out_of_the_quote() {
    let former = pixels(2).url(MessageId([5; 8]), Day(2_615));
    let prefix = kaifu_core::mail::pixel::own_prefix(
        "https://kaifu.example.org",
        kaifu_core::id::AccountId([2; 8]),
    );
    let every = pixels(1).and_of([prefix]);
    let quote = format!("<div class=\"gmail_quote\">old{}</div>", tag(&former));
    let body = send(&[(0, "new"), (2, &quote)]).to_string();
    let amended = amend(&body, &every, |_| (Wish::Track(insertion(9)), ())).unwrap();
    assert_eq!(
        (amended.messages[0].pixel, amended.messages[0].removed),
        (Pixel::Added, 1)
    );
    let clean = send(&[
        (0, &format!("new{}", tag(&own(9)))),
        (2, "<div class=\"gmail_quote\">old</div>"),
    ]);
    assert_eq!(amended.body, Some(clean.to_string()));
}

#[test]
fn each_message_of_a_request_gets_its_own_wish() {
    let old = format!("a<img src=\"{}\">", own(1));
    let mail = |id: &str, labels: &[&str], html: &str| message(id, labels, &[(0, html)]);
    let body = |one: &str, two: &str, three: &str, four: &str, five: &str| {
        request(&[
            operation(Place::Update, "thread-a:r1", &mail("msg-a:r1", DRAFT, one)),
            relabel("thread-a:r2", "msg-a:r2"),
            operation(Place::Reply, "thread-a:r2", &mail("msg-a:r2", SEND, two)),
            operation(
                Place::New,
                "thread-a:r3",
                &mail("msg-a:r3", SCHEDULED, three),
            ),
            operation(Place::Update, "thread-a:r4", &mail("msg-a:r4", SEND, four)),
            operation(Place::Update, "thread-a:r5", &mail("msg-a:r5", DRAFT, five)),
        ])
        .to_string()
    };
    let before = body(&old, &old, &old, &old, &old);
    let amended = amend(&before, &pixels(1), |outgoing| {
        let wish = match outgoing.message.as_ref() {
            "msg-a:r1" | "msg-a:r2" => Wish::Track(insertion(2)),
            "msg-a:r3" => Wish::Track(insertion(3)),
            "msg-a:r4" => Wish::Clean,
            _ => Wish::Leave,
        };
        (wish, outgoing.message.clone())
    })
    .unwrap();
    let with = |message| format!("a{}", tag(&own(message)));
    assert_eq!(amended.body, Some(body("a", &with(2), &with(3), "a", &old)));
    for report in &amended.messages {
        assert_eq!(report.value, report.outgoing.message);
    }
    let reports: Vec<_> = amended
        .messages
        .iter()
        .map(|report| (report.outgoing.kind, report.pixel, report.removed))
        .collect();
    assert_eq!(
        reports,
        [
            (Kind::Draft, Pixel::Unwanted, 1),
            (Kind::Send, Pixel::Added, 1),
            (Kind::Scheduled, Pixel::Added, 1),
            (Kind::Send, Pixel::Unwanted, 1),
            (Kind::Draft, Pixel::Unwanted, 0),
        ]
    );
}

#[test]
fn other_spellings_of_the_request_stay() {
    let quote = format!("<p>\u{1f600}é</p><img src=\"{}\">", proxied(&own(1)));
    let body = serde_json::to_string_pretty(&send(&[(0, "<p>a/b</p>"), (2, &quote)]))
        .unwrap()
        .replace('<', "\\u003c")
        .replace("a/b", "a\\/b")
        .replace('\u{1f600}', "\\uD83D\\uDE00");
    let (changed, _) = track(&body);
    let image = tag(&own(9)).replace('"', "\\\"");
    let expected = body
        .replace("\\u003c/p>\"", &format!("\\u003c/p>{image}\""))
        .replace(&format!("\\u003cimg src=\\\"{}\\\">", proxied(&own(1))), "");
    assert_eq!(changed, Some(expected));
}
