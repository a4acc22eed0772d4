//! How long Gmail's requests are held up: `name value unit` a line.

use kaifu_core::backend::BackendUrl;
use kaifu_core::gmail::{Wish, amend};
use kaifu_core::id::{AccountId, MessageId, ServerKey};
use kaifu_core::mail::insertion::Insertion;
use kaifu_core::mail::mode::Mode;
use kaifu_core::mail::pixel::Pixels;
use kaifu_core::time::Day;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// A request that sends one reply whose folded quote makes it about `bytes` long.
fn body(bytes: usize, old: &str) -> String {
    let row = r#"<div dir=\"ltr\" style=\"margin:0px\">Grüße, <a href=\"https://example.org/?a=1&amp;b=2\">more</a></div><img src=\"cid:ii_1\" alt=\"\">"#;
    let quote = format!(
        r#"<br><div class=\"gmail_quote\">{}<img src=\"{old}\"></div>"#,
        row.repeat(bytes / row.len())
    );
    format!(
        r#"[[null,null,2],[[[7,["thread-a:r1",[null,[["msg-a:r1",[1,"writer@example.com"],[[1,"first@example.org"]],null,null,null,1,"Re: hello",[null,[[0,"<div dir=\"ltr\">typed</div>"],[2,"{quote}"]],null,null,null,null,1],null,["^all","^pfg"]]]]]]]],null,[1,1,1,1,1],2]"#
    )
}

/// The fastest of `rounds` runs, as other load on the machine is no property of ours.
fn fastest(rounds: usize, mut run: impl FnMut()) -> Duration {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let account = AccountId([1; 8]);
    let backend: BackendUrl = "https://kaifu.example.org".parse().expect("an address");
    let pixels = Pixels::new(&backend, account, ServerKey([3; 32]).account_key(account));
    let mut out = std::io::stdout();
    for (name, bytes) in [("sync_amend_10_kb", 10 << 10), ("sync_amend_1_mb", 1 << 20)] {
        let body = body(bytes, &pixels.url(MessageId([1; 8]), Day(2_615)));
        let wanted = Insertion::new(
            &pixels,
            None,
            MessageId([2; 8]),
            Day(2_000),
            Mode::Image,
            None,
        );
        let wish = || (Wish::Track(wanted.clone()), ());
        let changed = amend(&body, &pixels, |_| wish()).expect("a request");
        assert_eq!(
            changed.messages[0].removed, 1,
            "the benchmark measures a real change"
        );
        let time = fastest(101, || {
            black_box(amend(black_box(&body), &pixels, |_| wish()));
        });
        let _ = writeln!(out, "{name} {:.3} ms", time.as_secs_f64() * 1_000.0);
    }
}
