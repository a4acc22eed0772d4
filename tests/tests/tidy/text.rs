//! What no line of the project may hold.

use crate::assert_kept;
use crate::repository::{self, Source};

/// Folders that exist only on someone's machine. Put together here, so that this file names none.
const MACHINE_FOLDERS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
];

const PROMISES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

fn broken_lines(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            let mut report = |what: &str| broken.push(format!("{}:{number}: {what}", source.path));
            if MACHINE_FOLDERS
                .iter()
                .any(|folder| names_folder(line, folder))
            {
                report("a path of one machine");
            }
            if PROMISES.iter().any(|promise| lacks_issue(line, promise)) {
                report("a promise without an issue");
            }
        }
    }
    broken
}

/// Whether an absolute path below `folder` stands in the line; as a later part of a path or an
/// address it is harmless.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || "/._-~})*".contains(c))
            && after.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
    })
}

/// Whether the word stands in the line, and not as `WORD(#12)`.
fn lacks_issue(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let rest = &line[at + word.len()..];
        let whole = !line[..at].chars().next_back().is_some_and(is_word)
            && !rest.chars().next().is_some_and(is_word);
        let has_issue = rest
            .strip_prefix("(#")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        whole && !has_issue
    })
}

#[test]
fn no_line_names_a_machine_or_an_open_promise() {
    assert_kept(&broken_lines(&repository::sources()));
}

#[test]
fn such_lines_are_found() {
    let [promise, _] = PROMISES;
    let [work, home, ..] = MACHINE_FOLDERS;
    let text = [
        format!("let path = \"{work}wt/build\";"),
        format!("cd {home}someone"),
        format!("https://example.com{work}page and ../frame{work}x and {work}"),
        format!("// {promise}: later"),
        format!("// {promise}(#12): later, in the MY{promise}S list"),
    ];
    let expected = [
        "a.rs:1: a path of one machine",
        "a.rs:2: a path of one machine",
        "a.rs:4: a promise without an issue",
    ];
    assert_eq!(
        broken_lines(&[Source::new("a.rs", &text.join("\n"))]),
        expected
    );
}
