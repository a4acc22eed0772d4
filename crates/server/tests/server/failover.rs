//! A PostgreSQL that hangs or dies, and a standby that takes over, be it behind or not.

use crate::client::{Account, PATIENCE, ask, message_of, park, press_button};
use crate::crash::Load;
use crate::database::Database;
use crate::metrics::{metric, wait_for};
use crate::postgres::{drained, two_dirs};
use crate::process::Server;
use kaifu_protocol::api::{Event, Kind};
use rustix::process::Signal;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

fn start(dir: &Path, url: &str) -> Server {
    Server::start_with(dir, &["--database", url, "--metrics-listen=127.0.0.1:0"])
}

fn fetch(server: &Server, account: &Account, message: u64) {
    let answer = ask(server.address, "GET", &account.pixel(message), &[], "");
    assert_eq!(answer.status, 200);
}

fn press(server: &Server, account: &Account, message: u64, button: &str) {
    let path = format!("{}/{button}", account.receipt(message));
    assert_eq!(press_button(server.address, &path, &[]).status, 303);
}

fn times(events: &[Event]) -> HashMap<u64, usize> {
    let mut times = HashMap::new();
    for event in events {
        *times.entry(message_of(event)).or_default() += 1;
    }
    times
}

/// All that two servers acknowledged while the standby was cut off is there afterwards, once.
#[test]
fn a_standby_that_was_behind_gets_again_what_servers_had_acknowledged() {
    let Some(mut primary) = Database::start() else {
        return;
    };
    let standby = primary.standby();
    let url = primary.url_of_both(&standby);
    let dirs = two_dirs();
    let servers = dirs.each_ref().map(|dir| start(dir.path(), &url));
    let [a, b] = &servers;
    let account = Account::create(a.address);
    // One server brings them back while the other one deletes them again.
    let deleted: Vec<_> = (0..30).map(|_| Account::create(a.address)).collect();
    let mut acknowledged = HashSet::new();
    let loads = [a, b].map(|server| Load::start(server, &account));
    for load in &loads {
        load.wait_for(200, &mut acknowledged);
    }
    fetch(a, &account, 1 << 40);
    fetch(a, &account, 2 << 40);
    fetch(a, &deleted[0], 1);
    primary.wait_for_standby(&standby);
    standby.cut_off();

    for load in &loads {
        load.wait_for(300, &mut acknowledged);
    }
    // Whatever else is acknowledged: refused, erased, deleted, made.
    press(a, &account, 1 << 40, "refuse");
    press(b, &account, 2 << 40, "erase");
    fetch(b, &account, 2 << 40);
    for account in &deleted {
        let bearer = account.authorization();
        let gone = ask(b.address, "DELETE", "/v1/account", &bearer, "");
        assert_eq!(gone.status, 204);
    }
    let new = Account::create(a.address);
    // Of an account that the other server made.
    fetch(b, &new, 7);
    let before = account.events(a.address);
    let cursor = before.last().unwrap().seq;

    primary.stop(Signal::QUIT);
    standby.promote();
    for server in &servers {
        drained(server);
    }
    for load in loads {
        load.stop(&mut acknowledged);
    }
    for server in &servers {
        drained(server);
        assert_eq!(metric(server, "kaifu_opens_lost_total"), Some(0.0));
    }
    assert!(metric(a, "kaifu_events_stored_again_total").unwrap() >= 300.0);
    let start = Instant::now();
    while new.get(b.address, "/v1/events").page().events.len() != 1 {
        assert!(
            start.elapsed() < PATIENCE,
            "the new account's event is lost"
        );
    }

    let after = account.events(b.address);
    let found = times(&after);
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|message| !found.contains_key(message))
        .collect();
    assert_eq!(lost, [] as [&u64; 0], "lost of {}", acknowledged.len());
    let doubled = acknowledged.iter().filter(|message| found[message] != 1);
    assert_eq!(doubled.count(), 0);
    let ids: HashSet<_> = after.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), after.len(), "the same event is there twice");
    assert!(after.is_sorted_by_key(|event| event.seq));

    // Whoever had heard of all hears of all that is new under their cursor, and can tell the rest.
    let known: HashSet<_> = before.iter().map(|event| event.id.clone()).collect();
    let heard = account.events_after(b.address, cursor);
    let heard: HashSet<_> = heard.into_iter().map(|event| event.id).collect();
    let missed = after
        .iter()
        .filter(|event| !known.contains(&event.id) && !heard.contains(&event.id));
    assert_eq!(missed.count(), 0, "unheard");

    // What was refused and erased stays so.
    let kinds = |message| -> Vec<Kind> {
        let its = after.iter().filter(|event| message_of(event) == message);
        its.map(|event| event.kind).collect()
    };
    assert_eq!(kinds(1 << 40), [Kind::Pixel, Kind::Refuse]);
    assert_eq!(kinds(2 << 40), [Kind::Pixel]);
    fetch(a, &account, 1 << 40);
    let newest = account.events(a.address).pop().unwrap();
    assert_ne!(message_of(&newest), 1 << 40);
    for account in &deleted {
        assert_eq!(account.get(a.address, "/v1/events").status, 401);
    }
}

/// A machine that is stopped, or a disk that is stuck: connections stay open and say nothing.
#[test]
fn a_primary_that_hangs_is_left_by_whoever_writes_reads_or_listens() {
    let Some(primary) = Database::start() else {
        return;
    };
    let standby = primary.standby();
    let url = primary.url_of_both(&standby);
    let dirs = two_dirs();
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path(), &url));
    let account = Account::create(a.address);
    let mut acknowledged = HashSet::new();
    let load = Load::start(&a, &account);
    load.wait_for(200, &mut acknowledged);
    primary.wait_for_standby(&standby);
    primary.freeze();
    for server in [&a, &b] {
        // Readiness asks, and finds out.
        ask(server.address, "GET", "/readyz", &[], "");
        wait_for(server, "kaifu_database_up", 0.0);
        wait_for(server, "kaifu_database_readable", 0.0);
    }
    standby.promote();
    let promoted = Instant::now();
    let is_back = |server: &Server| {
        metric(server, "kaifu_database_up") == Some(1.0)
            && (0..8).all(|_| account.get(server.address, "/v1/events?limit=1").status == 200)
    };
    for server in [&a, &b] {
        while !is_back(server) {
            assert!(
                promoted.elapsed() < Duration::from_secs(15),
                "it still waits"
            );
        }
    }
    load.stop(&mut acknowledged);
    drained(&a);
    let events = account.events(b.address);
    let found = times(&events);
    assert!(
        acknowledged
            .iter()
            .all(|message| found.get(message) == Some(&1))
    );
    // The other server's polls are woken again.
    let polls = park(b.address, &account, events.last().unwrap().seq);
    fetch(&a, &account, 1 << 40);
    let woken = polls.recv_timeout(Duration::from_secs(10)).unwrap().page();
    assert!(woken.events.iter().map(message_of).eq([1 << 40]));
}

/// Its manager may take the standby's name away for a moment, in which what is stored may be lost.
#[test]
fn without_a_synchronous_standby_events_wait_where_one_is_required() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--database",
        &database.url(),
        "--metrics-listen=127.0.0.1:0",
        "--require-synchronous-standby",
    ];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    fetch(&server, &account, 1);
    wait_for(&server, "kaifu_spool_events", 1.0);
    assert_eq!(account.events(server.address), []);
    let _standby = database.standby();
    database.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
    database.ask("SELECT pg_reload_conf()");
    drained(&server);
    assert_eq!(account.events(server.address).len(), 1);
    let log = server.kill();
    assert!(log.contains("no synchronous standby is named"), "{log}");
}
