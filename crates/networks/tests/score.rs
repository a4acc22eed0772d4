//! How far the verdicts agree with labelled fetches: the figures of docs/ACCURACY.md.
//!
//! `labelled.jsonl` and `second.jsonl` are the project's own sets; the rules of version 2 were not
//! written from the second. One beside the repository, where there is one, is judged as well. All
//! join documented user agents to documented networks; none is traffic.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use kaifu_core::fetch::{
    Claim, Class, Fetch, PURPOSE_HEADERS, announces_prefetch, browser, classify, rules,
};
use kaifu_core::state::{Event, EventKind, Program, Reader, Sent, View, judge};
use kaifu_core::time::Millis;
use kaifu_networks::{Files, Tables, parse_address};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What a row of a set is, and what is said of it.
struct Scored {
    id: String,
    label: String,
    truth: Claim,
    claim: Claim,
    class: Class,
    reason: &'static str,
    /// No rule and no list names the agent, so that only its shape and network were judged.
    unnamed: bool,
}

fn claim(text: &str) -> Claim {
    match text {
        "likely" => Claim::Likely,
        "no" => Claim::No,
        _ => Claim::Unknown,
    }
}

/// Judges a row as the server and then the browser do.
fn score(row: &Value, tables: &Tables) -> Scored {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let seconds = |value: &Value, name: &str| value[name].as_i64();
    let context = &row["context"];
    let header = |name: &str| row["headers"][name].as_str().unwrap_or_default();
    let ip = text(row, "ip");
    let user_agent = text(row, "ua");
    let verdict = classify(&Fetch {
        head: text(row, "method") == "HEAD",
        user_agent: &user_agent,
        prefetch: PURPOSE_HEADERS
            .iter()
            .any(|name| announces_prefetch(header(name))),
        accepts_page: header("accept").starts_with("text/html"),
        listed_bot: tables.is_listed_bot(&user_agent),
        from_sender: !ip.is_empty() && text(context, "sender_ip") == ip,
        network: parse_address(&ip).and_then(|address| tables.network(address)),
    });
    let sent = Millis(1_000_000_000);
    let at = sent.plus(1_000 * seconds(row, "seconds_after_send").unwrap_or(3_600));
    let event = Event {
        kind: EventKind::Pixel,
        at,
        class: verdict.class,
        claim: verdict.claim,
        reason: kaifu_core::fetch::Reason::from_code(verdict.reason),
        reader: Some(Reader::new(&ip)),
        program: (verdict.client.zip(verdict.device))
            .map(|(client, device)| Program::new(client, device)),
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
        })
        .into_iter()
        .collect();
    let judged = judge(
        &Sent {
            at: sent,
            own_browser: browser(&text(context, "sender_ua"))
                .map(|(client, device)| Program::new(client, device)),
            ..Sent::default()
        },
        &events,
        &views,
    )
    .events[0];
    Scored {
        id: text(row, "id"),
        label: text(row, "label"),
        truth: claim(&text(row, "opened")),
        claim: judged.claim,
        class: verdict.class,
        reason: judged.reason.code(),
        unnamed: rules::is_unnamed(&user_agent) && !tables.is_listed_bot(&user_agent),
    }
}

/// The shares that the targets are about.
struct Shares {
    opens: usize,
    kept: usize,
    machines: usize,
    claimed: usize,
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
    }
}

fn report(name: &str, rows: &[Scored]) -> String {
    let mut text = format!("{name}: {} rows\n", rows.len());
    let claims = [Claim::Likely, Claim::Unknown, Claim::No];
    text += "  truth \\ said   likely unknown      no\n";
    for truth in claims {
        let counts = claims.map(|claim| {
            rows.iter()
                .filter(|row| row.truth == truth && row.claim == claim)
                .count()
        });
        let [likely, unknown, no] = counts;
        let truth = format!("{truth:?}");
        writeln!(text, "  {truth:<12} {likely:>8} {unknown:>7} {no:>7}").unwrap();
    }
    let unnamed = rows.iter().filter(|row| row.unnamed);
    for (part, shares) in [
        ("all", shares(&rows.iter())),
        ("agents that no rule names", shares(&unnamed)),
    ] {
        let Shares {
            opens,
            kept,
            machines,
            claimed,
        } = shares;
        writeln!(
            text,
            "  {part}: {kept} of {opens} opens kept, {claimed} of {machines} machine or own fetches claimed"
        )
        .unwrap();
    }
    for row in rows.iter().filter(|row| row.truth != row.claim) {
        let Scored {
            id,
            label,
            truth,
            claim,
            class,
            reason,
            ..
        } = row;
        writeln!(
            text,
            "  {id} {label}: {truth:?}, said {claim:?} ({class:?}, {reason})"
        )
        .unwrap();
    }
    text
}

fn read(path: &Path) -> Option<Vec<Value>> {
    let text = fs::read_to_string(path).ok()?;
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    Some(
        rows.map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

#[test]
fn the_targets_are_met() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../..");
    let mut sets: Vec<(String, PathBuf)> = vec![
        ("first set".to_owned(), here.join("tests/labelled.jsonl")),
        ("second set".to_owned(), here.join("tests/second.jsonl")),
    ];
    // A set of one's own: one JSON object on each line, with the fields that `score` reads.
    let beside = root.join("../shared/open-corpus");
    let more = std::env::var_os("KAIFU_CORPUS").map_or(beside, PathBuf::from);
    let mut files: Vec<PathBuf> = fs::read_dir(&more)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        println!("skipped: no larger set in {}", more.display());
    }
    sets.extend(files.into_iter().map(|path| {
        (
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            path,
        )
    }));

    let optional = Files::within(&root.join("target/networks"));
    let mut tables = vec![("built-in tables", Tables::built_in())];
    if optional.networks.exists() {
        tables.push(("all tables", Tables::load(&optional).unwrap()));
    } else {
        println!("skipped: no table of all networks; crates/networks/refresh.sh makes it");
    }
    for (set, path) in &sets {
        let rows = read(path).unwrap();
        assert!(!rows.is_empty(), "{set} is empty");
        for (name, tables) in &tables {
            let scored: Vec<Scored> = rows.iter().map(|row| score(row, tables)).collect();
            println!("{}", report(&format!("{set}, {name}"), &scored));
            let Shares {
                opens,
                kept,
                claimed,
                ..
            } = shares(&scored.iter());
            assert_eq!(
                claimed, 0,
                "{set}, {name}: machine or own fetches are claimed as opens"
            );
            assert!(
                kept * 100 >= opens * 97,
                "{set}, {name}: {kept} of {opens} opens kept"
            );
        }
    }
}
