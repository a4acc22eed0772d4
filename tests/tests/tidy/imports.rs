//! Who may import whom.

use std::process::Command;

use serde_json::Value;

use crate::{assert_kept, repository};

/// Each crate of ours, and which others of ours it may import.
const ROOMS: [(&str, &[&str]); 13] = [
    ("kaifu-core", &[]),
    ("kaifu-protocol", &["kaifu-core"]),
    ("kaifu-chrome", &["kaifu-core", "kaifu-protocol"]),
    (
        "kaifu-l10n",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
    ),
    (
        "kaifu-ui",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome"],
    ),
    (
        "kaifu-gmail",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome", "kaifu-l10n"],
    ),
    (
        "kaifu-background",
        &["kaifu-core", "kaifu-protocol", "kaifu-chrome", "kaifu-l10n"],
    ),
    ("kaifu-popup", &PAGE),
    ("kaifu-options", &PAGE),
    ("kaifu-networks", &["kaifu-core"]),
    (
        "kaifu-server",
        &["kaifu-core", "kaifu-protocol", "kaifu-networks"],
    ),
    (
        "kaifu-tests",
        &["kaifu-core", "kaifu-protocol", "kaifu-server"],
    ),
    ("kaifu-fuzz", &["kaifu-core", "kaifu-protocol"]),
];

/// What a page of the extension may import.
const PAGE: [&str; 5] = [
    "kaifu-core",
    "kaifu-protocol",
    "kaifu-chrome",
    "kaifu-l10n",
    "kaifu-ui",
];

/// Crates of others that only some of ours may import. A name that ends in `*` stands for every
/// name that begins so.
const RESTRICTED: [(&[&str], &[&str]); 3] = [
    (
        &[
            "web-sys",
            "js-sys",
            "wasm-bindgen*",
            "serde-wasm-bindgen",
            "gloo-*",
            "idb",
        ],
        &[
            "kaifu-chrome",
            "kaifu-gmail",
            "kaifu-background",
            "kaifu-popup",
            "kaifu-options",
            "kaifu-l10n",
            "kaifu-ui",
        ],
    ),
    (
        &[
            "tokio*", "axum*", "hyper*", "tower*", "rusqlite", "sqlx*", "reqwest",
        ],
        &["kaifu-server", "kaifu-tests"],
    ),
    (
        &["getrandom", "rand"],
        &[
            "kaifu-chrome",
            "kaifu-gmail",
            "kaifu-background",
            "kaifu-popup",
            "kaifu-server",
            "kaifu-tests",
        ],
    ),
];

struct Edge {
    from: String,
    to: String,
}

fn edges(metadata: &Value) -> Vec<Edge> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
            found.push(Edge {
                from: name(package),
                to: name(dependency),
            });
        }
    }
    found
}

fn is_named(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

fn forbidden(edges: &[Edge]) -> Vec<String> {
    let is_forbidden = |Edge { from, to }: &&Edge| {
        if ROOMS.iter().any(|(room, _)| room == to) {
            let allowed = ROOMS
                .iter()
                .find(|(room, _)| room == from)
                .map_or(&[][..], |room| room.1);
            return !allowed.contains(&to.as_str());
        }
        RESTRICTED.iter().any(|(names, rooms)| {
            names.iter().any(|name| is_named(name, to)) && !rooms.contains(&from.as_str())
        })
    };
    edges
        .iter()
        .filter(is_forbidden)
        .map(|edge| format!("{} may not import {}", edge.from, edge.to))
        .collect()
}

#[test]
fn crates_import_only_what_their_room_allows() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(repository::top())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let edges = edges(&serde_json::from_slice(&output.stdout).unwrap());
    assert!(
        edges
            .iter()
            .any(|edge| edge.from == "kaifu-protocol" && edge.to == "kaifu-core")
    );
    assert_kept(&forbidden(&edges));
}

#[test]
fn a_forbidden_import_is_found() {
    let metadata = serde_json::json!({ "packages": [
        { "name": "kaifu-core", "dependencies": [{ "name": "getrandom" }, { "name": "kaifu-protocol" }, { "name": "sha2" }] },
        { "name": "kaifu-gmail", "dependencies": [{ "name": "kaifu-popup" }, { "name": "web-sys" }, { "name": "tokio" }] },
        { "name": "kaifu-protocol", "dependencies": [{ "name": "wasm-bindgen-futures" }, { "name": "kaifu-core" }] },
        { "name": "kaifu-server", "dependencies": [{ "name": "tokio" }, { "name": "kaifu-chrome" }] },
        { "name": "unknown", "dependencies": [{ "name": "kaifu-core" }] },
    ] });
    let expected = [
        "kaifu-core may not import getrandom",
        "kaifu-core may not import kaifu-protocol",
        "kaifu-gmail may not import kaifu-popup",
        "kaifu-gmail may not import tokio",
        "kaifu-protocol may not import wasm-bindgen-futures",
        "kaifu-server may not import kaifu-chrome",
        "unknown may not import kaifu-core",
    ];
    assert_eq!(forbidden(&edges(&metadata)), expected);
}
