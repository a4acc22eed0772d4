//! What is said of labelled fetches: each line is a name, a value and its unit. The matrices have a
//! line for each truth and claim; tests/bench/verdicts.mjs has the same for two lists of robots.

#![expect(clippy::unwrap_used, reason = "a failed step of a benchmark ends it")]

#[path = "../tests/scored/mod.rs"]
mod scored;

use scored::{CLAIMS, Scored, differences, parts, said, score, sets, tables};

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    for (set, rows) in sets() {
        for (name, tables) in tables() {
            let scored: Vec<Scored> = rows.iter().map(|row| score(row, &tables)).collect();
            let name = format!("verdicts_{set}_{name}");
            for truth in CLAIMS {
                for (claim, count) in CLAIMS.iter().zip(said(&scored, truth)) {
                    let cell = format!("{truth:?}_said_{claim:?}").to_lowercase();
                    println!("{name}_{cell} {count} rows");
                }
            }
            for line in differences(&scored) {
                println!("# {line}");
            }
            for (part, shares) in parts(&scored) {
                println!(
                    "{name}_{part}_opens_kept {}/{} rows",
                    shares.kept, shares.opens
                );
                println!(
                    "{name}_{part}_machines_claimed {}/{} rows",
                    shares.claimed, shares.machines
                );
                println!(
                    "{name}_{part}_unknown_claimed {}/{} rows",
                    shares.guessed, shares.unknown
                );
            }
        }
    }
}
