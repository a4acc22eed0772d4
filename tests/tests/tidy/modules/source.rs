//! Reads what one source file declares and which paths it names, macros included: by its tokens, as
//! no parser looks into a macro's argument.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path's segments, as written: `crate::a::B` or `a::B`.
pub(crate) type Path = Vec<String>;

/// What one module holds. Code that only tests see is left out.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Its own modules: their names, and what they hold where they stand in the same file.
    pub(crate) children: Vec<(String, Option<Module>)>,
    /// What `use` brings in.
    pub(crate) imports: Vec<Import>,
    /// Every other path, also those of one segment.
    pub(crate) mentions: Vec<Path>,
    /// The names of its items.
    pub(crate) items: Vec<String>,
}

/// One name that `use` brings in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Path,
    /// The name here; `*` stands for all names.
    pub(crate) name: String,
    /// Whether others may find it here.
    pub(crate) is_public: bool,
}

/// The keywords that a named item follows.
const ITEMS: [&str; 8] = [
    "fn", "struct", "enum", "union", "trait", "type", "const", "static",
];

impl Module {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The text is no Rust.
    pub(crate) fn parse(text: &str) -> Result<Self, proc_macro2::LexError> {
        let mut module = Self::default();
        module.read(text.parse()?);
        Ok(module)
    }

    /// Every path here and in modules that stand in the same file, as `use` and the code name them.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        let own = self.imports.iter().map(|import| &import.path);
        let inner = self.children.iter().filter_map(|(_, body)| body.as_ref());
        own.chain(&self.mentions)
            .chain(inner.flat_map(Self::paths))
            .collect()
    }

    /// The words of all paths.
    pub(crate) fn names(&self) -> Vec<String> {
        self.paths().into_iter().flatten().cloned().collect()
    }

    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.read_next(&tokens, at);
        }
    }

    /// Reads what stands at `at`, and returns where the next thing starts.
    fn read_next(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if is_for_tests(tokens, at) {
            return end_of_item(tokens, at + 2);
        }
        match &tokens[at] {
            TokenTree::Group(group) => self.read(group.stream()),
            TokenTree::Ident(word) if word == "use" => return self.read_use(tokens, at),
            TokenTree::Ident(word) if word == "mod" => return self.read_mod(tokens, at),
            TokenTree::Ident(word) => {
                let word = plain(&word.to_string());
                let name = name_at(tokens, at + 1);
                if ITEMS.contains(&word.as_str()) {
                    self.items.extend(name);
                }
                return self.read_path(tokens, at);
            }
            _ => {}
        }
        at + 1
    }

    fn read_mod(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let Some(name) = name_at(tokens, at + 1) else {
            return at + 1;
        };
        let body = match tokens.get(at + 2) {
            Some(TokenTree::Group(group)) => {
                let mut inner = Self::default();
                inner.read(group.stream());
                Some(inner)
            }
            _ => None,
        };
        self.children.push((name, body));
        at + 3
    }

    fn read_use(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        // Within `impl Trait + use<'a>` it is another keyword.
        if is_punct(tokens.get(at + 1), '<') {
            return at + 1;
        }
        let end = end_of_item(tokens, at);
        let is_public = is_public(tokens, at);
        read_tree(&tokens[at + 1..end], &[], &mut |path, name| {
            self.imports.push(Import {
                path,
                name,
                is_public,
            });
        });
        end
    }

    /// Reads `a::b::c`, from its first segment on.
    fn read_path(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let mut path = vec![plain(&tokens[at].to_string())];
        let mut next = at + 1;
        while is_colons(tokens, next)
            && let Some(name) = name_at(tokens, next + 2)
        {
            path.push(name);
            next += 3;
        }
        let is_outside = at >= 2 && is_colons(tokens, at - 2);
        let is_field = at >= 1 && is_punct(tokens.get(at - 1), '.');
        if !is_outside && !is_field {
            self.mentions.push(path);
        }
        next
    }
}

/// Reads what follows `use`, or stands in its braces.
fn read_tree(tokens: &[TokenTree], start: &[String], found: &mut impl FnMut(Path, String)) {
    for branch in tokens.split(|token| is_punct(Some(token), ',')) {
        let mut path = start.to_vec();
        let mut name = None;
        let mut at = 0;
        while let Some(token) = branch.get(at) {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = name_at(branch, at + 1);
                    break;
                }
                TokenTree::Ident(word) => path.push(plain(&word.to_string())),
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    read_tree(&inner, &path, found);
                    path.clear();
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => name = Some("*".to_owned()),
                _ => {}
            }
            at += 1;
        }
        // `a::{self}` brings in `a`.
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(name) = name.or_else(|| path.last().cloned())
            && !path.is_empty()
        {
            found(path, name);
        }
    }
}

/// Whether an attribute starts here that hides what follows from all but tests.
fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    let (true, Some(TokenTree::Group(attribute))) =
        (is_punct(tokens.get(at), '#'), tokens.get(at + 1))
    else {
        return false;
    };
    let inner: Vec<_> = attribute.stream().into_iter().collect();
    match inner.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(group)] if name == "cfg" => {
            needs_test(&group.stream().into_iter().collect::<Vec<_>>())
        }
        _ => false,
    }
}

/// Whether a condition holds only in tests: `test` or `all(test, …)`.
fn needs_test(condition: &[TokenTree]) -> bool {
    match condition {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(group)] if word == "all" => {
            let inner: Vec<_> = group.stream().into_iter().collect();
            inner
                .split(|token| is_punct(Some(token), ','))
                .any(needs_test)
        }
        _ => false,
    }
}

/// The place behind the item that starts at `at`, with its further attributes.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let is_use = tokens[at..]
        .iter()
        .take_while(|token| !is_end(token))
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "use"));
    let end = tokens[at..].iter().position(|token| {
        // The braces of `use a::{b, c};` do not end it.
        is_end(token) && !(is_use && matches!(token, TokenTree::Group(_)))
    });
    end.map_or(tokens.len(), |end| at + end + 1)
}

/// Whether `pub` or `pub(…)` stands before `at`.
fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|place| &tokens[place]);
    let is_pub =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if word == "pub");
    is_pub(before(1))
        || (matches!(before(1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
            && is_pub(before(2)))
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn name_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at)? {
        TokenTree::Ident(name) => Some(plain(&name.to_string())),
        _ => None,
    }
}

/// A name without the mark of a raw one.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let module = Module::parse(text).unwrap();
        let imports = module
            .imports
            .iter()
            .map(|import| format!("{} as {}", import.path.join("::"), import.name));
        let mentions = module
            .mentions
            .iter()
            .filter(|path| path.len() > 1)
            .map(|path| path.join("::"));
        imports.chain(mentions).collect()
    }

    #[test]
    fn every_form_of_use_is_read() {
        let text = "use a::b; pub(crate) use a::{c, d::{self, E as F}, g::*}; use {h, i::j};";
        let expected = [
            "a::b as b",
            "a::c as c",
            "a::d as d",
            "a::d::E as F",
            "a::g as *",
            "h as h",
            "i::j as j",
        ];
        assert_eq!(paths(text), expected);
        let module = Module::parse(text).unwrap();
        let public: Vec<_> = module
            .imports
            .iter()
            .filter(|import| import.is_public)
            .map(|import| import.name.as_str())
            .collect();
        assert_eq!(public, ["c", "d", "F", "*"]);
    }

    #[test]
    fn paths_are_found_in_bodies_types_and_macros() {
        let text = "fn f(x: crate::a::T) -> super::B { html! { p { (self::c::d(x.e)) } }; ::std::g::h::<i::J>() }";
        let expected = ["crate::a::T", "super::B", "self::c::d", "i::J"];
        assert_eq!(paths(text), expected);
    }

    #[test]
    fn what_only_tests_see_is_left_out() {
        let text = "#[cfg(test)] use a::{b, c}; #[cfg(all(test, unix))] mod tests { use d::e; } #[test] fn f() { g::h() } \
            #[cfg(test)] mod more; #[cfg(not(test))] use i::j; mod real; mod inner { use k::l; }";
        assert_eq!(paths(text), ["i::j as j"]);
        let module = Module::parse(text).unwrap();
        let names: Vec<_> = module.children.iter().map(|child| &child.0).collect();
        assert_eq!(names, ["real", "inner"]);
        let inner = module.children[1].1.as_ref().unwrap();
        assert_eq!(inner.imports.len(), 1);
    }

    #[test]
    fn items_are_known_by_name() {
        let text = "pub fn a() {} struct B; const C: u8 = 1; impl B { fn d() {} } fn r#type() {}";
        assert_eq!(
            Module::parse(text).unwrap().items,
            ["a", "B", "C", "d", "type"]
        );
    }
}
