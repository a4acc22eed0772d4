//! A file that is damaged, a directory that cannot be written, and a clock that is set back.

use crate::client::{Account, Client, ask, message_of};
use crate::database::Database;
use crate::embedded::Inside;
use crate::process::Server;
use kaifu_core::time::Millis;
use kaifu_server::Clock;
use kaifu_server::settings::Limits;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[test]
fn a_damaged_end_of_the_log_leaves_what_was_before_it() {
    const EVENTS: u64 = 40;
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let mut client = Client::connect(server.address).unwrap();
    for message in 1..=EVENTS {
        client
            .send("GET", &account.pixel(message), &[], "")
            .unwrap();
        client.receive(false).unwrap();
    }
    server.kill();
    let path = dir.path().join("kaifu.db-wal");
    let mut log = fs::read(&path).unwrap();
    let end = log.len();
    for byte in &mut log[end - 64..] {
        *byte = !*byte;
    }
    fs::write(&path, log).unwrap();

    let server = Server::start(dir.path());
    let opens = account.events(server.address);
    // Each event was a commit of its own, and only the last one's page is damaged.
    assert_eq!(opens.len() as u64, EVENTS - 1);
    assert!(opens.iter().map(message_of).eq(1..EVENTS));
    ask(server.address, "GET", &account.pixel(EVENTS), &[], "");
    assert_eq!(account.events(server.address).len() as u64, EVENTS);
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = dir.path().join("kaifu-server");
    fs::copy(env!("CARGO_BIN_EXE_kaifu-server"), &program).unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = Command::new(&program);
    command
        .env_clear()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data);
    if rustix::process::geteuid().is_root() {
        // Root may write everywhere.
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("--data-dir"), "{log}");
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    set_back("sqlite:kaifu.db");
}

#[test]
fn a_clock_that_is_set_back_changes_no_order_in_postgres() {
    if let Some(database) = Database::start() {
        set_back(&database.url());
    }
}

fn set_back(database: &str) {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(0));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || Millis(now.load(Ordering::Relaxed))
    });
    let server = Inside::start_with(dir.path(), database, Limits::default(), clock);
    let account = Account::create(server.address);
    let times = [7_200_000, 3_600_000, -5, 9_000_000];
    for (message, at) in (1..).zip(times) {
        now.store(at, Ordering::Relaxed);
        ask(server.address, "GET", &account.pixel(message), &[], "");
        let page = account
            .get(server.address, &format!("/v1/events?after={}", message - 1))
            .page();
        assert_eq!(page.cursor, message);
        assert_eq!((page.events.len(), page.events[0].at), (1, at));
    }
    let opens = account.events(server.address);
    assert!(opens.iter().map(message_of).eq(1..=4));
}
