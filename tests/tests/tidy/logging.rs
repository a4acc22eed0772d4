//! The server logs through one door, which is throttled.

use crate::assert_kept;
use crate::repository::{self, Source};

/// The one file that may write to the log.
const DOOR: &str = "crates/server/src/logging.rs";

/// Ways to write to the log or to standard error past the door.
const WAYS: [&str; 4] = ["tracing::", "eprint!", "eprintln!", "io::stderr"];

fn past_the_door(sources: &[Source]) -> Vec<String> {
    let server = sources.iter().filter(|source| {
        source.path.starts_with("crates/server/src/")
            && source.path != DOOR
            && source.has_extension(&["rs"])
    });
    server
        .flat_map(|source| {
            WAYS.iter()
                .filter(|way| source.text.contains(**way))
                .map(|way| {
                    format!(
                        "{}: {way}: log! in {DOOR} is the one way to log",
                        source.path
                    )
                })
        })
        .collect()
}

#[test]
fn the_server_logs_through_one_door() {
    let sources = repository::sources();
    assert!(sources.iter().any(|source| source.path == DOOR));
    assert_kept(&past_the_door(&sources));
}

#[test]
fn a_line_past_the_door_is_found() {
    let sources = [
        Source::new("crates/server/src/new.rs", "tracing::error!(\"a flood\");"),
        Source::new("crates/server/src/other.rs", "use tracing::error as e;"),
        Source::new("crates/server/src/third.rs", "eprintln!(\"a flood\");"),
        Source::new(
            "crates/server/src/good.rs",
            "log!(Error, \"one a second\");",
        ),
        Source::new(DOOR, "tracing::error!(\"one a second\");"),
    ];
    assert_eq!(past_the_door(&sources).len(), 3);
}
