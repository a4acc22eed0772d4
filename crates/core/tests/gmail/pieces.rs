//! What becomes of emails put together from pieces: only the old images go.

use crate::amending::track;
use crate::payload::{PLACES, SCHEDULED, SEND, message, operation, own, pixels, proxied, request};
use kaifu_core::gmail::Pixel;
use kaifu_core::id::MessageId;
use kaifu_core::mail::pixel::tag;
use kaifu_core::time::Day;
use proptest::prelude::*;
use serde_json::Value;

/// A piece of an email, and what it is to become.
#[derive(Clone, Debug)]
enum Piece {
    Other(String),
    Old(String),
    Wanted { html: String, plain: bool },
}

fn piece() -> impl Strategy<Value = Piece> {
    let foreign = pixels(2).url(MessageId([1; 8]), Day(2_615));
    let others = [
        "text & more".to_owned(),
        "<div dir=\"ltr\">".to_owned(),
        "</div>".to_owned(),
        "<br>\n".to_owned(),
        "é😀\\\"".to_owned(),
        "1 < 2 ".to_owned(),
        "<!-- <img src=x> -->".to_owned(),
        format!("<img src=\"{foreign}\" alt=\"\">"),
        format!("<IMG SRC='{}'>", proxied(&foreign)),
        "<img alt=\">\" src=\"cid:ii_x\">".to_owned(),
    ];
    let old = [
        format!("<img src=\"{}\">", own(1)),
        format!("<img src='{}' alt>", proxied(&own(2))),
        tag(&own(3)),
    ];
    let wanted = [
        (tag(&own(9)), true),
        (
            format!("<img alt='' height=1 width=1 src={}>", own(9)),
            true,
        ),
        (format!("<img src=\"{}\">", own(9)), false),
    ];
    prop_oneof![
        4 => proptest::sample::select(others.to_vec()).prop_map(Piece::Other),
        1 => proptest::sample::select(old.to_vec()).prop_map(Piece::Old),
        1 => proptest::sample::select(wanted.to_vec())
            .prop_map(|(html, plain)| Piece::Wanted { html, plain }),
    ]
}

fn html(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Other(html) | Piece::Old(html) | Piece::Wanted { html, .. } => html.as_str(),
        })
        .collect()
}

/// The pieces without any image of ours, but for the last wanted one if it is to stay.
fn cleaned(pieces: &[Piece], keep: bool) -> (String, bool) {
    let last = pieces
        .iter()
        .rposition(|piece| keep && matches!(piece, Piece::Wanted { .. }));
    let html = pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| match piece {
            Piece::Other(html) => html.clone(),
            Piece::Wanted { html, plain: true } if last == Some(index) => html.clone(),
            Piece::Wanted { plain: false, .. } if last == Some(index) => tag(&own(9)),
            Piece::Wanted { .. } | Piece::Old(_) => String::new(),
        })
        .collect();
    (html, last.is_some())
}

proptest! {
    #[test]
    fn any_mail_leaves_with_the_wanted_image_and_all_that_is_not_ours(
        typed in prop::collection::vec(piece(), 0..8),
        unfolded in prop::option::of(prop::collection::vec(piece(), 0..8)),
        folded in prop::option::of(prop::collection::vec(piece(), 0..8)),
        place in proptest::sample::select(PLACES.to_vec()),
        scheduled: bool,
        spelling in 0..3,
    ) {
        let quote = "<div class=\"gmail_quote\">";
        let (mut after, present) = cleaned(&typed, true);
        if !present {
            after.push_str(&tag(&own(9)));
        }
        let mut before = html(&typed);
        if let Some(unfolded) = &unfolded {
            before.push_str(quote);
            before.push_str(&html(unfolded));
            after.push_str(quote);
            after.push_str(&cleaned(unfolded, false).0);
        }
        let body = |typed: &str, folded: Option<String>| {
            let mut parts = vec![(0, typed)];
            parts.extend(folded.as_deref().map(|html| (2, html)));
            let labels = if scheduled { SCHEDULED } else { SEND };
            let mail = message("msg-a:r1", labels, &parts);
            request(&[operation(place, "thread-a:r1", &mail)])
        };
        let before = body(&before, folded.as_deref().map(html));
        let after = body(&after, folded.as_deref().map(|pieces| cleaned(pieces, false).0));
        let text = match spelling {
            0 => before.to_string(),
            1 => serde_json::to_string_pretty(&before).unwrap(),
            _ => before.to_string().replace('<', "\\u003c").replace('/', "\\/"),
        };
        let (changed, reports) = track(&text);
        prop_assert_eq!(reports[0].0, if present { Pixel::Present } else { Pixel::Added });
        prop_assert_eq!(changed.is_some(), before != after);
        let sent = changed.unwrap_or(text);
        prop_assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), after.clone());
        if spelling == 0 {
            prop_assert_eq!(&sent, &after.to_string());
        }
        prop_assert_eq!(track(&sent), (None, vec![(Pixel::Present, 0)]));
    }
}
