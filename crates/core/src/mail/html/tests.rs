use super::*;
use proptest::prelude::*;

#[test]
fn images_are_found_as_a_browser_finds_them() {
    for (html, expected) in [
        (r#"a<img src="x">b"#, &["x"][..]),
        ("<IMG\n SRC='x'/>", &["x"]),
        ("<img/src=x/>", &["x/"]),
        ("<img src = x><img src=y>", &["x", "y"]),
        (r#"<img alt=">" src="x">"#, &["x"]),
        (r#"<img src="x" src="y">"#, &["x"]),
        (r#"<img data-src="x">"#, &[]),
        (
            r#"<img src=" https&colon;&#47;&#x2f;a.example/?b&amp;c&nope; ">"#,
            &["https://a.example/?b&c&nope;"],
        ),
        (r#"<imgx src="x"><a href="<img src=y>">"#, &[]),
        (r#"</img src="x">"#, &[]),
        (r#"<!-- <img src="x"> --><img src="y">"#, &["y"]),
        (r#"<!--><img src="x">"#, &["x"]),
        (r#"<!---><img src="x">"#, &["x"]),
        (r#"<!-- <img src="x"> --!><img src="y">"#, &["y"]),
        (r#"<!-- a > b <img src="x">"#, &[]),
        (r#"<!doctype html><img src="x">"#, &["x"]),
        (r#"<![CDATA[<img src="x">]]><img src="y">"#, &["y"]),
        (r#"<?xml <img src="x"><img src="y">"#, &["y"]),
        (r#"<style>a > b <img src="x"></style><img src="y">"#, &["y"]),
        (
            r#"<STYLE><img src="x"></styles></style ><img src="y">"#,
            &["y"],
        ),
        (
            r#"<textarea><img src="x"></textarea><title><img src="y"></title>"#,
            &[],
        ),
        (
            r#"<script>"<img src='x'>"</script><plaintext><img src="y">"#,
            &[],
        ),
        (r#"1 < 2 <img src="x"> 3 <"#, &["x"]),
        (r#"<img src="x"#, &[]),
        (r#"<img src="x" "#, &[]),
        ("<img src=>", &[""]),
        ("<img>", &[]),
        ("", &[]),
    ] {
        let found: Vec<_> = read(html)
            .images
            .into_iter()
            .map(|image| image.src)
            .collect();
        assert_eq!(found, expected, "{html}");
    }
}

#[test]
fn our_own_writing_is_known() {
    for (html, expected) in [
        (r#"<img src="x" width="1" height="1" alt="">"#, true),
        ("<IMG alt src=x height=1 width=1>", true),
        (r#"<img src="x" width="1" height="1">"#, false),
        (r#"<img src="x" src="x" width="1" height="1">"#, false),
        (r#"<img src="x" width="2" height="1" alt="">"#, false),
        (r#"<img src="x" width="1" height="1" alt="a">"#, false),
        (
            r#"<img src="x" width="1" height="1" alt="" class="CToWUd">"#,
            false,
        ),
        (
            r#"<img src="x" width="1" height="1" alt="" style="display:none">"#,
            false,
        ),
    ] {
        assert_eq!(read(html).images[0].plain, expected, "{html}");
    }
}

#[test]
fn the_quote_begins_where_its_element_does() {
    for (html, expected) in [
        (r#"a<br><div class="gmail_quote">"#, Some(5)),
        (
            r#"a<div class="x gmail_quote gmail_quote_container">"#,
            Some(1),
        ),
        ("<blockquote class=gmail_quote>", Some(0)),
        (r#"<div class="gmail_quote_container">"#, Some(0)),
        (r#"<div class="gmail_quotes">"#, None),
        (r#"<!-- <div class="gmail_quote"> -->"#, None),
        (r#"<p title='<div class="gmail_quote">'>"#, None),
        ("gmail_quote", None),
    ] {
        assert_eq!(read(html).quote, expected, "{html}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_image_is_a_tag(html in "(<img src=|<!--|-->|<style|</|>|\"|'|&#|&amp;|gmail_quote|class=|[ a-z/=é<])*") {
        let markup = read(&html);
        let mut at = 0;
        for image in &markup.images {
            prop_assert!(image.range.start >= at);
            let tag = &html[image.range.clone()];
            prop_assert!(tag.starts_with("<img") && tag.ends_with('>'), "{}", tag);
            at = image.range.end;
        }
    }
}
