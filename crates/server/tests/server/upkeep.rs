//! Backups, and the space of what is removed.

use crate::client::{Account, PATIENCE, ask, message_of};
use crate::commands::{mode, stderr};
use crate::process::{Server, run};
use std::path::Path;
use std::time::Instant;

#[test]
fn a_backup_of_a_running_server_can_be_served() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");

    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    let target = copy.join("kaifu.db");
    let args = [
        "backup",
        "--data-dir",
        data.to_str().unwrap(),
        target.to_str().unwrap(),
    ];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(mode(&target), 0o600);
    assert_eq!(
        run(&args).status.code(),
        Some(1),
        "a backup replaces nothing"
    );
    ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!(account.events(server.address).len(), 2);

    let keys = copy.join("kaifu.db.key");
    assert_eq!(mode(&keys), 0o600);
    std::fs::rename(keys, copy.join("server.key")).unwrap();
    let restored = Server::start(&copy);
    assert_eq!(
        account
            .events(restored.address)
            .iter()
            .map(message_of)
            .collect::<Vec<_>>(),
        [1]
    );
    ask(restored.address, "GET", &account.pixel(3), &[], "");
    assert_eq!(account.events(restored.address).len(), 2);
}

/// The size of the database file.
fn size(dir: &Path) -> u64 {
    std::fs::metadata(dir.join("kaifu.db")).unwrap().len()
}

#[test]
fn a_running_server_gives_back_the_space_of_what_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [kept, gone] = [(); 2].map(|()| Account::create(server.address));
    let mut client = crate::client::Client::connect(server.address).unwrap();
    for message in 0..20_000 {
        client.send("GET", &gone.pixel(message), &[], "").unwrap();
        client.receive(false).unwrap();
    }
    ask(server.address, "GET", &kept.pixel(1), &[], "");
    server.stop();
    let before = size(dir.path());
    let server = Server::start(dir.path());
    let bearer = gone.authorization();
    ask(server.address, "DELETE", "/v1/account", &bearer, "");
    // The log comes to an end in the file when the server stops; what is to be shrunk was before.
    let database = || rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    let pages = || -> i64 {
        database()
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap()
    };
    let start = Instant::now();
    while pages() > 400 {
        assert!(start.elapsed() < PATIENCE, "{} pages", pages());
    }
    ask(server.address, "GET", &kept.pixel(2), &[], "");
    assert_eq!(kept.events(server.address).len(), 2);
    server.stop();
    assert!(
        size(dir.path()) < before,
        "{before} to {}",
        size(dir.path())
    );
}

/// While it works, a vacuum keeps everybody from writing.
#[test]
fn vacuum_converts_a_file_of_before_and_refuses_while_it_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let args = ["vacuum", "--data-dir", dir.path().to_str().unwrap()];
    let output = run(&args);
    assert_eq!(output.status.code(), Some(1));
    let log = stderr(&output);
    assert!(log.contains("another kaifu-server is using it"), "{log}");
    server.stop();

    // A file of an earlier version cannot shrink by itself.
    let database = || rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    database()
        .execute_batch(
            "PRAGMA auto_vacuum = none; VACUUM; CREATE TABLE large (b BLOB);
            INSERT INTO large VALUES (zeroblob(1000000)); DROP TABLE large;",
        )
        .unwrap();
    let before = size(dir.path());
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(size(dir.path()) + 900_000 < before);
    let kind: i64 = database()
        .pragma_query_value(None, "auto_vacuum", |row| row.get(0))
        .unwrap();
    assert_eq!(kind, 2, "it shrinks by itself from now on");
    let server = Server::start(dir.path());
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
}
