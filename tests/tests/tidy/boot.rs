//! The extension is Rust: JavaScript only starts it, and stands in few short files.

use crate::assert_kept;
use crate::repository::{self, Source};

/// The most lines of code, and the most bytes, in a script of the extension.
const MOST: Size = Size {
    lines: 15,
    bytes: 1_000,
};

/// A script that must run in the page's own world, where WebAssembly of ours cannot.
const PAGE_WORLD: (&str, Size) = (
    "extension/content/page.js",
    Size {
        lines: 80,
        bytes: 3_000,
    },
);

/// The kinds of files that the extension may be made of, beside its scripts.
const OTHERS: [&str; 5] = ["css", "html", "json", "png", "svg"];

#[derive(Clone, Copy)]
struct Size {
    lines: usize,
    bytes: usize,
}

/// One line for each file of the extension, by its path and text, that is too long or of no allowed kind.
fn excess(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        if !source.path.starts_with("extension/") {
            continue;
        }
        if source.has_extension(&["js"]) {
            let most = if source.path == PAGE_WORLD.0 {
                PAGE_WORLD.1
            } else {
                MOST
            };
            let lines = lines_of_code(&source.text);
            if lines > most.lines {
                broken.push(format!(
                    "{}: {lines} lines of code, at most {}",
                    source.path, most.lines
                ));
            }
            if source.text.len() > most.bytes {
                broken.push(format!(
                    "{}: {} bytes, at most {}",
                    source.path,
                    source.text.len(),
                    most.bytes
                ));
            }
        } else if !source.has_extension(&OTHERS) {
            broken.push(format!("{}: no kind of file that is allowed", source.path));
        }
        if source.has_extension(&["html"]) && has_script_inside(&source.text) {
            broken.push(format!("{}: a script within a page", source.path));
        }
    }
    broken
}

fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

/// Whether a page has code of its own: a script without a source, or an attribute such as `onclick`.
fn has_script_inside(page: &str) -> bool {
    let tags = || {
        page.split('<')
            .skip(1)
            .filter_map(|rest| rest.split('>').next())
    };
    tags().any(|tag| tag.starts_with("script") && !tag.contains(" src="))
        || tags().any(|tag| {
            tag.split_whitespace()
                .skip(1)
                .any(|attribute| attribute.starts_with("on") && attribute.contains('='))
        })
}

/// The files of the extension that git knows; pictures count by their names.
fn known_files() -> Vec<Source> {
    let texts = repository::sources();
    repository::known_files("extension")
        .into_iter()
        .map(|path| {
            let text = texts.iter().find(|source| source.path == path);
            Source::new(&path, text.map_or("", |source| &source.text))
        })
        .collect()
}

#[test]
fn scripts_only_start_the_program() {
    let files = known_files();
    assert!(
        files
            .iter()
            .any(|file| file.path == "extension/content/boot.js")
    );
    assert_kept(&excess(&files));
}

#[test]
fn each_excess_is_found() {
    let long = "run();\n".repeat(16);
    let sources = [
        Source::new("extension/new.js", &long),
        Source::new(
            "extension/short.js",
            &format!("// Why.\n\n{}", "run();\n".repeat(15)),
        ),
        Source::new("extension/wide.js", &"x".repeat(1_001)),
        Source::new(PAGE_WORLD.0, &long),
        Source::new("extension/other.cjs", "run();"),
        Source::new("extension/.DS_Store", ""),
        Source::new("extension/inline.html", "<script>run()</script>"),
        Source::new("extension/handler.html", "<p id=\"a\" onclick=\"run()\">"),
        Source::new(
            "extension/good.html",
            "<script type=\"module\" src=\"a.js\"></script><p lang=\"en\">",
        ),
        Source::new("scripts/other.js", &long),
    ];
    let expected = [
        "extension/new.js: 16 lines of code, at most 15",
        "extension/wide.js: 1001 bytes, at most 1000",
        "extension/other.cjs: no kind of file that is allowed",
        "extension/.DS_Store: no kind of file that is allowed",
        "extension/inline.html: a script within a page",
        "extension/handler.html: a script within a page",
    ];
    assert_eq!(excess(&sources), expected);
}
