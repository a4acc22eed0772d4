//! Broken and twisted bodies: whatever comes, nothing but our images changes.

use crate::captures::captures;
use crate::payload::{
    DRAFT, Place, SEND, answer, insertion, message, operation, own, pixels, proxied, relabel,
    request, send, with_line,
};
use kaifu_core::gmail::{Answer, Pixel, Request, Wish, amend};
use serde_json::Value;

/// Debug builds are some twenty times slower.
const ROUNDS: u32 = if cfg!(debug_assertions) {
    8_000
} else {
    200_000
};

/// Marsaglia's xorshift: the same bodies in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

fn seeds() -> Vec<String> {
    let html = format!(
        "<p>é😀<!-- c --><img src=\"{}\"><img src='x.png'>{}",
        own(1),
        with_line(2).html()
    );
    let quote = format!(
        "<div class=\"gmail_signature\">S</div><div class=\"gmail_quote\">\
         <img alt=\"\" src=\"{}\">{}</div>",
        proxied(&own(2)),
        with_line(9).html()
    );
    let send = message("msg-a:r1", SEND, &[(0, &html), (2, &quote)]);
    let draft = message("msg-a:r2", DRAFT, &[(0, &format!("{html}{quote}"))]);
    let body = request(&[
        operation(Place::Update, "thread-a:r1", &send),
        operation(Place::New, "thread-a:r2", &draft),
        relabel("thread-a:r1", "msg-a:r1"),
        operation(Place::Reply, "thread-f:3", &send),
    ]);
    let answered = answer(
        "thread-a:r1",
        "183234ce86ffa010",
        &[("msg-a:r1", "183234ce86ffa010", SEND)],
    );
    let mut seeds = vec![
        body.to_string(),
        serde_json::to_string_pretty(&body).unwrap(),
        body.to_string().replace('<', "\\u003c"),
        answered.to_string(),
    ];
    seeds.extend(
        captures()
            .into_iter()
            .map(|(_, body, _)| body)
            .filter(|body| body.len() < 6_000),
    );
    seeds
}

const SPLINTERS: [&str; 39] = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "null",
    "0",
    "-1e9",
    "\"",
    "\\\"",
    "\\u003c",
    "\\ud83d",
    "\\",
    "<",
    ">",
    "<img src=",
    "<!--",
    "-->",
    "<style>",
    "</style>",
    "<div class=gmail_quote>",
    "<div class=gmail_signature>",
    "<div>",
    "</div>",
    "<a href=",
    "</a>",
    "'",
    "&#58;",
    "\"^pfg\"",
    "\"^r\"",
    "\"^scheduled\"",
    "\"msg-a:r9\"",
    "[0,\"\"]",
    " ",
    "\n",
    "\u{0}",
    "é",
    "😀",
];

fn mutate(random: &mut Random, seed: &str) -> String {
    let mut bytes = seed.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            1 => {
                let end = (at + random.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let end = (at + random.below(200)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            3 => bytes.truncate(at),
            _ => {
                let splinter = SPLINTERS[random.below(SPLINTERS.len())];
                bytes.splice(at..at, splinter.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The body without the texts of its messages.
fn frame(body: &str) -> String {
    let request = Request::parse(body).unwrap();
    let mut spans: Vec<_> = request
        .outgoing
        .into_iter()
        .flat_map(|one| one.parts)
        .map(|part| part.span)
        .collect();
    spans.sort_by_key(|span| span.start);
    let mut frame = String::new();
    let mut at = 0;
    for span in spans {
        frame.push_str(&body[at..span.start]);
        frame.push('…');
        at = span.end;
    }
    frame + &body[at..]
}

/// Checks one body; says whether it was changed.
pub(crate) fn check(body: &str) -> bool {
    let _ = Answer::parse(body);
    // What is wanted without a line is wanted of many more bodies.
    check_wish(body, &Wish::Track(with_line(9)));
    check_wish(body, &Wish::Track(insertion(9)))
}

fn check_wish(body: &str, wish: &Wish) -> bool {
    let Some(amended) = amend(body, &pixels(1), |_| (wish.clone(), ())) else {
        assert_eq!(Request::parse(body), None);
        return false;
    };
    let Some(sent) = amended.body else {
        return false;
    };
    assert_eq!(frame(&sent), frame(body));
    if serde_json::from_str::<Value>(body).is_ok() {
        assert!(
            serde_json::from_str::<Value>(&sent).is_ok(),
            "{body}\n{sent}"
        );
    }
    let again = amend(&sent, &pixels(1), |_| (wish.clone(), ())).unwrap();
    assert_eq!(again.body, None, "{body}\n{sent}");
    // What was put in goes out again, and nothing else changes by it.
    let clean = |body: &str| {
        let amended = amend(body, &pixels(1), |_| (Wish::Clean, ()));
        amended.unwrap().body.unwrap_or_else(|| body.to_owned())
    };
    assert_eq!(clean(&sent), clean(body), "{body}\n{sent}");
    for (first, second) in amended.messages.iter().zip(&again.messages) {
        let settled = match first.pixel {
            Pixel::Added => Pixel::Present,
            other => other,
        };
        assert_eq!(second.pixel, settled, "{body}\n{sent}");
        assert_eq!(second.outgoing.message, first.outgoing.message);
    }
    true
}

#[test]
fn twisted_bodies_are_left_alone_or_put_right() {
    let seeds = seeds();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut changed = 0;
    for round in 0..ROUNDS {
        let seed = &seeds[random.below(seeds.len())];
        let body = if round == 0 {
            seed.clone()
        } else {
            mutate(&mut random, seed)
        };
        changed += u32::from(check(&body));
    }
    // Most bodies do not survive their wounds; enough must, or this would test nothing.
    assert!(
        changed > ROUNDS / 50,
        "only {changed} of {ROUNDS} bodies were changed"
    );
}

#[test]
fn nothing_is_put_where_an_unfinished_tag_or_comment_would_swallow_it() {
    for html in [
        "a<img src",
        "a<a href=",
        "a<p title='b",
        "a<!-- b",
        "a<style>b",
    ] {
        let body = send(&[(0, html)]).to_string();
        let wish = Wish::Track(insertion(9));
        let amended = amend(&body, &pixels(1), |_| (wish.clone(), ())).unwrap();
        assert_eq!(amended.body, None, "{html}");
        assert_eq!(amended.messages[0].pixel, Pixel::Missing, "{html}");
    }
}
