//! Core decides, and reaches out for nothing: neither itself nor through what it is built from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::assert_kept;
use crate::dependencies::{list, metadata, text};
use crate::modules::source::Module;
use crate::repository::{self, Source};

/// All that core is built from, through others, too: nothing here does input or output, knows the time,
/// or is large.
const BELOW_CORE: &[&str] = &[
    "block-buffer",
    "cfg-if",
    "cmov",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "ctutils",
    "digest",
    "hmac",
    "hybrid-array",
    "libc",
    "proc-macro2",
    "quote",
    "sha2",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typenum",
    "unicode-ident",
];

/// The parts of the standard library that core may use: none of them reaches out of the program. Of
/// `net` it is the addresses alone.
const STANDARD_FOR_CORE: &[&str] = &[
    "array",
    "borrow",
    "cell",
    "char",
    "cmp",
    "collections",
    "convert",
    "default",
    "error",
    "fmt",
    "hash",
    "iter",
    "mem",
    "net",
    "num",
    "ops",
    "option",
    "rc",
    "result",
    "slice",
    "str",
    "string",
    "vec",
];

/// What of `std::net` is no connection.
const ADDRESSES: &[&str] = &["IpAddr", "Ipv4Addr", "Ipv6Addr", "AddrParseError"];

/// One line for each use of the standard library in core that its list does not have.
fn reaching_out(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        if !source.path.starts_with("crates/core/src/") || !source.has_extension(&["rs"]) {
            continue;
        }
        let module = Module::parse(&source.text).expect("the compiler has read it");
        for path in module.paths() {
            let [first, part, rest @ ..] = path.as_slice() else {
                continue;
            };
            let is_standard = ["std", "core", "alloc"].contains(&first.as_str());
            let is_allowed = STANDARD_FOR_CORE.contains(&part.as_str())
                && (part != "net"
                    || rest
                        .first()
                        .is_some_and(|name| ADDRESSES.contains(&name.as_str())));
            if is_standard && !is_allowed {
                broken.push(format!(
                    "{}: core may not use {}",
                    source.path,
                    path.join("::")
                ));
            }
        }
    }
    broken
}

/// One line for each crate below core that is not on its list.
fn below_core(metadata: &Value) -> Vec<String> {
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .map(|node| (text(&node["id"]), node))
        .collect();
    let core = names
        .iter()
        .find(|(_, name)| **name == "kaifu-core")
        .map(|(id, _)| *id);
    let mut waiting: Vec<&str> = core.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        for dependency in list(&nodes[id]["deps"]) {
            let is_for_tests = list(&dependency["dep_kinds"]).all(|kind| kind["kind"] == "dev");
            let next = text(&dependency["pkg"]);
            if !is_for_tests && seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    let mut broken: Vec<_> = seen
        .into_iter()
        .map(|id| names[id])
        .filter(|name| !BELOW_CORE.contains(name))
        .map(|name| format!("{name} is not on the list of what core is built from"))
        .collect();
    broken.sort();
    broken
}

#[test]
fn core_reaches_out_for_nothing() {
    assert_kept(&reaching_out(&repository::sources()));
    assert_kept(&below_core(&metadata(&[])));
}

#[test]
fn each_way_out_of_core_is_found() {
    let sources = [
        Source::new(
            "crates/core/src/a.rs",
            "use std::{fmt, time::Instant}; fn f() { std::fs::read(\"x\") }",
        ),
        Source::new(
            "crates/core/src/b.rs",
            "use std::net::{Ipv4Addr, TcpStream}; #[cfg(test)] use std::env;",
        ),
        Source::new("crates/server/src/c.rs", "use std::time::Instant;"),
    ];
    let expected = [
        "crates/core/src/a.rs: core may not use std::time::Instant",
        "crates/core/src/a.rs: core may not use std::fs::read",
        "crates/core/src/b.rs: core may not use std::net::TcpStream",
    ];
    assert_eq!(reaching_out(&sources), expected);
}

#[test]
fn what_core_gets_through_others_is_found() {
    let metadata = serde_json::json!({
        "packages": [{ "id": "1", "name": "kaifu-core" }, { "id": "2", "name": "sha2" }, { "id": "3", "name": "chrono" }, { "id": "4", "name": "proptest" }],
        "resolve": { "nodes": [
            { "id": "1", "deps": [{ "pkg": "2", "dep_kinds": [{ "kind": null }] }, { "pkg": "4", "dep_kinds": [{ "kind": "dev" }] }] },
            { "id": "2", "deps": [{ "pkg": "3", "dep_kinds": [{ "kind": null }] }] },
            { "id": "3", "deps": [] },
        ] },
    });
    assert_eq!(
        below_core(&metadata),
        ["chrono is not on the list of what core is built from"]
    );
}
