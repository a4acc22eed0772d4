//! Makes the tables from the packages that they come from; `refresh.sh` calls it.

use kaifu_core::fetch::{Country, ROLES};
use kaifu_networks::{Agents, FullBuilder};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

const USAGE: &str = "usage: kaifu-networks named ASN_PACKAGE OUT\n       \
    kaifu-networks full ASN_PACKAGE COUNTRY_PACKAGE OUT\n       \
    kaifu-networks agents CRAWLER_PACKAGE OUT";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["named", asn, out] => named(Path::new(asn)).and_then(|text| write(out, text.as_bytes())),
        ["full", asn, country, out] => {
            full(Path::new(asn), Path::new(country)).and_then(|bytes| write(out, &bytes))
        }
        ["agents", crawlers, out] => {
            agents(Path::new(crawlers)).and_then(|text| write(out, text.as_bytes()))
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes beside the old file and then replaces it, so that a server never reads half a table.
fn write(path: &str, bytes: &[u8]) -> Result<(), String> {
    let temporary = format!("{path}.new");
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| format!("cannot write {path}: {error}"))?;
    eprintln!("{path}: {} bytes", bytes.len());
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// A package's name, version and licence, for the head of a file made from it.
fn attribution(package: &Path) -> Result<String, String> {
    let text = read(&package.join("package.json"))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("package.json: {error}"))?;
    let field = |name| {
        json.get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or("unknown")
    };
    Ok(format!(
        "{} {}, licence: {}",
        field("name"),
        field("version"),
        field("license")
    ))
}

/// The first address, last address, third field and the rest of each row.
fn rows(path: &Path) -> Result<Vec<(IpAddr, IpAddr, String, String)>, String> {
    let text = read(path)?;
    text.lines()
        .map(|line| {
            let mut fields = line.splitn(4, ',');
            let mut next = || fields.next().unwrap_or_default();
            let parsed = (next().parse(), next().parse(), next(), next());
            match parsed {
                (Ok(first), Ok(last), value, rest) => {
                    Ok((first, last, value.to_owned(), rest.to_owned()))
                }
                _ => Err(format!("{}: not a row: {line}", path.display())),
            }
        })
        .collect()
}

/// The first address, last address, number and registered name of each network.
fn asn_rows(package: &Path) -> Result<Vec<(IpAddr, IpAddr, u32, String)>, String> {
    let mut all = Vec::new();
    for file in ["asn-ipv4.csv", "asn-ipv6.csv"] {
        for (first, last, asn, name) in rows(&package.join(file))? {
            let asn = asn
                .parse()
                .map_err(|_| format!("{file}: not a number: {asn}"))?;
            all.push((first, last, asn, name));
        }
    }
    Ok(all)
}

/// Words in the registered names of companies that rent servers out. Our own judgement.
const RENTERS: &[&str] = &[
    "host",
    "hosts",
    "hosted",
    "hoster",
    "hosting",
    "webhost",
    "vps",
    "server",
    "servers",
    "datacenter",
    "datacenters",
    "datacentre",
    "colo",
    "colocation",
    "cloud",
    "dedicated",
    "idc",
];

/// What the names of companies have in them that carry people, too, or are judged otherwise.
const CARRIERS: &[&str] = &[
    "telecom",
    "telekom",
    "telefon",
    "mobile",
    "communicat",
    "broadband",
    "cable",
    "wireless",
    "fiber",
    "fibre",
    "fibra",
    "internet service",
    "internet provider",
    "unicom",
    "chinanet",
    "backbone",
    "university",
    "school",
    "bank",
    "government",
    "cloud innovation",
    "zscaler",
    "vpn",
    "m247",
    "datacamp",
    "clouvider",
    "akamai",
    "cloudflare",
    "fastly",
    "security",
    "proton",
];

/// Whether a network of this registered name is one of rented servers.
fn is_of_renter(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name
        .split(|character: char| !character.is_alphanumeric())
        .collect();
    let says_so = words
        .iter()
        .any(|word| RENTERS.contains(word) || word.ends_with("hosting"))
        || words
            .windows(2)
            .any(|pair| pair[0] == "data" && pair[1].starts_with("cent"));
    says_so && !CARRIERS.iter().any(|carrier| name.contains(carrier))
}

/// The networks that the rules name, and those of rented servers.
fn named(package: &Path) -> Result<String, String> {
    let wanted: Vec<u32> = ROLES
        .iter()
        .flat_map(|(_, numbers)| numbers.iter().copied())
        .collect();
    let mut text = format!(
        "# Ranges of the autonomous systems that the rules name: first address, last address, number.\n\
         # 0 stands for all others that rent servers out, going by their registered names.\n\
         # From {}.\n\
         # Data by RouteViews and by DB-IP (https://db-ip.com), CC-BY-4.0; rows chosen and joined.\n",
        attribution(package)?
    );
    let mut last_row: Option<(IpAddr, IpAddr, u32)> = None;
    let mut flush = |row: Option<(IpAddr, IpAddr, u32)>| {
        if let Some((first, last, asn)) = row {
            writeln!(text, "{first},{last},{asn}").expect("a string takes everything");
        }
    };
    for (first, last, asn, name) in asn_rows(package)? {
        let asn = match asn {
            named if wanted.contains(&named) => named,
            _ if is_of_renter(&name) => 0,
            _ => continue,
        };
        match last_row {
            Some((begin, end, number)) if number == asn && follows(end, first) => {
                last_row = Some((begin, last, asn));
            }
            before => {
                flush(before);
                last_row = Some((first, last, asn));
            }
        }
    }
    flush(last_row);
    Ok(text)
}

/// Whether `after` is the next address after `before`.
fn follows(before: IpAddr, after: IpAddr) -> bool {
    match (before, after) {
        (IpAddr::V4(before), IpAddr::V4(after)) => {
            before.to_bits().checked_add(1) == Some(after.to_bits())
        }
        (IpAddr::V6(before), IpAddr::V6(after)) => {
            before.to_bits().checked_add(1) == Some(after.to_bits())
        }
        _ => false,
    }
}

fn full(asn_package: &Path, country_package: &Path) -> Result<Vec<u8>, String> {
    let mut builder = FullBuilder::default();
    for (first, last, asn, name) in asn_rows(asn_package)? {
        if is_of_renter(&name) {
            builder.rented(first, last, asn);
        } else {
            builder.asn(first, last, asn);
        }
    }
    for file in ["asn-country-ipv4.csv", "asn-country-ipv6.csv"] {
        for (first, last, country, _) in rows(&country_package.join(file))? {
            let country =
                Country::new(&country).ok_or_else(|| format!("{file}: no country: {country}"))?;
            builder.country(first, last, country);
        }
    }
    Ok(builder.build().encode())
}

fn agents(package: &Path) -> Result<String, String> {
    let path: PathBuf = package.join("crawler-user-agents.json");
    let json: serde_json::Value = serde_json::from_str(&read(&path)?)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let patterns: Vec<&str> = json
        .as_array()
        .ok_or("the list of robots is no list")?
        .iter()
        .filter_map(|entry| entry.get("pattern")?.as_str())
        .collect();
    let mut pieces: Vec<String> = Vec::new();
    for pattern in &patterns {
        let found = literals(pattern);
        if found.is_empty() {
            eprintln!("left out, as it is no plain text: {pattern}");
        }
        pieces.extend(
            found
                .into_iter()
                .filter(|piece| piece.trim_start_matches('^').len() > 2),
        );
    }
    pieces.sort_unstable();
    pieces.dedup();
    let text = format!(
        "# Pieces of robots' user agents.\n# From {}.\n# Copyright of the list: its authors, \
         https://github.com/monperrus/crawler-user-agents\n{}\n",
        attribution(package)?,
        pieces.join("\n")
    );
    Agents::parse(&text)?;
    Ok(text)
}

/// The texts that a simple regular expression stands for: escapes, `^` and sets of a few letters.
/// None for any other expression.
fn literals(pattern: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut characters = pattern.chars().enumerate();
    while let Some((at, character)) = characters.next() {
        let choices: Vec<char> = match character {
            '^' if at == 0 => vec!['^'],
            '\\' => match characters.next() {
                Some((_, escaped)) if !escaped.is_ascii_alphanumeric() => vec![escaped],
                _ => return Vec::new(),
            },
            '[' => {
                let set: Vec<char> = characters
                    .by_ref()
                    .map(|(_, set)| set)
                    .take_while(|&set| set != ']')
                    .collect();
                if !set.iter().all(char::is_ascii_alphabetic) {
                    return Vec::new();
                }
                set
            }
            '(' | ')' | '|' | '*' | '+' | '?' | '.' | '$' | ']' | '{' | '^' => return Vec::new(),
            plain => vec![plain],
        };
        all = all
            .iter()
            .flat_map(|piece| choices.iter().map(move |choice| format!("{piece}{choice}")))
            .collect();
        if all.len() > 64 {
            return Vec::new();
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_expressions_are_spelled_out() {
        assert_eq!(literals(r"Example\/Bot"), ["Example/Bot"]);
        assert_eq!(literals("^Start"), ["^Start"]);
        assert_eq!(literals("[wW]get"), ["wget", "Wget"]);
        for pattern in ["a|b", r"a\d", "a.b", "[^a]b", "(a)"] {
            assert!(literals(pattern).is_empty(), "{pattern}");
        }
    }

    #[test]
    fn neighbours_are_seen() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(follows(address("192.0.2.255"), address("192.0.3.0")));
        assert!(!follows(address("192.0.2.255"), address("192.0.2.255")));
        assert!(!follows(address("255.255.255.255"), address("::")));
    }
}
