//! What is kept out or refused: by a recipient, and by PostgreSQL itself.

use crate::client::{Account, ask, message_of, press_button};
use crate::crash::{Load, check};
use crate::database::Database;
use crate::metrics::metric;
use crate::postgres::{drained, start, two_dirs, wait_until};
use crate::process::Server;
use kaifu_protocol::api::Kind;
use rustix::process::Signal;
use std::collections::HashSet;

/// Two servers, of which one has events in its spool from before and after the other's refusal.
#[test]
fn a_refusal_keeps_out_what_was_spooled_after_it_and_nothing_from_before() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let account = Account::create(a.address);
    let fetch = |server: &Server, message| {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    };
    database.stop(Signal::INT);
    fetch(&a, 1);
    fetch(&a, 2);
    assert_eq!(metric(&a, "kaifu_spool_events"), Some(2.0));
    wait_until("the other one knows", || {
        metric(&b, "kaifu_database_up") == Some(0.0)
    });
    a.kill();
    database.resume();
    drained(&b);
    let refuse = format!("{}/refuse", account.receipt(2));
    assert_eq!(press_button(b.address, &refuse, &[]).status, 303);
    let erase = format!("{}/erase", account.receipt(3));
    // What was erased does not come back out of a spool either.
    assert_eq!(press_button(b.address, &erase, &[]).status, 303);
    b.kill();
    database.stop(Signal::INT);
    let a = start(dirs[0].path(), &database);
    fetch(&a, 2);
    fetch(&a, 4);
    assert_eq!(metric(&a, "kaifu_spool_events"), Some(4.0));
    database.resume();
    drained(&a);
    let events = account.events(a.address);
    let kinds: Vec<_> = (events.iter())
        .map(|event| (message_of(event), event.kind))
        .collect();
    let expected = [
        (2, Kind::Refuse),
        (1, Kind::Pixel),
        (2, Kind::Pixel),
        (4, Kind::Pixel),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(metric(&a, "kaifu_late_events_dropped_total"), Some(1.0));
}

/// One account's numbers have come to an end, which its events meet in the database.
#[test]
fn what_the_database_refuses_is_set_aside_and_the_others_go_on() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let [poisoned, well] = [(); 2].map(|()| Account::create(server.address));
    let id = format!("{:016x}", u64::from_be_bytes(poisoned.id.0));
    database.ask(&format!(
        "UPDATE accounts SET last_seq = 9223372036854775807 WHERE id = decode('{id}', 'hex')"
    ));
    let mut acknowledged = HashSet::new();
    let loads = [(); 2].map(|()| Load::start(&server, &well));
    for message in 0..20 {
        let target = poisoned.pixel(message);
        assert_eq!(ask(server.address, "GET", &target, &[], "").status, 200);
        loads[0].wait_for(10, &mut acknowledged);
    }
    for load in loads {
        load.stop(&mut acknowledged);
    }
    drained(&server);
    assert_eq!(metric(&server, "kaifu_events_set_aside_total"), Some(20.0));
    assert_eq!(metric(&server, "kaifu_opens_lost_total"), Some(0.0));
    check(&server, &well, &acknowledged);
    assert_eq!(
        database.ask("SELECT max(epoch) FROM servers"),
        "1",
        "no new connection"
    );
    let log = server.kill();
    assert!(log.contains("out of range"), "{log}");
    assert!(log.matches("ERROR").count() < 40, "{log}");
}

/// The password was changed, or a right was taken away, while the server runs.
#[test]
fn a_database_that_refuses_later_is_told_of_once_and_why() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    database.ask("CREATE ROLE server LOGIN SUPERUSER");
    let url = database.url().replace("kaifu@", "server@");
    let flags = ["--database", &url, "--metrics-listen=127.0.0.1:0"];
    let server = Server::start_with(dir.path(), &flags);
    database.ask("ALTER ROLE server NOLOGIN");
    database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'server'");
    let attempts = || metric(&server, "kaifu_database_up") == Some(0.0);
    wait_until("the database refuses", attempts);
    // Several attempts are made meanwhile.
    let refused = || database.log().matches("is not permitted to log in").count() >= 12;
    wait_until("it is asked again", refused);
    let log = server.kill();
    let told = "which waiting will not change: role \"server\" is not permitted to log in";
    assert_eq!(log.matches(told).count(), 1, "{log}");
}
