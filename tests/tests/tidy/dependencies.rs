//! What each crate may import, of ours and of others: a list of what may be, so that whatever is new
//! has to be put on it.

use std::process::Command;

use serde_json::Value;

use crate::{assert_kept, repository};

/// What a crate may import: its name, ours, and others'.
type Room = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const ROOMS: [Room; 14] = [
    ("kaifu-core", &[], &["hmac", "sha2", "thiserror"]),
    ("kaifu-protocol", &["kaifu-core"], &["serde", "thiserror"]),
    (
        "kaifu-chrome",
        &["kaifu-core", "kaifu-protocol"],
        &[
            "js-sys",
            "serde",
            "serde-wasm-bindgen",
            "thiserror",
            "wasm-bindgen",
            "wasm-bindgen-futures",
        ],
    ),
    (
        "kaifu-l10n",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
        &["js-sys", "wasm-bindgen"],
    ),
    (
        "kaifu-ui",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
        &[
            "gloo-events",
            "gloo-timers",
            "js-sys",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-gmail",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
        &[
            "gloo-events",
            "gloo-timers",
            "js-sys",
            "rlsf",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-panel",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
        &["js-sys", "rlsf", "wasm-bindgen", "web-sys"],
    ),
    (
        "kaifu-background",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome", "kaifu-l10n"],
        &[
            "futures-channel",
            "futures-util",
            "gloo-net",
            "gloo-timers",
            "idb",
            "js-sys",
            "rlsf",
            "serde",
            "serde-wasm-bindgen",
            "thiserror",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-popup",
        PAGE,
        &[
            "gloo-timers",
            "maud",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-options",
        PAGE,
        &[
            "gloo-events",
            "gloo-timers",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-report",
        PAGE,
        &[
            "js-sys",
            "maud",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "web-sys",
        ],
    ),
    (
        "kaifu-networks",
        &["kaifu-core"],
        &["serde_json", "thiserror"],
    ),
    (
        "kaifu-server",
        &["kaifu-core", "kaifu-protocol", "kaifu-networks"],
        &[
            "axum",
            "base64",
            "clap",
            "form_urlencoded",
            "httpdate",
            "getrandom",
            "hyper",
            "hyper-rustls",
            "hyper-util",
            "instant-acme",
            "ipnet",
            "maud",
            "rcgen",
            "rusqlite",
            "rustix",
            "rustls",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "time",
            "tokio",
            "tokio-postgres",
            "tokio-postgres-rustls",
            "tokio-rustls",
            "tower-http",
            "tracing",
            "tracing-subscriber",
            "x509-cert",
        ],
    ),
    ("kaifu-tests", &[], &[]),
];

/// What a page of the extension may import of ours.
const PAGE: &[&str] = &[
    "kaifu-core",
    "kaifu-protocol",
    "kaifu-chrome",
    "kaifu-l10n",
    "kaifu-ui",
];

/// What tests may import, beside what their crate may.
const FOR_TESTS: &[&str] = &[
    "flate2",
    "gloo-timers",
    "insta",
    "proc-macro2",
    "proptest",
    "serde_json",
    "tempfile",
    "tokio",
    "wasm-bindgen-test",
    "web-sys",
];

/// One line for each dependency that is not on its crate's list.
fn forbidden(metadata: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for package in list(&metadata["packages"]) {
        let from = text(&package["name"]);
        let Some((_, ours, others)) = ROOMS.iter().find(|room| room.0 == from) else {
            broken.push(format!("{from} is not on the list of crates"));
            continue;
        };
        for dependency in list(&package["dependencies"]) {
            let to = text(&dependency["name"]);
            let is_for_tests = dependency["kind"] == "dev" && FOR_TESTS.contains(&to);
            if !ours.contains(&to) && !others.contains(&to) && !is_for_tests {
                broken.push(format!("{from} may not import {to}"));
            }
        }
    }
    broken
}

/// A JSON list's items.
pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

/// A JSON text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// What cargo says of a workspace; `more` are further arguments.
pub(crate) fn metadata(more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(more)
        .current_dir(repository::top())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn crates_import_only_what_their_room_allows() {
    assert_kept(&forbidden(&metadata(&["--no-deps", "--offline"])));
}

#[test]
fn a_forbidden_import_is_found() {
    let metadata = serde_json::json!({ "packages": [
        { "name": "kaifu-core", "dependencies": [{ "name": "getrandom" }, { "name": "kaifu-protocol" }, { "name": "sha2" }, { "name": "serde" }] },
        { "name": "kaifu-gmail", "dependencies": [{ "name": "kaifu-popup" }, { "name": "web-sys" }, { "name": "tokio" }] },
        { "name": "kaifu-protocol", "dependencies": [{ "name": "wasm-bindgen-futures" }, { "name": "kaifu-core" }, { "name": "insta", "kind": "dev" }, { "name": "proptest" }] },
        { "name": "kaifu-server", "dependencies": [{ "name": "tokio" }, { "name": "kaifu-chrome" }] },
        { "name": "unknown", "dependencies": [{ "name": "kaifu-core" }] },
    ] });
    let expected = [
        "kaifu-core may not import getrandom",
        "kaifu-core may not import kaifu-protocol",
        "kaifu-core may not import serde",
        "kaifu-gmail may not import kaifu-popup",
        "kaifu-gmail may not import tokio",
        "kaifu-protocol may not import wasm-bindgen-futures",
        "kaifu-protocol may not import proptest",
        "kaifu-server may not import kaifu-chrome",
        "unknown is not on the list of crates",
    ];
    assert_eq!(forbidden(&metadata), expected);
}
