//! What becomes of the lines in requests.

use crate::payload::{
    DRAFT, Place, SEND, message, operation, own, pixels, request, send, with_line,
};
use kaifu_core::gmail::{Pixel, Wish, amend};
use kaifu_core::id::MessageId;
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::tag;
use kaifu_core::time::Day;

const QUOTE: &str = "<div class=\"gmail_quote\">";

/// What `wish` makes of an email of these parts, and whether it then carries what is wanted.
fn amended(parts: &[(i64, &str)], wish: &Wish) -> (Vec<(i64, String)>, Pixel) {
    let body = send(parts).to_string();
    let amended = amend(&body, &pixels(1), |_| (wish.clone(), ())).unwrap();
    let pixel = amended.messages[0].pixel;
    let sent = amended.body.unwrap_or(body);
    let outgoing = kaifu_core::gmail::Request::parse(&sent).unwrap().outgoing;
    let parts = outgoing[0].parts.iter();
    (
        parts
            .map(|part| (part.code, part.html.to_string()))
            .collect(),
        pixel,
    )
}

fn check(before: &[(i64, &str)], insertion: &Insertion, pixel: Pixel, after: &[(i64, &str)]) {
    let (parts, found) = amended(before, &Wish::Track(insertion.clone()));
    let parts: Vec<_> = parts
        .iter()
        .map(|(code, html)| (*code, html.as_str()))
        .collect();
    assert_eq!((&parts[..], found), (after, pixel), "{before:?}");
}

fn receipt() -> Insertion {
    let message = MessageId([9; 8]);
    Insertion::new(
        &pixels(1),
        None,
        message,
        Day(2_000),
        Mode::Receipt,
        Some("Press [here]."),
    )
}

#[test]
fn line_and_image_stand_together_before_signature_and_quote() {
    let both = with_line(9);
    let html = both.html();
    let signature = "<span class=\"gmail_signature_prefix\">-- </span><br>\
                     <div dir=\"ltr\" class=\"gmail_signature\">Ann</div>";
    for rest in [
        String::new(),
        signature.to_owned(),
        format!("{signature}{QUOTE}old</div>"),
        format!("{QUOTE}old {signature}</div>"),
    ] {
        let typed = format!("<div>hello</div>{rest}");
        let right = format!("<div>hello</div>{html}{rest}");
        check(&[(0, &typed)], &both, Pixel::Added, &[(0, &right)]);
        check(&[(0, &right)], &both, Pixel::Present, &[(0, &right)]);
    }
}

#[test]
fn what_is_missing_is_added_and_what_is_there_stays() {
    let both = with_line(9);
    let image = tag(both.image.as_ref().unwrap());
    let line = both.html().replace(&image, "");
    for (typed, after) in [
        (format!("a{line}"), format!("a{line}{image}")),
        (format!("a{image}"), format!("a{image}{line}")),
        (format!("{line}a{image}"), format!("{line}a{image}")),
    ] {
        let pixel = if typed == after {
            Pixel::Present
        } else {
            Pixel::Added
        };
        check(&[(0, &typed)], &both, pixel, &[(0, &after)]);
    }
    // A receipt has no image, and takes an older one out.
    let receipt = receipt();
    let typed = format!("a{}{}", tag(&own(9)), tag(&own(1)));
    let right = format!("a{}", receipt.html());
    check(&[(0, &typed)], &receipt, Pixel::Added, &[(0, &right)]);
    assert!(!receipt.html().contains("/p/"));
}

#[test]
fn an_older_line_goes_where_it_was_typed_and_loses_its_link_in_a_quote() {
    let (both, older) = (with_line(9), with_line(2));
    let old_line = older
        .html()
        .replace(&tag(older.image.as_ref().unwrap()), "");
    let link = &older.line.as_ref().unwrap().link;
    let dead = old_line.replace(&format!("<a href=\"{link}\">"), "<a>");
    let quoted = format!("{QUOTE}{old_line}</div>");
    let quoted_dead = format!("{QUOTE}{dead}</div>");
    check(
        &[(0, &format!("a{old_line}b{quoted}")), (2, &quoted)],
        &both,
        Pixel::Added,
        &[
            (0, &format!("ab{}{quoted_dead}", both.html())),
            (2, &quoted_dead),
        ],
    );
    // Gmail writes where its own page would lead to, too.
    let redirected = format!(
        "{QUOTE}<a href=\"{link}\" target=\"_blank\" \
         data-saferedirecturl=\"https://www.google.com/url?q={link}\">here</a></div>"
    );
    let (parts, _) = amended(&[(0, "a"), (2, &redirected)], &Wish::Clean);
    assert_eq!(parts[1].1, format!("{QUOTE}<a>here</a></div>"));
    // A link of ours among the user's own words is no line: only the link goes.
    for kept in [
        format!("<div>see <b>this</b> <a href=\"{link}\">page</a></div>"),
        format!("see <a href=\"{link}\">page</a>"),
        format!("<div><a href=\"{link}\">page</a> <a href=\"x\">y</a></div>"),
    ] {
        let (parts, _) = amended(&[(0, &kept)], &Wish::Clean);
        assert_eq!(parts[0].1, kept.replace(&format!(" href=\"{link}\""), ""));
    }
    // Somebody else's line is theirs.
    let foreign = old_line.replace(link, "https://kaifu.example.org/r/AwEBAQ#x");
    let (parts, _) = amended(&[(0, &foreign)], &Wish::Clean);
    assert_eq!(parts[0].1, foreign);
}

#[test]
fn a_signature_that_begins_in_an_older_line_does_not_hide_the_new_one() {
    let (both, link) = (with_line(9), with_line(2).line.unwrap().link);
    let typed = format!("a<div>b <a href=\"{link}\" class=gmail_signature>c</a></div>d");
    let right = format!("a{}d", both.html());
    check(&[(0, &typed)], &both, Pixel::Added, &[(0, &right)]);
}

#[test]
fn a_draft_that_is_saved_has_no_line() {
    let html = format!("a{}", with_line(9).html());
    let mail = message("msg-a:r1", DRAFT, &[(0, &html)]);
    let body = request(&[operation(Place::Update, "thread-a:r1", &mail)]).to_string();
    let amended = amend(&body, &pixels(1), |_| (Wish::Track(with_line(9)), ())).unwrap();
    let clean = message("msg-a:r1", DRAFT, &[(0, "a")]);
    let clean = request(&[operation(Place::Update, "thread-a:r1", &clean)]).to_string();
    assert_eq!(amended.body, Some(clean));
}

#[test]
fn what_would_be_swallowed_is_called_missing() {
    for open in [
        "a<!-- b",
        "a<style>b",
        "a<a href=\"b",
        "a<br",
        "<plaintext>",
    ] {
        check(&[(0, open)], &receipt(), Pixel::Missing, &[(0, open)]);
    }
    let mut mail = message("msg-a:r1", SEND, &[(0, "plain")]);
    mail[8][6] = serde_json::json!(0);
    let body = request(&[operation(Place::Update, "thread-a:r1", &mail)]).to_string();
    let amended = amend(&body, &pixels(1), |_| (Wish::Track(receipt()), ())).unwrap();
    assert_eq!(
        (amended.body, amended.messages[0].pixel),
        (None, Pixel::Missing)
    );
}
