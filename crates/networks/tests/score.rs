//! How far the verdicts agree with labelled fetches: the figures of docs/ACCURACY.md.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod scored;

use kaifu_core::fetch::Claim;
use scored::{CLAIMS, Scored, Shares, differences, parts, said, score, sets, tables};
use std::fmt::Write as _;

fn report(name: &str, rows: &[Scored]) -> String {
    let mut text = format!("{name}: {} rows\n", rows.len());
    text += "  truth \\ said   likely unknown      no\n";
    for truth in CLAIMS {
        let [likely, unknown, no] = said(rows, truth);
        let truth = format!("{truth:?}");
        writeln!(text, "  {truth:<12} {likely:>8} {unknown:>7} {no:>7}").unwrap();
    }
    for (part, shares) in parts(rows) {
        let Shares { opens, kept, .. } = shares;
        let (claimed, machines) = (shares.claimed, shares.machines);
        let (guessed, unknown) = (shares.guessed, shares.unknown);
        writeln!(
            text,
            "  {part}: {kept} of {opens} opens kept, {claimed} of {machines} machine or own fetches claimed, {guessed} of {unknown} that cannot be told claimed"
        )
        .unwrap();
    }
    for line in differences(rows) {
        writeln!(text, "  {line}").unwrap();
    }
    text
}

#[test]
fn the_targets_are_met() {
    for (set, rows) in sets() {
        assert!(!rows.is_empty(), "{set} is empty");
        for (name, tables) in tables() {
            let scored: Vec<Scored> = rows.iter().map(|row| score(row, &tables)).collect();
            println!("{}", report(&format!("{set}, {name} tables"), &scored));
            // What real programs sent, and what was composed from documents, are held to laws of
            // their own.
            for row in scored.iter().filter(|row| row.captured) {
                assert_captured(&set, row);
            }
            let composed: Vec<Scored> = scored.into_iter().filter(|row| !row.captured).collect();
            let [(_, all), _] = parts(&composed);
            assert_eq!(
                all.claimed, 0,
                "{set}, {name}: machine or own fetches are claimed as opens"
            );
            assert!(
                all.kept * 100 >= all.opens * 97,
                "{set}, {name}: {} of {} opens kept",
                all.kept,
                all.opens
            );
        }
    }
}

/// No person is called none, every open is kept that can be told from a script's request, and of
/// machines only those are claimed that drive a real browser under its name.
fn assert_captured(set: &str, row: &Scored) {
    let Scored {
        id, label, reason, ..
    } = row;
    match row.truth {
        Claim::Likely if row.nameless => {
            assert_eq!(row.claim, Claim::Unknown, "{set} {id} {label}: {reason}");
        }
        Claim::Likely => assert_eq!(row.claim, Claim::Likely, "{set} {id} {label}: {reason}"),
        Claim::Unknown => assert_eq!(row.claim, Claim::Unknown, "{set} {id} {label}: {reason}"),
        Claim::No => assert!(
            row.claim < Claim::Likely || row.hides,
            "{set} {id} {label}: {reason}"
        ),
    }
}
