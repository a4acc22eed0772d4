//! How far the verdicts agree with labelled fetches: the figures of docs/ACCURACY.md.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod scored;

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
            let [
                (
                    _,
                    Shares {
                        opens,
                        kept,
                        claimed,
                        ..
                    },
                ),
                _,
            ] = parts(&scored);
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
