//! A server whose key file is missing, or another one's, beside a database that knows keys.

use crate::client::{Account, ask};
use crate::database::Database;
use crate::metrics::wait_for;
use crate::process::{Server, program, run};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const SERVE: [&str; 3] = ["serve", "--listen=127.0.0.1:0", "--database"];

/// A start that is to fail: its status and log.
fn refused(dir: &Path, database: &str) -> (Option<i32>, String) {
    let mut command = program();
    command.args(SERVE).arg(database).arg("--data-dir").arg(dir);
    let output = command.output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), log)
}

fn check_refusal(dir: &Path, database: &str, words: &str) {
    let (status, log) = refused(dir, database);
    assert_eq!(status, Some(1), "{log}");
    assert!(log.contains("--key-file: ") && log.contains(words), "{log}");
}

fn new_key(dir: &Path) {
    let output = run(&["keygen", "--data-dir", dir.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn sqlite_is_served_with_its_own_keys_alone() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    server.stop();
    let path = dir.path().join("server.key");
    let kept = fs::read_to_string(&path).unwrap();
    let database = "sqlite:kaifu.db";

    fs::remove_file(&path).unwrap();
    check_refusal(dir.path(), database, "this file is missing");
    assert!(!path.exists(), "no key is made in its place");
    new_key(dir.path());
    check_refusal(dir.path(), database, "none of the keys");
    let foreign = fs::read_to_string(&path).unwrap();

    // A file with both is a rotation.
    fs::write(&path, format!("{foreign}{kept}")).unwrap();
    let server = Server::start(dir.path());
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
    let log = server.stop();
    assert!(!log.contains("lacks"), "{log}");
    // And its new key is known from then on, so the old one may be taken out.
    fs::write(&path, foreign).unwrap();
    let log = Server::start(dir.path()).stop();
    assert!(log.contains("lacks 1 of the keys"), "{log}");
}

#[test]
fn a_database_of_an_earlier_version_wants_its_key_too() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    Account::create(server.address);
    server.stop();
    let database = rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    database.execute_batch("DROP TABLE server_keys").unwrap();
    drop(database);
    let path = dir.path().join("server.key");
    let aside = dir.path().join("aside");
    fs::rename(&path, &aside).unwrap();
    check_refusal(dir.path(), "sqlite:kaifu.db", "this file is missing");
    fs::rename(&aside, &path).unwrap();
    Server::start(dir.path()).stop();
    fs::remove_file(&path).unwrap();
    new_key(dir.path());
    check_refusal(dir.path(), "sqlite:kaifu.db", "none of the keys");
}

#[test]
fn a_second_server_needs_the_first_ones_key() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let url = database.url();
    let flags = ["--database", &url, "--metrics-listen=127.0.0.1:0"];
    let dirs = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [first, second, third] = dirs.each_ref().map(TempDir::path);
    let server = Server::start_with(first, &flags);
    let account = Account::create(server.address);
    check_refusal(second, &url, "this file is missing");
    new_key(second);
    check_refusal(second, &url, "none of the keys");
    fs::copy(first.join("server.key"), second.join("server.key")).unwrap();
    let other = Server::start_with(second, &flags);
    for (server, events) in [(&server, 1), (&other, 2)] {
        ask(server.address, "GET", &account.pixel(1), &[], "");
        assert_eq!(account.events(server.address).len(), events);
    }

    // While the database is away, a key that is there is used, none is made, and one that turns out
    // to be another's ends the process.
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    check_refusal(
        third,
        &url,
        "no key is made while the database does not answer",
    );
    assert!(!third.join("server.key").exists());
    new_key(third);
    let foreign = Server::start_with(third, &flags);
    database.resume();
    let (status, log) = foreign.wait();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("none of the keys"), "{log}");
    wait_for(&server, "kaifu_database_up", 1.0);
    ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!(account.events(server.address).len(), 3);
}

/// Two servers that start with nothing at the same moment must not each have a key of their own.
#[test]
fn of_two_servers_that_start_at_once_one_key_stays() {
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = [(); 4].map(|()| tempfile::tempdir().unwrap());
    let url = database.url();
    let taken: Vec<_> = dirs
        .iter()
        .map(|dir| {
            let mut command = program();
            command
                .args(SERVE)
                .arg(&url)
                .arg("--data-dir")
                .arg(dir.path());
            command
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut served = 0;
    for (mut child, dir) in taken.into_iter().zip(&dirs) {
        use std::io::{BufRead as _, BufReader};
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let listens = lines.any(|line| line.contains("listening on "));
        let has_key = dir.path().join("server.key").exists();
        assert_eq!(listens, has_key, "a key that does not fit is not left");
        served += usize::from(listens);
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert_eq!(served, 1);
    assert_eq!(database.ask("SELECT count(*) FROM server_keys"), "1");
}

#[test]
fn a_running_server_does_not_take_up_anothers_file() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let path = dir.path().join("server.key");
    fs::remove_file(&path).unwrap();
    new_key(dir.path());
    server.signal(Signal::HUP);
    for message in 0..200 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    assert_eq!(account.events(server.address).len(), 200);
    let log = server.stop();
    assert!(log.contains("the former keys go on"), "{log}");
}
