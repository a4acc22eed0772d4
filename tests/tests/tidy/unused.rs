//! Each crate uses what it depends on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::assert_kept;
use crate::dependencies::{list, metadata, text};
use crate::modules::source::Module;
use crate::repository::{self, Source};

/// Dependencies that only the code names which macros write: asynchronous functions of JavaScript.
const NAMED_BY_MACROS: &[(&str, &str)] = &[("kaifu-chrome", "wasm-bindgen-futures")];

/// One line for each dependency that a crate names and does not use: in its program for an ordinary one,
/// anywhere for one of tests.
fn unused(metadata: &Value, sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for package in list(&metadata["packages"]) {
        let folder = folder_of(package);
        let (mut in_program, mut anywhere) = (BTreeSet::new(), BTreeSet::new());
        for source in sources {
            let Some(path) = source.path.strip_prefix(&format!("{folder}/")) else {
                continue;
            };
            if !source.has_extension(&["rs"]) {
                continue;
            }
            anywhere.extend(words(&source.text));
            for shared in shared_files(source) {
                let shared = sources.iter().find(|source| source.path == shared);
                anywhere.extend(shared.into_iter().flat_map(|source| words(&source.text)));
            }
            if path.starts_with("src/") || path == "build.rs" {
                let module = Module::parse(&source.text).expect("the compiler has read it");
                in_program.extend(module.names());
            }
        }
        for dependency in list(&package["dependencies"]) {
            let name = text(
                dependency
                    .get("rename")
                    .filter(|name| !name.is_null())
                    .unwrap_or(&dependency["name"]),
            );
            let used = if dependency["kind"] == "dev" {
                &anywhere
            } else {
                &in_program
            };
            let by_macros = NAMED_BY_MACROS.contains(&(text(&package["name"]), name));
            if !by_macros && !used.contains(&name.replace('-', "_")) {
                broken.push(format!("{} does not use {name}", text(&package["name"])));
            }
        }
    }
    broken
}

/// The folder of a package of ours, from the top.
fn folder_of(package: &Value) -> String {
    let top = repository::top();
    let manifest = std::path::Path::new(text(&package["manifest_path"]));
    let folder = manifest.parent().expect("a folder");
    let below = folder.strip_prefix(&top).unwrap_or(folder);
    below.to_str().expect("our own names").to_owned()
}

/// The files of other crates that a source takes in by `#[path = "…"]`.
fn shared_files(source: &Source) -> impl Iterator<Item = String> {
    let folder = source
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let paths = source.text.split("#[path = \"").skip(1);
    paths.filter_map(|rest| rest.split('"').next()).map(|path| {
        let mut parts: Vec<&str> = folder.split('/').collect();
        for part in path.split('/') {
            if part == ".." {
                parts.pop();
            } else {
                parts.push(part);
            }
        }
        parts.join("/")
    })
}

/// Every word of a source.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .map(str::to_owned)
}

#[test]
fn each_crate_uses_what_it_depends_on() {
    assert_kept(&unused(
        &metadata(&["--no-deps", "--offline"]),
        &repository::sources(),
    ));
}

#[test]
fn an_unused_dependency_is_found() {
    let manifest = repository::top().join("crates/some/Cargo.toml");
    let metadata = serde_json::json!({ "packages": [{ "name": "some", "manifest_path": manifest, "dependencies": [
        { "name": "serde" }, { "name": "js-sys" }, { "name": "idb" }, { "name": "insta", "kind": "dev" }, { "name": "tokio", "kind": "dev" },
        { "name": "sha2", "rename": "hashes" }, { "name": "maud" }, { "name": "shared", "kind": "dev" },
    ] }] });
    let sources = [
        Source::new(
            "crates/some/src/lib.rs",
            "use serde::Serialize; fn f() { hashes::of(1) } #[cfg(test)] mod tests { use idb::X; }",
        ),
        Source::new(
            "crates/some/src/other.rs",
            "#[derive(maud::Render)] struct S { x: js_sys::Array }",
        ),
        Source::new(
            "crates/some/tests/all.rs",
            "#[path = \"../../more/tests/words.rs\"] mod words; insta::assert!(1)",
        ),
        Source::new("crates/more/src/lib.rs", "use tokio::X;"),
        Source::new("crates/more/tests/words.rs", "fn f() { shared::x() }"),
    ];
    assert_eq!(
        unused(&metadata, &sources),
        ["some does not use idb", "some does not use tokio"]
    );
}
