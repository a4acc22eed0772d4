//! The order of rooms in each crate, and the law that holds all crates to it.

use super::{Rows, broken_order, crates, described_circles, graph};
use crate::assert_kept;
use crate::repository::{self, Source};

/// Each crate's rooms from the top down: a room imports only what stands in later rows.
const ROOMS: &[(&str, Rows)] = &[
    (
        "crates/core",
        &[
            &["lib"],
            &["choice", "gmail", "news", "outcome", "relative", "report"],
            &["mail", "state"],
            &["api_token", "clock", "fetch", "seal", "token"],
            &["backend", "id", "sort", "time"],
        ],
    ),
    (
        "crates/protocol",
        &[
            &["lib"],
            &["outcome"],
            &["pages"],
            &["report"],
            &["content", "page"],
            &["panel"],
            &["api", "call", "held", "ids", "state"],
        ],
    ),
    (
        "crates/chrome",
        &[
            &["lib"],
            &[
                "action",
                "alarms",
                "i18n",
                "navigator",
                "notifications",
                "passphrase",
                "permissions",
                "rules",
                "runtime",
                "seal",
                "storage",
                "tabs",
                "windows",
            ],
            &["clock"],
            &["convert", "sys"],
            &["error"],
        ],
    ),
    (
        "crates/l10n",
        &[
            &["lib"],
            &["browser", "events", "people", "problems", "reach", "states"],
            &["counts", "language", "words"],
        ],
    ),
    (
        "crates/ui",
        &[&["lib"], &["download", "icons", "patch", "watch"], &["dom"]],
    ),
    (
        "crates/gmail",
        &[
            &["lib"],
            &["app"],
            &["marks", "own_views", "send"],
            &["tab"],
            &["outcomes"],
            &["forms"],
            &["session"],
            &["page", "worker"],
        ],
    ),
    (
        "crates/panel",
        &[&["lib"], &["panel"], &["keys", "parts"], &["dom"]],
    ),
    (
        "crates/background",
        &[
            &["lib"],
            &["router"],
            &["handlers"],
            &["backend"],
            &["notify"],
            &["emails"],
            &["judgements", "open_in_gmail", "request_rules"],
            &["agreement"],
            &["belongings"],
            &["accounts"],
            &[
                "consents",
                "landmarks",
                "lines",
                "own_addresses",
                "secret",
                "settings",
            ],
            &["store"],
            &[
                "clocks",
                "in_order",
                "sender",
                "subscribers",
                "tabs",
                "turn",
            ],
            &["error"],
        ],
    ),
    (
        "crates/popup",
        &[
            &["lib"],
            &["app"],
            &["keys", "live_region", "mailboxes", "sample", "view"],
            &["row"],
            &["details", "groups", "icon"],
            &["event", "model"],
            &["time"],
        ],
    ),
    (
        "crates/options",
        &[
            &["lib"],
            &[
                "check", "data", "first", "form", "moving", "notices", "people", "theme",
            ],
            &["hosts", "settings", "steps"],
        ],
    ),
    (
        "crates/report",
        &[&["lib"], &["app"], &["export", "view"], &["model"]],
    ),
    (
        "crates/networks",
        &[
            &["lib"],
            &["agents", "full", "seed"],
            &["relay"],
            &["address", "ranges"],
        ],
    ),
    (
        "crates/server",
        &[
            &["lib", "main"],
            &["cli"],
            &["startup"],
            &["failure"],
            &["router", "site"],
            &["handlers"],
            &["connection", "http", "pages", "tasks"],
            &["app"],
            &["recorder"],
            &["logging", "store", "tls"],
            &["keys", "log_throttle", "metrics", "waiters"],
            &["data_dir", "rate_limit", "reload", "settings"],
            &["client_address", "clock"],
        ],
    ),
];

/// One line for each broken law of modules in the crate at `folder`.
fn broken(sources: &[Source], folder: &str) -> Vec<String> {
    let graph = graph(sources, folder);
    let edges = graph.edges();
    let mut broken = described_circles(folder, &edges);
    match ROOMS
        .iter()
        .find(|(crate_folder, _)| *crate_folder == folder)
    {
        Some((_, rows)) => broken.extend(broken_order(folder, &graph, &edges, rows)),
        None => broken.push(format!("{folder} has no order of rooms")),
    }
    broken
}

#[test]
fn modules_form_no_circle_and_import_only_rooms_below() {
    let sources = repository::sources();
    let folders = crates();
    assert!(folders.contains(&"crates/core".to_owned()));
    let all: Vec<_> = folders
        .iter()
        .flat_map(|folder| broken(&sources, folder))
        .collect();
    assert_kept(&all);
}

/// Reads a made-up crate from its files below `src/`.
fn made_up(files: &[(&str, &str)]) -> Vec<Source> {
    let path = |name: &str| format!("crates/made/src/{name}");
    let sources = files
        .iter()
        .map(|(name, text)| Source::new(&path(name), text));
    sources.collect()
}

/// The imports between the modules of a made-up crate, as `from -> to`.
fn imports(files: &[(&str, &str)]) -> Vec<String> {
    let edges = graph(&made_up(files), "crates/made").edges();
    let shown = edges
        .keys()
        .map(|(from, to)| format!("{} -> {}", super::shown(from), super::shown(to)));
    shown.collect()
}

#[test]
fn every_form_of_import_is_followed_to_where_the_thing_is() {
    let files = [
        (
            "lib.rs",
            "mod a; mod b; pub mod c; pub use c::Thing; use std::fmt; fn f(x: fmt::Debug) { a::run() }",
        ),
        (
            "a.rs",
            "use crate::{b::{self, one}, Thing}; fn run() { html! { (crate::c::d::make(self::inner::y())) } } mod inner { use super::super::b::Two; }",
        ),
        (
            "b/mod.rs",
            "mod e; pub use e::*; pub(crate) use self::e::one; fn two() -> super::c::d::X { b::other() }",
        ),
        ("b/e.rs", "pub struct Two; pub fn one() {}"),
        ("c/mod.rs", "pub mod d; pub struct Thing;"),
        (
            "c/d.rs",
            "#[cfg(test)] mod tests { use crate::a::run; } pub struct X; impl serde::S for X { fn f() { std::b::g() } }",
        ),
        ("main.rs", "fn main() { kaifu_made::c::d::make() }"),
    ];
    let expected = [
        "lib -> a",
        "a -> a::inner",
        "a -> b::e",
        "a -> c",
        "a -> c::d",
        "a::inner -> b::e",
        "b -> c::d",
        "main -> c::d",
    ];
    assert_eq!(imports(&files), expected);
}

#[test]
fn a_circle_is_found() {
    let circle = |files: &[(&str, &str)]| {
        let edges = graph(&made_up(files), "crates/made").edges();
        described_circles("made", &edges)
    };
    let straight = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "fn f() { crate::a::run() }"),
    ];
    assert_eq!(
        circle(&straight),
        ["made: a circle: a -> b (crate::b::B), b -> a (crate::a::run)"]
    );
    let through_another = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; use crate::d::D;"),
        ("b.rs", "use super::c::C;"),
        ("c.rs", "macro! { crate::a::A }"),
        ("d.rs", ""),
    ];
    let expected =
        "made: a circle: a -> b (crate::b::B), b -> c (super::c::C), c -> a (crate::a::A)";
    assert_eq!(circle(&through_another), [expected]);
    let with_its_room = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; pub struct A; fn f() { b::run() }"),
        ("a/b.rs", "use super::A;"),
    ];
    assert_eq!(
        circle(&with_its_room),
        ["made: a circle: a -> a::b (b::run), a::b -> a (super::A)"]
    );
    let none = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::{b::B, c::C};"),
        ("b.rs", "use crate::c::C;"),
        ("c.rs", ""),
    ];
    assert_eq!(circle(&none), Vec::<String>::new());
}

#[test]
fn an_import_that_runs_up_or_across_is_found() {
    const ROWS: Rows = &[&["lib"], &["a"], &["b", "c"], &["gone"]];
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d; use a::run;"),
        ("a.rs", "use crate::b::x::X;"),
        ("b/mod.rs", "mod x; use crate::c::C; use x::Y;"),
        ("b/x.rs", "use crate::a::A; pub struct X;"),
        ("c.rs", ""),
        ("d.rs", ""),
    ];
    let graph = graph(&made_up(&files), "crates/made");
    let expected = [
        "made: d has no place in the order of rooms",
        "made: gone is in the order of rooms, and not there",
        "made: b may not import c (crate::c::C)",
        "made: b::x may not import a (crate::a::A)",
    ];
    assert_eq!(broken_order("made", &graph, &graph.edges(), ROWS), expected);
}
