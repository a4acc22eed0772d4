//! Which module of a crate imports which: every path is followed to the module where the thing is
//! defined, through whatever hands it on.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Module, Path};

/// How far a name may be handed on.
const MOST_STEPS: usize = 16;

/// The modules of one crate by their paths; the crate's root is the empty path.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    modules: BTreeMap<Path, Module>,
    /// The crate's own name, by which its programs know it.
    name: String,
}

/// One module's import of another: who, whom, and a path that says so.
pub(crate) type Edges = BTreeMap<(Path, Path), String>;

impl Graph {
    /// Reads a crate from its root file on.
    ///
    /// `name` is the crate's, with underscores; `read` returns the text of the module at a path.
    /// Panics where a file is missing or no Rust, which the compiler would not let pass.
    pub(crate) fn read(name: &str, read: &impl Fn(&[String]) -> String) -> Self {
        let mut graph = Self {
            name: name.to_owned(),
            ..Self::default()
        };
        graph.add_file(&[], read);
        graph
    }

    /// Adds a program beside the library, as a module of its own that nobody can import.
    pub(crate) fn add_program(&mut self, name: &str, text: &str) {
        self.add(vec![name.to_owned()], Module::parse(text).unwrap(), &|_| {
            panic!("{name} has modules of its own")
        });
    }

    fn add_file(&mut self, path: &[String], read: &impl Fn(&[String]) -> String) {
        let module = Module::parse(&read(path)).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        self.add(path.to_vec(), module, read);
    }

    fn add(&mut self, path: Path, mut module: Module, read: &impl Fn(&[String]) -> String) {
        for (name, body) in &mut module.children {
            let child = [&path[..], std::slice::from_ref(name)].concat();
            match body.take() {
                Some(body) => self.add(child, body, read),
                None => self.add_file(&child, read),
            }
        }
        self.modules.insert(path, module);
    }

    /// Every module.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &Path> {
        self.modules.keys()
    }

    /// All imports between different modules.
    pub(crate) fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (from, module) in &self.modules {
            let mut add = |path: &Path, may_be_module: bool| {
                if let Some((to, is_module)) = self.find(from, path, 0)
                    && to != *from
                    && (may_be_module || !is_module)
                {
                    edges
                        .entry((from.clone(), to))
                        .or_insert_with(|| path.join("::"));
                }
            };
            for import in &module.imports {
                // What is only handed on is no import, and of a module it is the paths through it that count.
                if import.name == "*" {
                    add(&import.path, !import.is_public);
                } else if !import.is_public {
                    add(&import.path, false);
                }
            }
            for mention in &module.mentions {
                add(mention, false);
            }
        }
        edges
    }

    /// The module in which what `path` names is defined, as `from` sees it, and whether it is the module
    /// itself that is named. None for other crates' things, and for local names.
    fn find(&self, from: &[String], path: &[String], steps: usize) -> Option<(Path, bool)> {
        if steps > MOST_STEPS {
            return None;
        }
        let first = path.first()?;
        let rest = &path[1..];
        let module = &self.modules[from];
        match first.as_str() {
            "crate" => self.walk(&[], rest, steps),
            name if name == self.name => self.walk(&[], rest, steps),
            "self" => self.walk(from, rest, steps),
            "super" => self.walk(from.split_last()?.1, rest, steps),
            _ if module.children.iter().any(|(name, _)| name == first) => {
                self.walk(from, path, steps)
            }
            _ => {
                let import = module.imports.iter().find(|import| import.name == *first)?;
                // A name may be imported under itself from outside: `use std::fmt` and then `fmt::Debug`.
                if import.path.first() == Some(first) && import.path.len() == 1 {
                    return None;
                }
                let whole = [&import.path[..], rest].concat();
                self.find(from, &whole, steps + 1)
            }
        }
    }

    /// Follows a path down from a module.
    fn walk(&self, start: &[String], path: &[String], steps: usize) -> Option<(Path, bool)> {
        let Some(first) = path.first() else {
            return Some((start.to_vec(), true));
        };
        if first == "super" {
            return self.walk(start.split_last()?.1, &path[1..], steps);
        }
        let module = &self.modules[start];
        let child = [start, std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&child) {
            return self.walk(&child, &path[1..], steps);
        }
        if steps > MOST_STEPS {
            return None;
        }
        if let Some(import) = module.imports.iter().find(|import| import.name == *first) {
            let whole = [&import.path[..], &path[1..]].concat();
            return self.find(start, &whole, steps + 1);
        }
        if !module.items.contains(first) {
            let globs = module.imports.iter().filter(|import| import.name == "*");
            for glob in globs {
                if let Some((target, true)) = self.find(start, &glob.path, steps + 1)
                    && self.modules[&target].items.contains(first)
                {
                    return Some((target, false));
                }
            }
        }
        Some((start.to_vec(), false))
    }
}

/// The sets of modules that import each other, straight or through others.
pub(crate) fn circles(edges: &Edges) -> Vec<BTreeSet<Path>> {
    let mut reached: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for (from, _) in edges.keys() {
        reached.entry(from).or_insert_with(|| reach(edges, from));
    }
    let mut found: Vec<BTreeSet<Path>> = Vec::new();
    for (from, all) in &reached {
        if !all.contains(*from) || found.iter().any(|circle| circle.contains(*from)) {
            continue;
        }
        let is_beside =
            |other: &&&Path| reached.get(**other).is_some_and(|all| all.contains(*from));
        found.push(
            all.iter()
                .filter(is_beside)
                .map(|path| (*path).clone())
                .collect(),
        );
    }
    found
}

/// All modules that one imports, straight or through others.
fn reach<'a>(edges: &'a Edges, from: &Path) -> BTreeSet<&'a Path> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(next) = waiting.pop() {
        let targets = edges.keys().filter(|(from, _)| from == next);
        for (_, to) in targets {
            if found.insert(to) {
                waiting.push(to);
            }
        }
    }
    found
}
