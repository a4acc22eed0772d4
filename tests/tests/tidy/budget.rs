//! What the built extension is made of, and what it may weigh.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::{assert_kept, repository};

const DIST: &str = "dist/chrome";

/// What is loaded together, and the most kilobytes (of 1024 bytes) that it may have after gzip. Scripts
/// and modules count, and in a Gmail tab its style sheet; a page goes by its file's name, and so does a
/// script that a Gmail tab loads later: all of it once more where the page forbids WebAssembly, and the
/// panel of an email's choices, once one is opened.
const BUDGETS: [(&str, usize); 12] = [
    ("a Gmail tab", 88),
    ("content/kaifu_gmail_js.js", 130),
    ("content/kaifu_panel.js", 15),
    ("content/kaifu_panel_js.js", 22),
    ("the worker", 235),
    ("popup.html", 75),
    ("options.html", 70),
    ("check.html", 70),
    ("first.html", 70),
    ("own.html", 70),
    ("report.html", 80),
    ("the pages' style sheets", 10),
];

/// The crates that run in Gmail's page, each of which is there as JavaScript, too.
const IN_GMAIL: [&str; 2] = ["gmail", "panel"];

/// The files that the build adds to those of `extension/`, for a crate that is a program of it.
fn made_of(name: &str) -> Vec<String> {
    let is_in_gmail = IN_GMAIL.contains(&name);
    let folder = if is_in_gmail { "content" } else { "wasm" };
    let mut files = vec![
        format!("{folder}/kaifu_{name}.js"),
        format!("{folder}/kaifu_{name}_bg.wasm"),
    ];
    if is_in_gmail {
        files.push(format!("content/kaifu_{name}_js.js"));
    }
    files
}

type Files = BTreeMap<String, Vec<u8>>;

/// The built extension's files by their names.
///
/// Panics without a build: a law that has nothing to look at must not pass.
fn built() -> Files {
    let dist = repository::top().join(DIST);
    assert!(
        dist.join("manifest.json").is_file(),
        "no extension in {DIST}: build it with ./build.sh"
    );
    let mut names = Vec::new();
    repository::list_all(DIST, &mut names);
    let read = |name: String| {
        let bytes = fs::read(repository::top().join(&name)).unwrap();
        (name[DIST.len() + 1..].to_owned(), bytes)
    };
    names.into_iter().map(read).collect()
}

/// One line for each file that is there and should not be, or the other way round.
fn misfits(names: &BTreeSet<String>, known: &[String], programs: &[String]) -> Vec<String> {
    let mut expected: BTreeSet<String> = known
        .iter()
        .filter_map(|path| path.strip_prefix("extension/"))
        .map(str::to_owned)
        .collect();
    expected.insert("manifest.json".to_owned());
    expected.extend(programs.iter().flat_map(|program| made_of(program)));
    let more = names
        .difference(&expected)
        .map(|name| format!("{name} does not belong to the extension"));
    let missing = expected
        .difference(names)
        .map(|name| format!("{name} is missing"));
    more.chain(missing).collect()
}

/// The crates that become programs of the extension.
fn programs() -> Vec<String> {
    let sources = repository::sources();
    let programs = sources.iter().filter_map(|source| {
        let name = source
            .path
            .strip_prefix("crates/")?
            .strip_suffix("/Cargo.toml")?;
        source.text.contains("\"cdylib\"").then(|| name.to_owned())
    });
    programs.collect()
}

/// The scripts, modules and style sheets that a file names between quotes, from its folder or from the top.
fn named(files: &Files, file: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&files[file]);
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    text.split(['"', '\'', '`'])
        .filter(|name| is_kind(name, &["js", "wasm", "css"]))
        .filter_map(|name| {
            let name = name.trim_start_matches("./");
            let beside = format!("{folder}/{name}");
            [beside.trim_start_matches('/'), name]
                .into_iter()
                .find(|place| files.contains_key(*place))
                .map(str::to_owned)
        })
        .collect()
}

/// Whether a file's name ends in one of these.
fn is_kind(file: &str, endings: &[&str]) -> bool {
    file.rsplit_once('.')
        .is_some_and(|(_, ending)| endings.contains(&ending))
}

/// These files and all that they lead to, without `left_out`.
fn loaded_with(files: &Files, start: &[String], left_out: &[String]) -> BTreeSet<String> {
    let mut waiting = start.to_vec();
    let mut found = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        let leads_on = is_kind(&file, &["js", "html"]);
        if !left_out.contains(&file) && found.insert(file.clone()) && leads_on {
            waiting.extend(named(files, &file));
        }
    }
    found
}

/// What is loaded together, by name, as the manifest and the pages say.
fn loads(files: &Files) -> BTreeMap<String, BTreeSet<String>> {
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("a manifest");
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.map(|item| item.as_str().expect("a text").to_owned())
            .collect()
    };
    let all = |part: &str, key: &str| -> Vec<String> {
        let entries = manifest[part].as_array().into_iter().flatten();
        entries.flat_map(|entry| texts(&entry[key])).collect()
    };
    let scripts = [all("content_scripts", "js"), all("content_scripts", "css")].concat();
    let later: Vec<_> = all("web_accessible_resources", "resources")
        .into_iter()
        .filter(|file| is_kind(file, &["js"]))
        .collect();
    let worker = vec![
        manifest["background"]["service_worker"]
            .as_str()
            .expect("a worker")
            .to_owned(),
    ];
    let mut loads = BTreeMap::from([
        (
            "a Gmail tab".to_owned(),
            loaded_with(files, &scripts, &later),
        ),
        ("the worker".to_owned(), loaded_with(files, &worker, &[])),
    ]);
    for script in later {
        let loaded = loaded_with(files, std::slice::from_ref(&script), &[]);
        loads.insert(script, loaded);
    }
    let mut styles = BTreeSet::new();
    for page in files.keys().filter(|file| is_kind(file, &["html"])) {
        let mut loaded = loaded_with(files, std::slice::from_ref(page), &[]);
        loaded.remove(page);
        styles.extend(loaded.extract_if(.., |file| is_kind(file, &["css"])));
        loads.insert(page.clone(), loaded);
    }
    loads.insert("the pages' style sheets".to_owned(), styles);
    loads
}

/// The packed size of `bytes`, in bytes.
fn packed_size(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// One line for each load that is too heavy or has no budget, and for each file that nothing loads.
fn over_budget(files: &Files) -> Vec<String> {
    let loads = loads(files);
    let mut broken = Vec::new();
    for (name, loaded) in &loads {
        let size = loaded
            .iter()
            .map(|file| packed_size(&files[file]))
            .sum::<usize>()
            .div_ceil(1024);
        match BUDGETS.iter().find(|budget| budget.0 == name) {
            Some((_, most)) if size > *most => {
                broken.push(format!("{name}: {size} kB gzip, at most {most} kB"));
            }
            Some(_) => {}
            None => broken.push(format!("{name}: {size} kB gzip, and no budget")),
        }
    }
    for name in files.keys() {
        let is_code = is_kind(name, &["js", "wasm", "css"]);
        if is_code && !loads.values().any(|loaded| loaded.contains(name)) {
            broken.push(format!("{name}: nothing loads it"));
        }
    }
    broken
}

#[test]
fn the_build_has_the_files_that_it_should_have() {
    let names = built().into_keys().collect();
    let known = repository::known_files("extension");
    assert_kept(&misfits(&names, &known, &programs()));
}

#[test]
fn the_build_stays_within_its_budget() {
    let files = built();
    let loads = loads(&files);
    for (name, _) in BUDGETS {
        assert!(!loads[name].is_empty(), "{name} loads nothing");
    }
    assert_kept(&over_budget(&files));
}

#[test]
fn a_misfit_is_found() {
    let names = [
        "manifest.json",
        "popup.html",
        "wasm/kaifu_popup.js",
        ".DS_Store",
    ];
    let names = names.map(str::to_owned).into();
    let known = ["extension/popup.html", "extension/popup.js"].map(str::to_owned);
    let expected = [
        ".DS_Store does not belong to the extension",
        "popup.js is missing",
        "wasm/kaifu_popup_bg.wasm is missing",
    ];
    assert_eq!(misfits(&names, &known, &["popup".to_owned()]), expected);
}

/// A small extension; `weights` are files of so many bytes that gzip cannot pack.
fn sample(weights: &[(&str, usize)]) -> Files {
    let manifest = r#"{
        "background": { "service_worker": "background.js" },
        "content_scripts": [{ "js": ["content/boot.js"], "css": ["content/toggle.css"] }],
        "web_accessible_resources": [{ "resources": ["content/a.wasm", "content/kaifu_gmail_js.js", "content/kaifu_panel.js", "content/kaifu_panel_js.js"] }]
    }"#;
    let texts = [
        ("manifest.json", manifest),
        ("background.js", "import './wasm/worker.js'"),
        ("wasm/worker.js", "new URL(\"worker.wasm\")"),
        ("wasm/worker.wasm", ""),
        (
            "content/boot.js",
            "get(\"content/a.wasm\") || import(\"kaifu_gmail_js.js\"); import(\"kaifu_panel.js\"); import(\"kaifu_panel_js.js\")",
        ),
        ("content/a.wasm", ""),
        ("content/kaifu_gmail_js.js", ""),
        ("content/kaifu_panel.js", "get(\"kaifu_panel.wasm\")"),
        ("content/kaifu_panel.wasm", ""),
        ("content/kaifu_panel_js.js", ""),
        ("content/toggle.css", ""),
        (
            "popup.html",
            "<link href=\"popup.css\"><script src=\"popup.js\">",
        ),
        ("popup.css", ""),
        ("popup.js", "import\"./wasm/popup.js\""),
        ("wasm/popup.js", ""),
    ];
    let mut files: Files = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let mut state = 1_u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    for (name, size) in weights {
        let bytes = std::iter::repeat_with(&mut noise).take(*size).collect();
        files.insert((*name).to_owned(), bytes);
    }
    files
}

#[test]
fn whatever_is_too_heavy_is_found() {
    assert_eq!(over_budget(&sample(&[])), Vec::<String>::new());
    let kilobytes = |count: usize| count * 1024;
    let cases = [
        ("content/a.wasm", 97, "a Gmail tab: 9"),
        (
            "content/kaifu_gmail_js.js",
            142,
            "content/kaifu_gmail_js.js: 14",
        ),
        ("content/kaifu_panel.wasm", 16, "content/kaifu_panel.js: 1"),
        ("wasm/worker.wasm", 236, "the worker: 23"),
        ("wasm/popup.js", 80, "popup.html: 8"),
        ("popup.css", 20, "the pages' style sheets: 2"),
        ("welcome.html", 1, "welcome.html: 0 kB gzip, and no budget"),
        ("content/more.js", 1, "content/more.js: nothing loads it"),
    ];
    for (file, size, expected) in cases {
        let broken = over_budget(&sample(&[(file, kilobytes(size))]));
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].starts_with(expected), "{broken:?}");
    }
}
