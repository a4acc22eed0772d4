//! Every text exists in every language, and none is left over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::assert_kept;
use crate::repository::{self, Source};

type Messages = Map<String, Value>;

/// The folder with a folder for each language.
const LOCALES: &str = "extension/_locales";

/// Keys that are made at run time: how they begin, and where the codes that follow stand.
const CODED: [(&str, &str); 2] = [
    ("reason_", "crates/core/src/"),
    ("state_", "crates/core/src/"),
];

/// Keys used directly: `text("key"`, `text_with("key"`, `data-i18n…="key"` and `__MSG_key__`.
fn used_keys(sources: &[Source]) -> BTreeMap<String, String> {
    let mut used = BTreeMap::new();
    for source in sources {
        let mut found = Vec::new();
        if source.has_extension(&["rs"]) {
            found.extend(
                ["text(", "text_with("]
                    .iter()
                    .flat_map(|call| quoted_after(&source.text, call)),
            );
        } else if source.has_extension(&["html"]) {
            found.extend(marked_in_html(&source.text));
        }
        if source.path == "manifest.json" || source.has_extension(&["css"]) {
            let parts = source.text.split("__MSG_").skip(1);
            found.extend(
                parts
                    .filter_map(|part| part.split_once("__"))
                    .map(|(key, _)| key),
            );
        }
        for key in found
            .into_iter()
            .filter(|key| is_key(key) && !key.starts_with("@@"))
        {
            used.entry(key.to_owned())
                .or_insert_with(|| source.path.clone());
        }
    }
    used
}

/// The string literals that follow `call` as its first argument.
fn quoted_after<'a>(text: &'a str, call: &str) -> Vec<&'a str> {
    let starts = text.match_indices(call).filter(|(at, _)| {
        !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
    });
    starts
        .filter_map(|(at, _)| text[at + call.len()..].trim_start().strip_prefix('"'))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(key, _)| key)
        .collect()
}

fn marked_in_html(text: &str) -> Vec<&str> {
    let parts = text.split("data-i18n").skip(1);
    parts
        .filter_map(|part| part.split_once("=\""))
        .filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .filter_map(|(_, rest)| rest.split_once('"'))
        .map(|(key, _)| key)
        .collect()
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@')
}

fn broken_texts(sources: &[Source], locales: &[(&str, &Messages)]) -> Vec<String> {
    let mut broken = Vec::new();
    let used = used_keys(sources);
    let all: BTreeSet<&String> = locales
        .iter()
        .flat_map(|(_, messages)| messages.keys())
        .collect();
    for (locale, messages) in locales {
        for (key, path) in &used {
            if !messages.contains_key(key) {
                broken.push(format!("{locale}: {key} is missing, used in {path}"));
            }
        }
        for key in &all {
            if !messages.contains_key(*key) && !used.contains_key(*key) {
                broken.push(format!(
                    "{locale}: {key} is missing, other languages have it"
                ));
            }
        }
        for (key, message) in *messages {
            if !named_in(message).iter().eq(declared(message).keys()) {
                broken.push(format!(
                    "{locale}: {key} declares other placeholders than it names"
                ));
            }
            let first = locales[0].1.get(key);
            if first.is_some_and(|first| declared(first) != declared(message)) {
                broken.push(format!(
                    "{locale}: {key} has other placeholders than {}",
                    locales[0].0
                ));
            }
        }
    }
    for key in all {
        let is_named = |source: &Source| source.has_extension(&["rs"]) && names(source, key);
        if !used.contains_key(key) && !sources.iter().any(is_named) {
            broken.push(format!("{key} is not used"));
        }
    }
    broken
}

/// Whether `source` has `key` as a string, or the code that a key of a family is made from.
fn names(source: &Source, key: &str) -> bool {
    let has = |text: &str| source.text.contains(&format!("\"{text}\""));
    let mut made_from = CODED.iter().filter_map(|(family, room)| {
        let code = key.strip_prefix(family)?;
        let code = code.strip_suffix("_title").unwrap_or(code);
        source.path.starts_with(room).then_some(code)
    });
    has(key) || made_from.any(has)
}

/// The placeholders `$NAME$` in a message's text, in lower case.
fn named_in(message: &Value) -> BTreeSet<String> {
    let text = message["message"]
        .as_str()
        .unwrap_or_default()
        .replace("$$", "");
    let parts: Vec<&str> = text.split('$').collect();
    // Every second part lies between two signs; the last one has none behind it, as in "for $5".
    let between = parts.iter().take(parts.len() - 1).skip(1).step_by(2);
    between.map(|name| name.to_lowercase()).collect()
}

/// Each declared placeholder, in lower case, with its content.
fn declared(message: &Value) -> BTreeMap<String, &Value> {
    let placeholders = message["placeholders"].as_object().into_iter().flatten();
    placeholders
        .map(|(name, value)| (name.to_lowercase(), &value["content"]))
        .collect()
}

#[test]
fn every_text_exists_in_every_language() {
    let sources: Vec<Source> = repository::sources()
        .into_iter()
        .filter(|source| {
            ["crates/", "extension/", "manifest.json"]
                .iter()
                .any(|start| source.path.starts_with(start))
        })
        .collect();
    let mut names: Vec<String> = repository::known_files(LOCALES)
        .iter()
        .filter_map(|path| path.strip_prefix(LOCALES)?.strip_suffix("/messages.json"))
        .map(|name| name.trim_start_matches('/').to_owned())
        .collect();
    // The others are held against the first.
    names.sort_by_key(|name| name != "en");
    assert!(names.len() >= 3, "{names:?}");
    let read = |locale: &String| -> Messages {
        let file = format!("{LOCALES}/{locale}/messages.json");
        serde_json::from_value(repository::read_json(&file)).unwrap()
    };
    let locales: Vec<Messages> = names.iter().map(read).collect();
    let by_name: Vec<_> = names.iter().map(String::as_str).zip(&locales).collect();
    assert_kept(&broken_texts(&sources, &by_name));
}

#[test]
fn each_broken_text_is_found() {
    let messages = |value: Value| -> Messages { serde_json::from_value(value).unwrap() };
    let with = |text: &str, content: &str| json!({ "message": text, "placeholders": { "count": { "content": content } } });
    let en = messages(json!({
        "title": { "message": "Title" },
        "opens": with("$COUNT$ opens for $5", "$1"),
        "lost": with("No number", "$1"),
        "dynamic": { "message": "By a table" },
        "left_over": { "message": "Old" },
        "reason_known": { "message": "A code" },
        "state_known_title": { "message": "A code" },
        "reason_left_over": { "message": "Old" },
    }));
    let ja = messages(json!({
        "title": { "message": "題" },
        "opens": { "message": "開封" },
        "lost": with("$COUNT$", "$1"),
        "left_over": { "message": "古い" },
        "reason_known": { "message": "符号" },
        "state_known_title": { "message": "符号" },
        "reason_left_over": { "message": "古い" },
    }));
    let sources = [
        Source::new(
            "crates/a.rs",
            "text(\"opens\") + i18n::text_with(\n    \"lost\", &[]) + context(\"x\") + [\"dynamic\"]",
        ),
        Source::new("crates/core/src/a.rs", "Self::Known => \"known\""),
        Source::new(
            "extension/a.html",
            "<p data-i18n=\"title\" data-i18n-title=\"absent\">",
        ),
        Source::new("manifest.json", "\"__MSG_name__\" \"__MSG_@@ui_locale__\""),
    ];
    let expected = [
        "en: absent is missing, used in extension/a.html",
        "en: name is missing, used in manifest.json",
        "en: lost declares other placeholders than it names",
        "ja: absent is missing, used in extension/a.html",
        "ja: name is missing, used in manifest.json",
        "ja: dynamic is missing, other languages have it",
        "ja: opens has other placeholders than en",
        "left_over is not used",
        "reason_left_over is not used",
    ];
    assert_eq!(
        broken_texts(&sources, &[("en", &en), ("ja", &ja)]),
        expected
    );
}
