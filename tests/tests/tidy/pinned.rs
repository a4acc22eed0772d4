//! What is built is built from what is meant: packages by their hashes, and a container's context that
//! holds no secrets.

use crate::assert_kept;
use crate::repository;

/// Whether a build of a container gets the file at `path`, by the rules of a `.dockerignore`: the last
/// pattern that matches the path, or a folder that it lies in, decides.
fn is_sent(patterns: &str, path: &str) -> bool {
    let lines = patterns
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.fold(true, |sent, line| match line.strip_prefix('!') {
        Some(pattern) if matches(pattern, path) => true,
        None if matches(line, path) => false,
        _ => sent,
    })
}

/// Whether `pattern`, in whose segments `*` stands for anything, names the beginning of `path`.
fn matches(pattern: &str, path: &str) -> bool {
    let mut names = path.split('/');
    pattern
        .split('/')
        .all(|part| names.next().is_some_and(|name| part == "*" || part == name))
}

/// One line for each file that is sent to a container's build and should not be, or the other way round.
fn wrongly_sent(patterns: &str, needed: &[String]) -> Vec<String> {
    const SECRET: [&str; 9] = [
        ".env",
        ".git/config",
        "crates/.env",
        "crates/server/kaifu-data/server.key",
        "deploy/.env",
        "deploy/kaifu-data/kaifu.db",
        "kaifu-data/server.key",
        "node_modules/x/index.js",
        "target/release/kaifu-server",
    ];
    let secret = SECRET
        .iter()
        .filter(|path| is_sent(patterns, path))
        .map(|path| format!("{path} is sent to the container's build"));
    let missing = needed
        .iter()
        .filter(|path| !is_sent(patterns, path))
        .map(|path| format!("{path} is not sent to the container's build"));
    secret.chain(missing).collect()
}

/// What a build of the server reads: every manifest, and all that lies in a crate's folders.
fn needed() -> Vec<String> {
    let mut needed: Vec<String> = ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml"]
        .map(str::to_owned)
        .into();
    let mut files = repository::known_files("crates");
    files.extend(repository::known_files("tests"));
    needed.extend(repository::known_files(".cargo"));
    needed.extend(files.into_iter().filter(|path| {
        let parts: Vec<_> = path.split('/').collect();
        match parts.as_slice() {
            ["crates", _, file] => ["Cargo.toml", "build.rs"].contains(file),
            ["crates", ..] | ["tests", "Cargo.toml"] | ["tests", "src", ..] => true,
            _ => false,
        }
    }));
    needed
}

/// One line for each package of Python's that may be anything that bears its name.
fn without_hash(requirements: &str) -> Vec<String> {
    let lines = requirements
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\\\n", " ");
    lines
        .lines()
        .filter(|line| !(line.contains("==") && line.contains("--hash=sha256:")))
        .map(|line| format!("no hash: {line}"))
        .collect()
}

#[test]
fn a_container_is_built_from_the_sources_alone() {
    let patterns = repository::read("deploy/Dockerfile.dockerignore");
    let needed = needed();
    assert!(needed.len() > 200, "{}", needed.len());
    assert_kept(&wrongly_sent(&patterns, &needed));
}

#[test]
fn python_packages_have_hashes() {
    assert_kept(&without_hash(&repository::read("scripts/schemathesis.txt")));
    let tools = repository::read("scripts/lib/tools.sh");
    assert!(tools.contains("--require-hashes"));
}

#[test]
fn what_servers_keep_is_not_for_git() {
    let ignored = repository::read(".gitignore");
    for path in ["kaifu-data/", "/deploy/.env"] {
        assert!(ignored.lines().any(|line| line == path), "{path}");
    }
}

#[test]
fn such_files_and_packages_are_found() {
    let needed = ["crates/server/src/lib.rs".to_owned()];
    assert_eq!(wrongly_sent("target\nnode_modules", &needed).len(), 7);
    assert_eq!(wrongly_sent("*\n!crates", &needed).len(), 2);
    assert_eq!(wrongly_sent("*\n!crates/*/src", &needed).len(), 0);
    assert_eq!(wrongly_sent("*", &needed).len(), 1);
    let requirements =
        "# a comment\na==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\nb==2\nc>=3\n";
    assert_eq!(
        without_hash(requirements),
        ["no hash: b==2", "no hash: c>=3"]
    );
}
