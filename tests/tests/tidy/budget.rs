//! What the built extension may weigh.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{assert_kept, repository};

/// What is loaded together: a name, the files in `dist/chrome`, and the most kilobytes (of 1024
/// bytes) they may have after gzip.
const BUDGETS: [(&str, &[&str], usize); 5] = [
    (
        "a Gmail tab",
        &[
            "content/page.js",
            "content/kaifu_gmail.js",
            "content/boot.js",
            "content/toggle.css",
            "content/kaifu_gmail_bg.wasm",
        ],
        80,
    ),
    (
        "a Gmail tab without WebAssembly",
        &["content/kaifu_gmail_js.js"],
        115,
    ),
    (
        "the worker",
        &[
            "background.js",
            "wasm/kaifu_background.js",
            "wasm/kaifu_background_bg.wasm",
        ],
        177,
    ),
    (
        "the popup",
        &[
            "popup.js",
            "wasm/kaifu_popup.js",
            "wasm/kaifu_popup_bg.wasm",
        ],
        67,
    ),
    (
        "the options page",
        &[
            "options.js",
            "wasm/kaifu_options.js",
            "wasm/kaifu_options_bg.wasm",
        ],
        67,
    ),
];

/// The packed size of `bytes`, in bytes.
fn packed_size(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

fn over_budget(read: impl Fn(&str) -> Vec<u8>) -> Vec<String> {
    let weigh = |&(name, files, budget): &(&str, &[&str], usize)| {
        let size = files
            .iter()
            .map(|file| packed_size(&read(file)))
            .sum::<usize>()
            .div_ceil(1024);
        (size > budget).then(|| format!("{name}: {size} kB gzip, at most {budget} kB"))
    };
    BUDGETS.iter().filter_map(weigh).collect()
}

/// Without a build there is nothing to weigh; `./build.sh test` always makes one first.
#[test]
fn the_build_stays_within_its_budget() {
    let dist = repository::top().join("dist/chrome");
    if dist.is_dir() {
        let read = |file: &str| {
            fs::read(dist.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
        };
        assert_kept(&over_budget(read));
    }
}

#[test]
fn a_heavy_file_is_found() {
    // Bytes that gzip cannot pack.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    })
    .take(91 * 1024)
    .collect();
    let read = |file: &str| {
        if file == "content/kaifu_gmail_bg.wasm" {
            noise.clone()
        } else {
            Vec::new()
        }
    };
    let broken = over_budget(read);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].starts_with("a Gmail tab: 9"), "{broken:?}");
    assert_eq!(over_budget(|_| vec![0; 400_000]), Vec::<String>::new());
}
