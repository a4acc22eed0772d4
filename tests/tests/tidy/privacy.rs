//! docs/PRIVACY.md names every table of the server's stores, and every column that holds something of
//! somebody.

use std::collections::BTreeSet;

use crate::assert_kept;
use crate::repository::{self, Source};

const PAGE: &str = "docs/PRIVACY.md";

/// Tables of a store's own: which version it has, how late it is, which batches it got. The page has
/// one row for all of them.
const OWN: [&str; 8] = [
    "migrations",
    "refused",
    "segment_hours",
    "server",
    "server_keys",
    "servers",
    "state",
    "store",
];

/// Types in SQL of either store.
const TYPES: [&str; 7] = [
    "BIGINT", "BLOB", "BOOLEAN", "BYTEA", "INTEGER", "SMALLINT", "TEXT",
];

/// The tables that the SQL in `text` creates, each with its columns; those that it adds to a table
/// later stand under an empty name.
fn tables(text: &str) -> Vec<(String, Vec<String>)> {
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    let mut is_inside = false;
    for line in text.lines().map(str::trim) {
        let words: Vec<&str> = line
            .split([' ', '(', ',', ';'])
            .filter(|word| !word.is_empty())
            .collect();
        let name_behind = |place: usize| {
            let rest = words.get(place..).unwrap_or_default();
            let name = rest
                .iter()
                .find(|word| !["IF", "NOT", "EXISTS"].contains(word));
            name.map(|name| (*name).to_owned())
        };
        let added = words.windows(2).position(|pair| pair == ["ADD", "COLUMN"]);
        if let Some(column) = added
            .and_then(|place| name_behind(place + 2))
            .filter(|name| !name.starts_with('{'))
        {
            tables.push((String::new(), vec![column]));
        } else if words.starts_with(&["CREATE", "TABLE"]) {
            let name = name_behind(2).unwrap_or_default();
            if !name.starts_with('{') && !words.contains(&"PARTITION") {
                tables.push((name, Vec::new()));
                is_inside = true;
                // A table of one line has its columns there.
                let columns = line.split_once('(').map_or("", |(_, columns)| columns);
                for column in columns.split(',') {
                    add(&mut tables, &column.split_whitespace().collect::<Vec<_>>());
                }
            }
        } else if is_inside {
            add(&mut tables, &words);
        }
        is_inside &= !line.contains(';');
    }
    tables
}

/// Adds a column to the last table, if `words` begin with one.
fn add(tables: &mut [(String, Vec<String>)], words: &[&str]) {
    if let ([name, kind, ..], Some((_, columns))) = (words, tables.last_mut())
        && TYPES.contains(&kind.to_uppercase().as_str())
    {
        columns.push((*name).to_owned());
    }
}

/// One line for each table and column that `page` does not name.
fn unnamed(sources: &[Source], page: &str) -> Vec<String> {
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let store = sources.iter().filter(|source| {
        source.path.starts_with("crates/server/src/store/")
            && source.has_extension(&["rs", "sql"])
            && !source.path.contains("tests")
    });
    let mut missing = BTreeSet::new();
    for (table, columns) in store.flat_map(|source| tables(&source.text)) {
        if !table.is_empty() && !named.contains(table.as_str()) {
            missing.insert(format!("{PAGE}: the table {table} is not named"));
        }
        if OWN.contains(&table.as_str()) {
            continue;
        }
        for column in columns
            .iter()
            .filter(|column| !named.contains(column.as_str()))
        {
            missing.insert(format!(
                "{PAGE}: the column {column} of {table} is not named"
            ));
        }
    }
    missing.into_iter().collect()
}

#[test]
fn what_is_stored_is_named() {
    let sources = repository::sources();
    let found: usize = sources
        .iter()
        .filter(|source| source.path.starts_with("crates/server/src/store/"))
        .flat_map(|source| tables(&source.text))
        .map(|(_, columns)| columns.len())
        .sum();
    assert!(found > 60, "{found}");
    assert_kept(&unnamed(&sources, &repository::read(PAGE)));
}

#[test]
fn what_nobody_was_told_of_is_found() {
    let sql = "CREATE TABLE IF NOT EXISTS opens (\n  account BIGINT NOT NULL,\n  address TEXT,\n);\n\
        ALTER TABLE opens ADD COLUMN agent TEXT;\nCREATE TABLE graves (account BIGINT PRIMARY KEY);\n\
        CREATE TABLE server (id BLOB NOT NULL) STRICT;\nCREATE TABLE {table} (LIKE opens);\n\
        CREATE TABLE opens_else PARTITION OF opens DEFAULT;";
    let sources = [Source::new("crates/server/src/store/new.sql", sql)];
    let page = "| `opens` | `account` | the account | `server` |";
    assert_eq!(
        unnamed(&sources, page),
        [
            "docs/PRIVACY.md: the column address of opens is not named",
            "docs/PRIVACY.md: the column agent of  is not named",
            "docs/PRIVACY.md: the table graves is not named",
        ]
    );
}
