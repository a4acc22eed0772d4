//! Judges labelled fetches as the server and then the browser do, and counts.
//!
//! `captured.jsonl` holds what real programs sent; its headers are all that they sent.
//! `labelled.jsonl` and `second.jsonl` are composed: they join documented user agents to documented
//! networks, and what other headers there were is not known. Sets beside the repository, where there
//! are any, are judged as well.

use kaifu_core::clock::Clocks;
use kaifu_core::fetch::{
    Accept, Asked, Claim, Class, Destination, Fetch, PURPOSE_HEADERS, announces_prefetch, chromium,
    classify, is_unnamed,
};
use kaifu_core::state::{Client, Event, EventKind, Program, Reader, Sent, View, judge};
use kaifu_core::time::Millis;
use kaifu_networks::{Files, Tables, parse_address};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What a row of a set is, and what is said of it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the row"
)]
pub(crate) struct Scored {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) truth: Claim,
    pub(crate) claim: Claim,
    pub(crate) class: Class,
    pub(crate) reason: &'static str,
    /// No rule and no list names the agent, so that only its shape and network were judged.
    pub(crate) unnamed: bool,
    /// What was sent is known to the last header.
    pub(crate) captured: bool,
    /// Nothing in it tells a person from a script: it has no user agent.
    pub(crate) nameless: bool,
    /// A real browser, driven by a machine under a browser's name.
    pub(crate) hides: bool,
}

/// The headers of a row, by their names in lower case.
struct Headers {
    all: Vec<(String, String)>,
    /// Whether one that is missing here was missing on the wire.
    are_all: bool,
}

impl Headers {
    fn of(row: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = match &row["headers"] {
            Value::Array(pairs) => pairs
                .iter()
                .map(|pair| (text(&pair[0]).to_lowercase(), text(&pair[1])))
                .collect(),
            Value::Object(named) => named
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            _ => Vec::new(),
        };
        let are_all = row["headers"].is_array() || row["provenance"]["headers"] == "captured";
        Self { all, are_all }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.all.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn accept(&self) -> Accept {
        let value = self.get("accept");
        if value.is_none() && !self.are_all {
            Accept::NotKnown
        } else {
            Accept::of(value.map(str::as_bytes))
        }
    }

    fn destination(&self) -> Destination {
        if self.are_all {
            Destination::of(self.get("sec-fetch-dest").map(str::as_bytes))
        } else {
            Destination::NotKnown
        }
    }
}

fn claim(text: &str) -> Claim {
    match text {
        "likely" | "person" => Claim::Likely,
        "no" | "machine" => Claim::No,
        _ => Claim::Unknown,
    }
}

/// Judges a row as the server and then the browser do.
pub(crate) fn score(row: &Value, tables: &Tables) -> Scored {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let seconds = |value: &Value, name: &str| value[name].as_i64();
    let context = &row["context"];
    let headers = Headers::of(row);
    let ip = text(row, "ip");
    let named = text(row, "ua");
    let user_agent = headers.get("user-agent").map_or(named, str::to_owned);
    let is_link = text(row, "asked") == "link" || text(row, "kind") == "link";
    let verdict = classify(&Fetch {
        asked: if is_link { Asked::Link } else { Asked::Image },
        head: text(row, "method") == "HEAD",
        user_agent: &user_agent,
        prefetch: PURPOSE_HEADERS
            .iter()
            .any(|name| headers.get(name).is_some_and(announces_prefetch)),
        accept: headers.accept(),
        destination: headers.destination(),
        listed_bot: tables.is_listed_bot(&user_agent),
        from_sender: !ip.is_empty() && text(context, "sender_ip") == ip,
        network: parse_address(&ip).and_then(|address| tables.network(address)),
    });
    let sent = Millis(1_000_000_000);
    let at = sent.plus(1_000 * seconds(row, "seconds_after_send").unwrap_or(3_600));
    let event = Event {
        id: None,
        of: None,
        kind: if is_link {
            EventKind::Link
        } else {
            EventKind::Pixel
        },
        at,
        class: verdict.class,
        claim: verdict.claim,
        reason: Some(verdict.reason),
        reader: Some(Reader::new(&ip)),
        client: verdict.client.map(Client::new),
        program: (verdict.client.zip(verdict.device))
            .map(|(client, device)| Program::new(client, device)),
        clocks: Clocks::default(),
        others: 0,
    };
    let mut events = vec![event];
    let links = seconds(context, "links_hit_within_2s").unwrap_or(0);
    events.extend((0..links).map(|_| Event {
        kind: EventKind::Link,
        ..event
    }));
    if let Some(ago) = seconds(context, "previous_hit_seconds_ago") {
        events.push(Event {
            at: at.plus(-1_000 * ago),
            ..event
        });
    }
    let views: Vec<View> = seconds(context, "sender_view_seconds_ago")
        .map(|ago| View {
            at: at.plus(-1_000 * ago),
            clocks: Clocks::default(),
        })
        .into_iter()
        .collect();
    let judged = judge(
        &Sent {
            at: sent,
            own_browser: chromium(&text(context, "sender_ua"))
                .map(|(client, device)| Program::new(client, device)),
            ..Sent::default()
        },
        &events,
        &views,
    )
    .events[0];
    Scored {
        id: text(row, "id"),
        label: text(row, "label") + &text(row, "program"),
        truth: claim(&(text(row, "opened") + &text(row, "who"))),
        claim: judged.claim,
        class: verdict.class,
        reason: judged.reason.code(),
        unnamed: is_unnamed(&user_agent) && !tables.is_listed_bot(&user_agent),
        captured: headers.are_all,
        nameless: user_agent.is_empty(),
        hides: row["hides"] == true || headers.are_all && text(row, "label") == "scanner",
    }
}

/// The shares that the targets are about.
#[derive(Clone, Copy)]
pub(crate) struct Shares {
    pub(crate) opens: usize,
    pub(crate) kept: usize,
    pub(crate) machines: usize,
    pub(crate) claimed: usize,
    pub(crate) unknown: usize,
    pub(crate) guessed: usize,
}

fn shares<'a>(rows: &(impl Iterator<Item = &'a Scored> + Clone)) -> Shares {
    let count = |truth, claim: Option<Claim>| {
        rows.clone()
            .filter(|row| row.truth == truth && claim.is_none_or(|claim| row.claim == claim))
            .count()
    };
    Shares {
        opens: count(Claim::Likely, None),
        kept: count(Claim::Likely, Some(Claim::Likely)),
        machines: count(Claim::No, None),
        claimed: count(Claim::No, Some(Claim::Likely)),
        unknown: count(Claim::Unknown, None),
        guessed: count(Claim::Unknown, Some(Claim::Likely)),
    }
}

/// The shares of all rows, and of those with agents that no rule names.
pub(crate) fn parts(rows: &[Scored]) -> [(&'static str, Shares); 2] {
    let unseen = rows.iter().filter(|row| row.unnamed);
    [("all", shares(&rows.iter())), ("unseen", shares(&unseen))]
}

/// All claims, in the order of the matrices.
pub(crate) const CLAIMS: [Claim; 3] = [Claim::Likely, Claim::Unknown, Claim::No];

/// How many rows that are `truth` are said to be each of [`CLAIMS`].
pub(crate) fn said(rows: &[Scored], truth: Claim) -> [usize; 3] {
    CLAIMS.map(|claim| {
        let is_it = |row: &&Scored| row.truth == truth && row.claim == claim;
        rows.iter().filter(is_it).count()
    })
}

/// A line for each row of which something else is said than is true.
pub(crate) fn differences(rows: &[Scored]) -> impl Iterator<Item = String> {
    let differ = rows.iter().filter(|row| row.truth != row.claim);
    differ.map(|row| {
        let Scored {
            id,
            label,
            truth,
            claim,
            class,
            reason,
            ..
        } = row;
        let note = match row {
            Scored { hides: true, .. } => ", a real browser under a browser's name",
            Scored { nameless: true, .. } => ", which does not say what it is",
            _ => "",
        };
        let from = if row.captured { "captured" } else { "composed" };
        format!("{id} {label}: {truth:?}, said {claim:?} ({class:?}, {reason}; {from}{note})")
    })
}

/// Every set by its name, as JSON lines with the fields that [`score`] reads.
pub(crate) fn sets() -> Vec<(String, Vec<Value>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A set of one's own may be named.
    let beside = here.join("../../../shared/open-corpus");
    let beside = std::env::var_os("KAIFU_CORPUS").map_or(beside, PathBuf::from);
    let mut paths: Vec<PathBuf> = fs::read_dir(&beside)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    paths.sort();
    let own =
        ["captured", "labelled", "second"].map(|name| here.join(format!("tests/{name}.jsonl")));
    own.iter()
        .chain(&paths)
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            (name.into_owned(), read(path))
        })
        .collect()
}

/// The built-in tables and, where they have been made, all tables.
pub(crate) fn tables() -> Vec<(&'static str, Tables)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let optional = Files::within(&root.join("target/networks"));
    let mut tables = vec![("built_in", Tables::built_in())];
    if optional.networks.exists() {
        tables.push(("all", Tables::load(&optional).unwrap()));
    }
    tables
}

fn read(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    rows.map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
