//! Reads the files of the repository that the laws are about.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What tools made, or what is not ours.
const SKIPPED: [&str; 6] = [".git", "dist", "node_modules", "pkg", "target", "corpus"];

/// A text file: its path relative to the repository's top, with `/`, and its content.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn has_extension(&self, extensions: &[&str]) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|own| extensions.iter().any(|extension| own == *extension))
    }
}

/// The top folder of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the top folder")
        .to_owned()
}

/// One file, as text.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One file, as JSON.
pub(crate) fn read_json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The paths of the files in a folder that git knows; outside of a checkout, of all files there.
pub(crate) fn known_files(folder: &str) -> Vec<String> {
    let mut files: Vec<String> = if top().join(".git").exists() {
        let list = git(&["ls-files", "--cached", "--", folder]);
        list.lines().map(str::to_owned).collect()
    } else {
        let mut found = Vec::new();
        list_all(folder, &mut found);
        found
    };
    files.sort();
    assert!(!files.is_empty(), "{folder} has no files");
    files
}

fn git(arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(top())
        .output()
        .expect("git is there");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("our own names")
}

/// The paths of all files in a folder, as they are named from the top.
pub(crate) fn list_all(folder: &str, found: &mut Vec<String>) {
    let entries =
        fs::read_dir(top().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!(
            "{folder}/{}",
            entry.file_name().to_str().expect("our own names")
        );
        if entry.file_type().unwrap().is_dir() {
            list_all(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every text file below the top folder, in the order of their paths.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&top(), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 20, "only {} files were found", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
            continue;
        }
        if kind.is_dir() {
            collect(&path, found);
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path
                .strip_prefix(top())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            found.push(Source { path, text });
        }
    }
}
