//! A server over PostgreSQL that starts on a full disk: its spool cannot be made or changed.

use crate::client::{Account, ask, message_of};
use crate::database::Database;
use crate::failures::{lift_limit_of_files, wait_until_not_ready, without_room};
use crate::metrics::{metric, wait_for};
use crate::postgres::{drained, start, two_dirs, wait_until};
use crate::process::Server;
use rustix::process::Signal;
use std::path::Path;

fn start_without_room(dir: &Path, database: &Database) -> Server {
    Server::spawn(without_room(dir).env("KAIFU_DATABASE", database.url()))
}

fn fetch(server: &Server, account: &Account, message: u64) {
    let image = ask(server.address, "GET", &account.pixel(message), &[], "");
    assert_eq!((image.status, image.body.len()), (200, 43));
}

fn messages(server: &Server, account: &Account) -> Vec<u64> {
    let events = account.events(server.address);
    events.iter().map(message_of).collect()
}

fn is_ready(server: &Server) -> bool {
    ask(server.address, "GET", "/readyz", &[], "").status == 200
}

#[test]
fn what_waits_in_a_spool_survives_a_start_without_room_or_database() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let account = Account::create(server.address);
    database.stop(Signal::INT);
    fetch(&server, &account, 1);
    wait_for(&server, "kaifu_spool_events", 1.0);
    // What only the spool's log has waits as well.
    server.kill();

    let server = start_without_room(dir.path(), &database);
    wait_until_not_ready(server.address);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
    fetch(&server, &account, 2);
    assert_eq!(metric(&server, "kaifu_opens_lost_total"), Some(1.0));
    assert_eq!(metric(&server, "kaifu_spool_events"), Some(1.0));
    lift_limit_of_files(&server);
    wait_until("events can wait", || is_ready(&server));
    fetch(&server, &account, 3);
    database.resume();
    drained(&server);
    assert_eq!(messages(&server, &account), [1, 3]);
}

#[test]
fn a_spool_that_cannot_be_made_keeps_nobody_from_starting() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let [dir, _] = two_dirs();
    let server = start_without_room(dir.path(), &database);
    assert!(is_ready(&server));
    let account = Account::create(server.address);
    fetch(&server, &account, 1);
    assert_eq!(messages(&server, &account), [1]);
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    wait_until_not_ready(server.address);
    fetch(&server, &account, 2);
    assert_eq!(metric(&server, "kaifu_opens_lost_total"), Some(1.0));

    lift_limit_of_files(&server);
    wait_until("events can wait", || is_ready(&server));
    fetch(&server, &account, 3);
    let log = server.kill();
    assert!(
        log.contains("no event is kept until this can be written"),
        "{log}"
    );
    // It is the same server afterwards.
    let server = start(dir.path(), &database);
    database.resume();
    drained(&server);
    fetch(&server, &account, 4);
    assert_eq!(messages(&server, &account), [1, 3, 4]);
    assert_eq!(database.ask("SELECT count(*) FROM servers"), "1");
}
