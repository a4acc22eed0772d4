//! What must not be left behind: addresses, user agents, and what is deleted.

use crate::client::{Account, ask, form};
use crate::database::Database;
use crate::process::Server;
use rustix::process::Signal;
use std::fs;
use std::net::IpAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

const AGENT: &str = "Mozilla/5.0 (Q7ZX; Peculiar 4711) Firefox/140.0 Unmistakable/9";
const ADDRESSES: [&str; 2] = ["198.51.100.77", "2001:db8:77:abcd::1234"];

/// Every place where `needle` stands in a file below `dir`.
pub(crate) fn places_of(needle: &[u8], dir: &Path) -> Vec<String> {
    let mut places = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            places.extend(places_of(needle, &path));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(needle.len()).any(|window| window == needle)
        {
            places.push(path.display().to_string());
        }
    }
    places
}

/// Does everything that can be done, from each of the addresses; gives an account that is kept.
fn use_everything(server: &Server) -> Account {
    let witness = Account::create(server.address);
    for address in ADDRESSES {
        let headers = [
            ("user-agent", AGENT),
            ("x-forwarded-for", address),
            ("referer", "https://referring.example/Unmistakable"),
        ];
        let account = Account::create(server.address);
        let visit = |method: &str, target: &str, body: &str| {
            ask(server.address, method, target, &headers, body);
        };
        for _ in 0..35 {
            visit("GET", &account.pixel(1), "");
        }
        visit("HEAD", &account.pixel(2), "");
        visit("GET", "/p/forged.gif", "");
        visit("GET", &account.link(3, "https://example.org/"), "");
        visit("GET", "/l/forged?u=https://example.org/", "");
        let receipt = account.receipt(4);
        visit("GET", &receipt, "");
        for button in ["read", "erase", "refuse"] {
            let path = format!("{receipt}/{button}");
            visit("POST", &path, &form(server.address, &path));
        }
        visit("POST", "/v1/accounts", "{}");
        visit("POST", "/v1/accounts", "no json");
        visit("GET", "/v1/events?after=x", "");
        visit("GET", "/nowhere", "");
        let mut bearer = headers.to_vec();
        bearer.push(("authorization", &account.bearer));
        let opens = ask(server.address, "GET", "/v1/events", &bearer, "");
        assert!(opens.page().events.len() > 30);
        assert!(!opens.text().contains("Unmistakable") && !opens.text().contains(address));
        for _ in 0..10 {
            visit("GET", "/v1/events", "");
        }
    }
    witness
}

fn flags() -> [&'static str; 4] {
    [
        "--trusted-proxies=127.0.0.1",
        "--log-level=debug",
        "--errors-per-minute=6",
        "--metrics-listen=127.0.0.1:0",
    ]
}

fn needles() -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = vec![b"Unmistakable".to_vec(), b"Q7ZX".to_vec()];
    for address in ADDRESSES {
        needles.push(address.as_bytes().to_vec());
        needles.push(match address.parse::<IpAddr>().unwrap() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets()[..8].to_vec(),
        });
    }
    needles
}

fn check(log: &str, dirs: &[&Path]) {
    for needle in needles() {
        for dir in dirs {
            let places = places_of(&needle, dir);
            assert_eq!(
                places,
                [] as [String; 0],
                "{:?}",
                String::from_utf8_lossy(&needle)
            );
        }
        if let Ok(text) = std::str::from_utf8(&needle) {
            assert!(!log.contains(text), "{text}: {log}");
        }
    }
}

#[test]
fn no_address_and_no_user_agent_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &flags());
    let witness = use_everything(&server);
    let metrics = ask(server.metrics.unwrap(), "GET", "/metrics", &[], "");
    let shown = metrics.text().to_owned();
    // Killed, so that the log of the database is still there.
    let log = server.kill();
    assert!(dir.path().join("kaifu.db-wal").exists());
    // The search finds what is there.
    assert_ne!(places_of(&witness.id.0, dir.path()), [] as [String; 0]);
    check(&format!("{log}{shown}"), &[dir.path()]);
}

#[test]
fn neither_postgres_nor_the_spool_has_addresses_or_user_agents() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let url = database.url();
    let flags = [&flags()[..], &["--database", &url]].concat();
    let server = Server::start_with(dir.path(), &flags);
    let account = use_everything(&server);
    database.stop(rustix::process::Signal::INT);
    let headers = [("user-agent", AGENT), ("x-forwarded-for", ADDRESSES[0])];
    for message in 0..5 {
        ask(server.address, "GET", &account.pixel(message), &headers, "");
    }
    let log = server.kill();
    for dir in [dir.path(), database.files()] {
        assert_ne!(places_of(&account.id.0, dir), [] as [String; 0]);
    }
    check(&log, &[dir.path(), database.files()]);
}

#[test]
fn a_crash_leaves_no_dump_of_keys_and_addresses() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = Command::new("sh");
    // As where dumps are wanted.
    command
        .env_clear()
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir data",
        ])
        .arg(env!("CARGO_BIN_EXE_kaifu-server"))
        .current_dir(dir.path());
    let server = Server::spawn(&mut command);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id().as_raw_pid())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().skip(4).take(2).collect();
    assert_eq!(core, ["0", "0"]);
    server.signal(Signal::ABORT);
    let (status, _) = server.wait();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped());
    let files = fs::read_dir(dir.path())
        .unwrap()
        .map(|file| file.unwrap().path());
    assert_eq!(files.collect::<Vec<_>>(), [data]);
}
