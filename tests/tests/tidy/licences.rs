//! What all that we build from is allowed to bring along: licences, sources and versions by the lists
//! of `deny.toml`. `cargo deny` checks the same, and takes five minutes to compile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::dependencies::metadata;
use crate::{assert_kept, repository};

/// The only place that crates come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The manifests of what ships and of what builds it.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "scripts/tools/wasm/Cargo.toml"];

/// Our crates that are never built for a browser.
const NATIVE: [&str; 3] = ["kaifu-networks", "kaifu-server", "kaifu-tests"];

/// The ids of the packages that ours are built from, without those of our crates that `left_out` names.
fn used<'a>(metadata: &'a Value, left_out: &[&str]) -> BTreeSet<&'a str> {
    let list = |value: &'a Value| value.as_array().expect("a list");
    let text = |value: &'a Value| value.as_str().expect("a text");
    let nodes: BTreeMap<_, _> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), list(&node["dependencies"])))
        .collect();
    let mut waiting: Vec<&str> = list(&metadata["packages"])
        .iter()
        .filter(|package| {
            package["source"].is_null() && !left_out.contains(&text(&package["name"]))
        })
        .map(|package| text(&package["id"]))
        .collect();
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            waiting.extend(nodes[id].iter().map(text));
        }
    }
    found
}

/// One line for each package in use that breaks a list.
fn broken(
    metadata: &Value,
    used: &BTreeSet<&str>,
    licences: &BTreeSet<String>,
    banned: &BTreeSet<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        if !used.contains(package["id"].as_str().expect("an id")) {
            continue;
        }
        let name = package["name"].as_str().expect("a name");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if package["source"].is_null()
                && dependency["path"].is_null()
                && dependency["req"] == "*"
            {
                found.push(format!(
                    "{name} takes any version of {}",
                    dependency["name"]
                ));
            }
        }
        if banned.contains(name) {
            found.push(format!("{name} is banned"));
        }
        if package["source"].is_null() {
            continue;
        }
        if package["source"] != REGISTRY {
            found.push(format!("{name} comes from {}", package["source"]));
        }
        match package["license"].as_str() {
            Some(licence) if is_allowed(licence, licences) => {}
            licence => found.push(format!("{name} has the licence {licence:?}")),
        }
    }
    found
}

/// Whether a licence expression can be met with the allowed licences alone.
fn is_allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    // A licence with an exception is one name; a slash is how `OR` was once written.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "~");
    let words: Vec<String> = spaced
        .split_whitespace()
        .map(|word| word.replace('~', " WITH "))
        .collect();
    matches!(alternatives(&words, licences), (true, []))
}

/// `a OR b`: whether one of them is allowed, and what follows.
fn alternatives<'a>(words: &'a [String], licences: &BTreeSet<String>) -> (bool, &'a [String]) {
    let (mut allowed, mut rest) = parts(words, licences);
    while let [word, more @ ..] = rest
        && word == "OR"
    {
        let (is_next, left) = parts(more, licences);
        (allowed, rest) = (allowed | is_next, left);
    }
    (allowed, rest)
}

/// `a AND b`: whether all are allowed, and what follows.
fn parts<'a>(words: &'a [String], licences: &BTreeSet<String>) -> (bool, &'a [String]) {
    let (mut allowed, mut rest) = part(words, licences);
    while let [word, more @ ..] = rest
        && word == "AND"
    {
        let (is_next, left) = part(more, licences);
        (allowed, rest) = (allowed & is_next, left);
    }
    (allowed, rest)
}

/// A name, or an expression in brackets.
fn part<'a>(words: &'a [String], licences: &BTreeSet<String>) -> (bool, &'a [String]) {
    match words {
        [open, rest @ ..] if open == "(" => match alternatives(rest, licences) {
            (allowed, [close, rest @ ..]) if close == ")" => (allowed, rest),
            (_, rest) => (false, rest),
        },
        [name, rest @ ..] => (licences.contains(name), rest),
        [] => (false, words),
    }
}

/// The texts of the list called `name` in `deny.toml`.
fn listed(file: &str, name: &str) -> BTreeSet<String> {
    let (_, rest) = file
        .split_once(&format!("\n{name} = ["))
        .unwrap_or_else(|| panic!("deny.toml has no list {name}"));
    let (list, _) = rest.split_once("\n]").expect("a list that ends");
    let texts = list.split('"').skip(1).step_by(2);
    texts.map(str::to_owned).collect()
}

#[test]
fn all_that_is_built_from_is_allowed() {
    let file = repository::read("deny.toml");
    let (licences, banned) = (listed(&file, "allow"), listed(&file, "deny"));
    assert!(licences.contains("MIT") && banned.contains("openssl-sys"));
    let targets = listed(&file, "targets");
    assert!(targets.len() > 2, "{targets:?}");
    for manifest in MANIFESTS {
        for target in &targets {
            let metadata = metadata(&[
                "--manifest-path",
                manifest,
                "--filter-platform",
                target,
                "--all-features",
            ]);
            let left_out: &[&str] = if target.starts_with("wasm32") {
                &NATIVE
            } else {
                &[]
            };
            let used = used(&metadata, left_out);
            assert_kept(&broken(&metadata, &used, &licences, &banned));
        }
    }
}

#[test]
fn what_ships_is_packed_by_the_tool_that_it_names() {
    let version = |manifest: &str, name: &str| {
        let metadata = metadata(&["--manifest-path", manifest]);
        let packages = metadata["packages"].as_array().expect("packages").clone();
        let package = packages.into_iter().find(|package| package["name"] == name);
        package.expect("the package")["version"].clone()
    };
    assert_eq!(
        version(MANIFESTS[0], "wasm-bindgen"),
        version(MANIFESTS[1], "wasm-bindgen-cli-support")
    );
}

#[test]
fn what_is_not_allowed_is_found() {
    let licences = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"];
    let licences = licences.map(str::to_owned).into();
    let banned = ["native-tls".to_owned()].into();
    let package = |name: &str, licence: &str| serde_json::json!({ "id": name, "name": name, "license": licence, "source": REGISTRY, "dependencies": [] });
    let ids = [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h",
        "i",
        "j",
        "native-tls",
    ];
    let mut nodes = ids
        .map(|id| serde_json::json!({ "id": id, "dependencies": [] }))
        .to_vec();
    nodes.push(serde_json::json!({ "id": "ours", "dependencies": ids }));
    nodes.push(serde_json::json!({ "id": "native", "dependencies": ["of another platform"] }));
    nodes.push(serde_json::json!({ "id": "of another platform", "dependencies": [] }));
    let metadata = serde_json::json!({ "resolve": { "nodes": nodes }, "packages": [
        package("of another platform", "GPL-3.0"),
        package("a", "MIT OR GPL-3.0"), package("b", "GPL-3.0"), package("c", "MIT AND GPL-3.0"), package("d", "(MIT OR GPL-3.0) AND Zlib"),
        package("e", "MIT/GPL-3.0"), package("f", "Apache-2.0 WITH LLVM-exception"), package("g", "Apache-2.0"), package("h", "(MIT"),
        package("native-tls", "MIT"),
        { "id": "i", "name": "i", "license": "MIT", "source": "git+https://example.org/i", "dependencies": [] },
        { "id": "j", "name": "j", "source": REGISTRY, "dependencies": [] },
        { "id": "native", "name": "kaifu-server", "source": null, "dependencies": [] },
        { "id": "ours", "name": "ours", "source": null, "dependencies": [{ "name": "k", "req": "*" }, { "name": "core", "req": "*", "path": "here" }] },
    ] });
    let expected = [
        r#"b has the licence Some("GPL-3.0")"#,
        r#"c has the licence Some("MIT AND GPL-3.0")"#,
        r#"g has the licence Some("Apache-2.0")"#,
        r#"h has the licence Some("(MIT")"#,
        "native-tls is banned",
        r#"i comes from "git+https://example.org/i""#,
        "j has the licence None",
        r#"ours takes any version of "k""#,
    ];
    let used = used(&metadata, &NATIVE);
    assert_eq!(broken(&metadata, &used, &licences, &banned), expected);
}
