//! What the documentation points to is there.

use std::path::{Component, Path, PathBuf};

use crate::assert_kept;
use crate::repository::{self, Source};

/// Folders of the repository: a path in code font that begins with one must exist.
const FOLDERS: [&str; 5] = ["crates/", "docs/", "extension/", "scripts/", "tests/"];

/// What stands in front of a link's target, and what ends it.
const LINKS: [(&str, char); 3] = [("](", ')'), ("src=\"", '"'), ("href=\"", '"')];

fn dead(pages: &[Source], exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for page in pages.iter().filter(|source| source.has_extension(&["md"])) {
        let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
        for target in targets(&page.text) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() {
                PathBuf::from(&page.path)
            } else {
                tidied(&folder.join(path))
            };
            if !exists(&path) {
                broken.push(format!("{}: {target} does not exist", page.path));
            } else if !anchor.is_empty() && !has_heading(pages, &path, anchor) {
                broken.push(format!("{}: {target} names no heading", page.path));
            }
        }
        for path in named_paths(&page.text) {
            if !exists(Path::new(path)) {
                broken.push(format!("{}: `{path}` does not exist", page.path));
            }
        }
    }
    broken
}

/// The targets of a page's links and pictures within the repository.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    LINKS
        .into_iter()
        .flat_map(|(start, end)| {
            text.split(start)
                .skip(1)
                .filter_map(move |rest| Some(rest.split_once(end)?.0))
        })
        .filter(|target| !target.contains(':'))
}

/// The paths in code font. The text between every other pair of backticks is code.
fn named_paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|code| {
            FOLDERS.iter().any(|folder| code.starts_with(folder))
                && !code.contains(['*', ' ', '<', '…'])
        })
}

/// `a/b/../c` as `a/c`.
fn tidied(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        if component == Component::ParentDir {
            tidied.pop();
        } else {
            tidied.push(component);
        }
    }
    tidied
}

/// Whether the page at `path` has the heading that `anchor` stands for.
fn has_heading(pages: &[Source], path: &Path, anchor: &str) -> bool {
    pages
        .iter()
        .filter(|page| Path::new(&page.path) == path)
        .flat_map(|page| page.text.lines())
        .filter(|line| line.starts_with('#'))
        .any(|line| anchor_of(line.trim_start_matches('#').trim()) == anchor)
}

fn anchor_of(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn nothing_points_into_the_void() {
    let top = repository::top();
    assert_kept(&dead(&repository::sources(), |path| {
        top.join(path).exists()
    }));
}

#[test]
fn dead_links_are_found() {
    let page = "# A page, again\n[a](../b.md) [c](c.md#a-page) [d](d.md) [e](#a-page-again) [f](#none) [g](https://example.org/x)\n\
        <img src=\"images/no.png\"> `docs/c.md` `crates/none.rs` `crates/*/src` `b.md`";
    let pages = [
        Source::new("docs/a.md", page),
        Source::new("docs/c.md", "## A page"),
        Source::new("docs/other.rs", "[x](none.md)"),
    ];
    let exists = |path: &Path| {
        ["b.md", "docs/a.md", "docs/c.md"].contains(&path.to_str().expect("our own paths"))
    };
    let expected = [
        "docs/a.md: d.md does not exist",
        "docs/a.md: #none names no heading",
        "docs/a.md: images/no.png does not exist",
        "docs/a.md: `crates/none.rs` does not exist",
    ];
    assert_eq!(dead(&pages, exists), expected);
}
