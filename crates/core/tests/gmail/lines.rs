//! The line about tracking, which goes in with the image and comes out again with it.

use crate::fuzz::{ROUNDS, Random, mutate};
use crate::payload::{DRAFT, Place, SEND, SENT, message, operation, pixels, request, send};
use kaifu_core::gmail::{Pixel, Request, Wish, amend, carried};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::mail::insertion::{Insertion, Recipe};
use kaifu_core::mail::line::Line;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::{Pixels, own_prefix, tag};
use kaifu_core::mail::wordings::words;
use kaifu_core::seal::SealKey;
use kaifu_core::token::{TokenKind, last_day};
use serde_json::Value;

fn account(account: u8) -> Pixels {
    pixels(account).with_lines(SealKey([6; 32]), words("en", &[]))
}

fn insertion(mode: Mode, message: u8, typed: &str) -> Insertion {
    let pixels = account(1);
    let pixels = &pixels;
    let recipe = Recipe { pixels, mode };
    recipe
        .insertion(MessageId([message; 8]), SENT, typed)
        .unwrap()
}

fn page(of: u8, kind: TokenKind, message: u8) -> String {
    let url = account(of).page_url(kind, MessageId([message; 8]), last_day(SENT));
    url.unwrap()
}

/// What `wish` makes of a body; and what it says of each message.
fn wished(body: &str, wish: &Wish) -> (Option<String>, Vec<Pixel>) {
    let prefix = own_prefix("https://kaifu.example.org", AccountId([2; 8]));
    let pixels = account(1).and_of([prefix]);
    let amended = amend(body, &pixels, |_| (wish.clone(), ())).unwrap();
    let pixel = amended.messages.iter().map(|report| report.pixel);
    (amended.body, pixel.collect())
}

/// What stands in the email for message 9 in `mode`, written in English.
fn given(mode: Mode) -> String {
    let insertion = insertion(mode, 9, "Hello there");
    let line = insertion.line().map(Line::html);
    let image = insertion.image().map(tag);
    line.into_iter().chain(image).collect()
}

fn check(mode: Mode, before: &[(i64, &str)], pixel: Pixel, after: &[(i64, &str)]) {
    let body = send(before).to_string();
    let wish = Wish::Track(insertion(mode, 9, "Hello there"));
    let (changed, reports) = wished(&body, &wish);
    let sent = changed.as_deref().unwrap_or(&body);
    assert_eq!(sent, send(after).to_string(), "{mode:?}");
    assert_eq!(reports, [pixel], "{mode:?} {before:?}");
    assert_eq!(
        wished(sent, &wish),
        (None, vec![Pixel::Present]),
        "{mode:?}"
    );
}

#[test]
fn each_mode_puts_in_what_it_says() {
    for (mode, kind, has_image) in [
        (Mode::Notice, Some(TokenKind::ImagePage), true),
        (Mode::Image, None, true),
        (Mode::Receipt, Some(TokenKind::ReceiptPage), false),
        (Mode::Both, Some(TokenKind::ImagePage), true),
        (Mode::Consent, Some(TokenKind::ConsentPage), false),
    ] {
        let given = given(mode);
        assert_eq!(
            given.matches("/p/").count(),
            usize::from(has_image),
            "{given}"
        );
        let links = usize::from(kind.is_some());
        assert_eq!(given.matches("<a href=").count(), links, "{given}");
        let to_page = kind.map(|kind| page(1, kind, 9));
        assert!(to_page.is_none_or(|url| given.contains(&format!("<a href=\"{url}\">here</a>"))));
        for hides in ["id=", "class=", "data-", "style=", "hidden"] {
            assert!(!given.contains(hides), "{given}");
        }
    }
}

#[test]
fn the_line_is_in_the_language_of_the_email() {
    for (typed, link) in [
        ("<div dir=\"ltr\">Hello there</div>", ">here</a>"),
        (
            "<div dir=\"ltr\">お世話になっております。</div>",
            ">こちらのページ</a>",
        ),
        ("", ">here</a>"),
    ] {
        let line = insertion(Mode::Notice, 9, typed).line().unwrap().html();
        assert!(line.contains(link), "{typed}: {line}");
    }
    // Without words there is no line, and so nothing that would have to be said in one.
    let pixels = pixels(1);
    let of = |mode| Recipe {
        pixels: &pixels,
        mode,
    };
    let with = |mode| of(mode).insertion(MessageId([9; 8]), SENT, "Hello");
    assert_eq!(with(Mode::Notice), None);
    assert_eq!(with(Mode::Receipt), None);
    assert!(with(Mode::Image).is_some());
}

#[test]
fn every_editor_sends_the_line_once_before_signature_and_quote() {
    let typed = "<div dir=\"ltr\">Hello there</div>";
    let quote =
        r#"<br><div class="gmail_quote gmail_quote_container"><blockquote>a</blockquote></div>"#;
    let signature = r#"<div class="gmail_signature" data-smartmail="gmail_signature">Ann</div>"#;
    let prefix = r#"<span class="gmail_signature_prefix">-- </span><br>"#;
    for mode in Mode::ALL {
        let given = given(mode);
        for behind in [
            String::new(),
            quote.replacen("<br>", "", 1),
            signature.to_owned(),
            format!("{prefix}{signature}{quote}"),
        ] {
            let without = format!("{typed}{behind}");
            let with = format!("{typed}{given}{behind}");
            check(mode, &[(0, &without)], Pixel::Added, &[(0, &with)]);
            check(mode, &[(0, &with)], Pixel::Present, &[(0, &with)]);
            let folded: [(i64, &str); 2] = [(0, &without), (2, quote)];
            check(mode, &folded, Pixel::Added, &[(0, &with), (2, quote)]);
            // What stands behind what was typed is not where it is to be.
            let misplaced = format!("{without}{given}");
            if !behind.is_empty() && mode == Mode::Image {
                check(mode, &[(0, &misplaced)], Pixel::Added, &[(0, &with)]);
            }
        }
        check(mode, &[(0, "")], Pixel::Added, &[(0, &given)]);
    }
}

#[test]
fn what_an_editor_took_away_is_put_in_again_and_no_more() {
    let [line, both] = [Mode::Receipt, Mode::Both].map(given);
    let image = tag(insertion(Mode::Both, 9, "").image().unwrap());
    let words = both.replace(&image, "");
    check(
        Mode::Both,
        &[(0, &format!("a{words}"))],
        Pixel::Added,
        &[(0, &format!("a{words}{image}"))],
    );
    check(
        Mode::Both,
        &[(0, &format!("a{image}"))],
        Pixel::Added,
        &[(0, &format!("a{image}{words}"))],
    );
    // Whatever else an editor makes of the paragraph, the link is what counts; it gets no marks.
    for (before, after) in [
        ("<p>", "<div>"),
        ("<p>", "<p class=\"x\">"),
        ("<a href", "<b>x</b><a href"),
    ] {
        let other = line.replace(before, after);
        check(
            Mode::Receipt,
            &[(0, &other)],
            Pixel::Present,
            &[(0, &other)],
        );
    }
    for marked in [
        "<a target=\"_blank\" href",
        "<a class=x href",
        "<A id=y HREF",
    ] {
        let marked = line.replace("<a href", marked);
        check(
            Mode::Receipt,
            &[(0, &marked)],
            Pixel::Present,
            &[(0, &line)],
        );
    }
    // Twice is once too often; the last one stays.
    let twice = format!("{line}a{line}");
    check(
        Mode::Receipt,
        &[(0, &twice)],
        Pixel::Present,
        &[(0, &format!("a{line}"))],
    );
}

#[test]
fn no_reply_carries_an_older_line_on() {
    let image_page = page(1, TokenKind::ImagePage, 1);
    let stranger = page(3, TokenKind::ImagePage, 1);
    let addresses = [
        image_page.clone(),
        image_page.split('#').next().unwrap().to_owned(),
        page(1, TokenKind::ReceiptPage, 2),
        page(1, TokenKind::ConsentPage, 2),
        page(2, TokenKind::ImagePage, 1),
        page(1, TokenKind::ReceiptPage, 9),
    ];
    let quote = |link: &str| format!("<div class=\"gmail_quote\"><p>See {link}here</a>.</p></div>");
    for old in &addresses {
        for link in [
            format!("<a href=\"{old}\">"),
            format!(
                "<A target=_blank HREF='{old}' data-saferedirecturl=\"https://www.google.com/url?q={old}\">"
            ),
            format!("<a href=\" {}\">", old.replace("/r/", "&#x2f;r&sol;")),
        ] {
            let (quoted, cut) = (quote(&link), quote("<a>"));
            for mode in Mode::ALL {
                let given = given(mode);
                let unfolded = format!("Hello there{quoted}");
                let after = format!("Hello there{given}{cut}");
                check(mode, &[(0, &unfolded)], Pixel::Added, &[(0, &after)]);
                let typed = format!("Hello there{given}");
                check(
                    mode,
                    &[(0, "Hello there"), (2, &quoted)],
                    Pixel::Added,
                    &[(0, &typed), (2, &cut)],
                );
            }
            // One that is not tracked, too.
            let body = send(&[(0, "Hello"), (2, &quoted)]).to_string();
            let clean = send(&[(0, "Hello"), (2, &cut)]).to_string();
            assert_eq!(
                wished(&body, &Wish::Clean),
                (Some(clean), vec![Pixel::Unwanted])
            );
        }
    }
    for kept in [
        format!("<a href=\"{stranger}\">"),
        format!("<a href=\"https://other.example/?{image_page}\">"),
        "<a href=\"https://kaifu.example.org/r/\">".to_owned(),
        "<a href=\"https://kaifu.example.org/\">".to_owned(),
    ] {
        let quoted = quote(&kept);
        let body = send(&[(0, "Hello"), (2, &quoted)]).to_string();
        assert_eq!(wished(&body, &Wish::Clean).0, None);
    }
}

#[test]
fn a_draft_that_was_taken_back_is_as_it_was() {
    let draft = |html: &str| {
        let message = message("msg-a:r1", DRAFT, &[(0, html)]);
        request(&[operation(Place::Update, "thread-a:r1", &message)]).to_string()
    };
    let typed = "<p>Hello</p><p>there <a href=\"https://example.org/\">x</a></p>";
    let quote = "<div class=\"gmail_quote\">old</div>";
    for mode in Mode::ALL {
        let given = given(mode);
        let body = draft(&format!("{typed}{given}{quote}"));
        // Whichever wish the draft's email has, it is not sent yet.
        for wish in [Wish::Clean, Wish::Track(insertion(mode, 9, ""))] {
            let clean = draft(&format!("{typed}{quote}"));
            assert_eq!(wished(&body, &wish), (Some(clean), vec![Pixel::Unwanted]));
        }
        if mode.has_image() {
            continue;
        }
        // What somebody wrote into the line's paragraph is theirs: the link alone goes.
        let theirs = given.replace("</p>", " More.</p>");
        let tag = format!(
            "<a href=\"{}\">",
            insertion(mode, 9, "").line().unwrap().url
        );
        let kept = draft(&format!("{typed}{}", theirs.replace(&tag, "<a>")));
        let body = draft(&format!("{typed}{theirs}"));
        assert_eq!(
            wished(&body, &Wish::Clean),
            (Some(kept), vec![Pixel::Unwanted])
        );
    }
}

#[test]
fn a_plain_text_carries_a_receipt_and_nothing_else() {
    let url = page(1, TokenKind::ReceiptPage, 9);
    // Whatever the flag for HTML says.
    let text = format!("a<br>Please press here:<br>{url}<br>");
    check(Mode::Receipt, &[(0, &text)], Pixel::Present, &[(0, &text)]);
    let plain = |text: &str| {
        let mut mail = message("msg-a:r1", SEND, &[(0, text)]);
        mail[8][6] = Value::Null;
        request(&[operation(Place::Update, "thread-a:r1", &mail)]).to_string()
    };
    for (mode, text, expected) in [
        (
            Mode::Receipt,
            format!("Please press here:<br>{url}<br>"),
            Pixel::Present,
        ),
        (Mode::Receipt, "Hello".to_owned(), Pixel::Missing),
        (Mode::Receipt, format!("{url} {url}"), Pixel::Missing),
        (Mode::Both, page(1, TokenKind::ImagePage, 9), Pixel::Missing),
        (Mode::Image, "Hello".to_owned(), Pixel::Missing),
    ] {
        let wish = Wish::Track(insertion(mode, 9, "Hello"));
        assert_eq!(
            wished(&plain(&text), &wish),
            (None, vec![expected]),
            "{text}"
        );
    }
}

#[test]
fn the_request_says_which_messages_pages_it_carries() {
    let body = send(&[(0, &given(Mode::Receipt))]).to_string();
    let request = Request::parse(&body).unwrap();
    let carried = carried(&request.outgoing[0], &account(1));
    assert_eq!(carried, [MessageId([9; 8])]);
}

#[test]
fn the_line_stands_before_gmails_cut() {
    for length in [1_000, 89_000, 91_000, 156_000] {
        let typed = format!("<div dir=\"ltr\">{}</div>", "word ".repeat(length / 5));
        let body = send(&[(0, &typed)]).to_string();
        let (changed, _) = wished(&body, &Wish::Track(insertion(Mode::Both, 9, &typed)));
        let sent = changed.unwrap();
        let html = &Request::parse(&sent).unwrap().outgoing[0].parts[0].html;
        let given = given(Mode::Both);
        let place = html.find(&given).unwrap();
        assert!(place + given.len() < 102 * 1024, "{length}: at {place}");
        assert_eq!(html.replacen(&given, "", 1), typed, "{length}");
    }
}

/// Whatever an email says: what goes in comes out again, and every other byte is Gmail's.
#[test]
fn what_is_put_in_comes_out_again() {
    let quote =
        "<div class=\"gmail_quote\"><p>See <a href=\"https://a.example/\">here</a>.</p></div>";
    let seeds = [
        "<div dir=\"ltr\">Hello there</div>".to_owned(),
        format!("<p>é😀<!-- c --><img src='x.png'></p><br>{quote}"),
        format!(
            "<p>お世話になっております。</p><span class=gmail_signature_prefix>--</span>{quote}"
        ),
        "<p>I've asked to be notified <a href=x>here</a></p><textarea></p></textarea>".to_owned(),
        "a\\\"<style>p > a</style><a>b</a> &amp; &lt;p&gt;<p title='<p>'>".to_owned(),
    ];
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut added, mut missing) = (0, 0);
    for _ in 0..ROUNDS {
        let seed = &seeds[random.below(seeds.len())];
        let html = mutate(&mut random, seed);
        let quoted = mutate(&mut random, quote);
        let parts: &[(i64, &str)] = &[(0, &html), (2, &quoted)];
        let body = send(&parts[..=random.below(2)]).to_string();
        assert_eq!(wished(&body, &Wish::Clean).0, None, "{body}");
        let mode = Mode::ALL[random.below(Mode::ALL.len())];
        let wish = Wish::Track(insertion(mode, 9, &html));
        match wished(&body, &wish) {
            (Some(sent), pixel) => {
                added += 1;
                assert_eq!(pixel, [Pixel::Added]);
                assert_eq!(
                    wished(&sent, &wish),
                    (None, vec![Pixel::Present]),
                    "{body}\n{sent}"
                );
                let again = wished(&sent, &Wish::Clean).0;
                assert_eq!(again.as_deref(), Some(&*body), "{sent}");
            }
            (None, pixel) => {
                missing += 1;
                assert_eq!(pixel, [Pixel::Missing], "{body}");
            }
        }
    }
    assert!(
        added > ROUNDS / 2 && missing > ROUNDS / 200,
        "{added} {missing}"
    );
}
