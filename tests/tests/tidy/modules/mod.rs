//! Inside a crate imports run one way, too: no module imports, straight or through others, one that
//! imports it, and rooms import only what stands in a row below theirs.

mod graph;
mod rooms;
pub(crate) mod source;

use std::path::PathBuf;

use self::graph::{Edges, Graph, circles};
use crate::repository::{self, Source};

/// The order of a crate's rooms, from the top down: a room is a module of the crate's root, and may import
/// only rooms of later rows. `lib` is the root itself, a program goes by its file's name.
pub(crate) type Rows = &'static [&'static [&'static str]];

/// Reads the crate in a folder, such as `crates/core`, from all sources.
fn graph(sources: &[Source], folder: &str) -> Graph {
    let text = |path: &str| {
        sources
            .iter()
            .find(|source| source.path == path)
            .map(|source| source.text.clone())
    };
    let read = |module: &[String]| {
        let stem = [&["src".to_owned()], module].concat().join("/");
        let places = if module.is_empty() {
            vec![format!("{folder}/src/lib.rs")]
        } else {
            vec![
                format!("{folder}/{stem}.rs"),
                format!("{folder}/{stem}/mod.rs"),
            ]
        };
        places
            .iter()
            .find_map(|place| text(place))
            .unwrap_or_else(|| panic!("none of {places:?} is there"))
    };
    let name = folder.rsplit('/').next().expect("a folder");
    let mut graph = Graph::read(&format!("kaifu_{name}"), &read);
    if let Some(main) = text(&format!("{folder}/src/main.rs")) {
        graph.add_program("main", &main);
    }
    graph
}

/// One line for each circle, with the imports that tie it.
fn described_circles(name: &str, edges: &Edges) -> Vec<String> {
    let describe = |circle| {
        let ties: Vec<_> = edges
            .iter()
            .filter(|((from, to), _)| {
                let circle: &std::collections::BTreeSet<_> = circle;
                circle.contains(from) && circle.contains(to)
            })
            .map(|((from, to), path)| format!("{} -> {} ({path})", shown(from), shown(to)))
            .collect();
        format!("{name}: a circle: {}", ties.join(", "))
    };
    circles(edges).iter().map(describe).collect()
}

/// One line for each import that does not run down by the order of rooms, and for each room without a place.
fn broken_order(name: &str, graph: &Graph, edges: &Edges, rows: Rows) -> Vec<String> {
    let row = |room: &str| rows.iter().position(|row| row.contains(&room));
    let mut broken = Vec::new();
    let mut rooms: Vec<_> = graph.modules().map(|module| room(module)).collect();
    rooms.dedup();
    for room in &rooms {
        if row(room).is_none() {
            broken.push(format!("{name}: {room} has no place in the order of rooms"));
        }
    }
    for named in rows.iter().flat_map(|row| row.iter()) {
        if !rooms.iter().any(|room| room == named) {
            broken.push(format!(
                "{name}: {named} is in the order of rooms, and not there"
            ));
        }
    }
    for ((from, to), path) in edges {
        let (above, below) = (room(from), room(to));
        if above != below && row(above) >= row(below) {
            broken.push(format!(
                "{name}: {} may not import {} ({path})",
                shown(from),
                shown(to)
            ));
        }
    }
    broken
}

/// The room that a module belongs to.
fn room(module: &[String]) -> &str {
    module.first().map_or("lib", String::as_str)
}

fn shown(module: &[String]) -> String {
    if module.is_empty() {
        "lib".to_owned()
    } else {
        module.join("::")
    }
}

/// The folders of all crates that have code of their own.
fn crates() -> Vec<String> {
    let folders = std::fs::read_dir(repository::top().join("crates")).unwrap();
    let mut found: Vec<String> = folders
        .map(|entry| entry.unwrap().path())
        .filter(|folder: &PathBuf| folder.join("src/lib.rs").exists())
        .map(|folder| format!("crates/{}", folder.file_name().unwrap().to_str().unwrap()))
        .collect();
    found.sort();
    found
}
