//! The extension is Rust: JavaScript only starts it.

use crate::assert_kept;
use crate::repository::{self, Source};

/// The most lines of code in a JavaScript file of the extension.
const BOOT_LINES: usize = 15;

/// A script that must run in the page's own world, where WebAssembly of ours cannot.
const PAGE_WORLD: (&str, usize) = ("extension/content/page.js", 80);

fn too_long(sources: &[Source]) -> Vec<String> {
    let scripts = sources.iter().filter(|source| {
        source.path.starts_with("extension/") && source.has_extension(&["js", "mjs"])
    });
    scripts
        .filter_map(|source| {
            let most = if source.path == PAGE_WORLD.0 {
                PAGE_WORLD.1
            } else {
                BOOT_LINES
            };
            let lines = lines_of_code(&source.text);
            (lines > most)
                .then(|| format!("{}: {lines} lines of code, at most {most}", source.path))
        })
        .collect()
}

fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[test]
fn boot_files_only_start_the_program() {
    let sources = repository::sources();
    assert!(
        sources
            .iter()
            .any(|source| source.path == "extension/content/boot.js")
    );
    assert_kept(&too_long(&sources));
}

#[test]
fn a_long_boot_file_is_found() {
    let long = "run();\n".repeat(16);
    let sources = [
        Source::new("extension/new.js", &long),
        Source::new(
            "extension/short.js",
            &format!("// Why.\n\n{}", "run();\n".repeat(15)),
        ),
        Source::new(PAGE_WORLD.0, &long),
        Source::new("scripts/other.js", &long),
    ];
    assert_eq!(
        too_long(&sources),
        ["extension/new.js: 16 lines of code, at most 15"]
    );
}
