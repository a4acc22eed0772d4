//! Judges user agents from standard input, one on each line, optionally with an address before it
//! and a tab between; prints claim, reason, class and the agent.

use kaifu_core::fetch::{Fetch, classify};
use kaifu_networks::{Files, Tables, parse_address};
use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Without a directory of tables, only the rules judge, as if no list of robots were there.
    let directory = std::env::args().nth(1);
    let tables = match &directory {
        Some(directory) => Tables::load(&Files::within(Path::new(directory)))?,
        None => Tables::built_in(),
    };
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let line = line?;
        let (address, user_agent) = line.split_once('\t').unwrap_or(("", &line));
        let verdict = classify(&Fetch {
            user_agent,
            listed_bot: directory.is_some() && tables.is_listed_bot(user_agent),
            network: parse_address(address).and_then(|address| tables.network(address)),
            ..Fetch::default()
        });
        writeln!(
            out,
            "{:?}\t{}\t{:?}\t{user_agent}",
            verdict.claim,
            verdict.reason.code(),
            verdict.class
        )?;
    }
    Ok(())
}
