//! Servers that share a PostgreSQL, which may go away.

use crate::client::{Account, Client, PARKED, PATIENCE, ask, form, message_of, park};
use crate::crash::{Load, check};
use crate::database::Database;
use crate::metrics::metric;
use crate::process::{Server, run};
use kaifu_protocol::api::Kind;
use rustix::process::Signal;
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Directories of two servers with one key.
pub(crate) fn two_dirs() -> [TempDir; 2] {
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [first, second] = dirs.each_ref().map(TempDir::path);
    let args = ["keygen", "--data-dir", first.to_str().unwrap()];
    assert_eq!(run(&args).status.code(), Some(0));
    std::fs::copy(first.join("server.key"), second.join("server.key")).unwrap();
    dirs
}

pub(crate) fn start(dir: &Path, database: &Database) -> Server {
    let flags = [
        "--database",
        &database.url(),
        "--metrics-listen=127.0.0.1:0",
    ];
    Server::start_with(dir, &flags)
}

pub(crate) fn wait_until(what: &str, is_so: impl FnMut() -> bool) {
    wait_within(PATIENCE, what, is_so);
}

fn wait_within(patience: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < patience, "{what}");
    }
}

fn ready(server: &Server) -> String {
    let answer = ask(server.address, "GET", "/readyz", &[], "");
    answer.text().to_owned()
}

/// Waits until everything in the spool has arrived.
pub(crate) fn drained(server: &Server) {
    drained_after(server, Duration::ZERO);
}

/// The same, after it was filled for `length`.
pub(crate) fn drained_after(server: &Server, length: Duration) {
    wait_within(PATIENCE + 2 * length, "the spool is drained", || {
        metric(server, "kaifu_spool_events") == Some(0.0)
            && metric(server, "kaifu_database_up") == Some(1.0)
    });
}

#[test]
fn a_database_is_vacuumed_while_it_is_served() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let account = Account::create(server.address);
    let flags = ["vacuum", "--database", &database.url()];
    assert_eq!(run(&flags).status.code(), Some(0));
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
}

#[test]
fn an_open_at_one_server_wakes_the_polls_at_another() {
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let account = Account::create(a.address);
    let polls = park(b.address, &account, 0);
    ask(a.address, "GET", &account.pixel(5), &[], "");
    for _ in 0..PARKED {
        let page = polls.recv_timeout(PATIENCE).unwrap().page();
        assert_eq!(page.events.iter().map(message_of).collect::<Vec<_>>(), [5]);
    }
    // A deleted account's polls end everywhere.
    let polls = park(b.address, &account, 1);
    let bearer = account.authorization();
    ask(a.address, "DELETE", "/v1/account", &bearer, "");
    for _ in 0..PARKED {
        assert_eq!(polls.recv_timeout(PATIENCE).unwrap().status, 401);
    }
}

/// Servers tell nobody while no other one is there, so one that was cut off looks for itself.
#[test]
fn a_server_that_was_cut_off_hears_of_what_it_has_missed() {
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let account = Account::create(a.address);
    for message in 1..=5 {
        let polls = park(b.address, &account, message - 1);
        // Those that store; those that listen stay.
        database.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
                AND objsubid = 1 AND mode = 'ShareLock'",
        );
        ask(a.address, "GET", &account.pixel(message), &[], "");
        for _ in 0..PARKED {
            let page = polls.recv_timeout(PATIENCE).unwrap().page();
            let found = page.events.iter().map(message_of);
            assert_eq!(found.collect::<Vec<_>>(), [message]);
        }
    }
}

/// Numbers that come from a sequence become visible out of order: a reader that has seen 7 may
/// have missed a 6 that is committed later. Readers here never step over a number.
#[test]
fn no_reader_misses_an_event_of_many_writers_on_two_servers() {
    const WRITERS: u64 = 8;
    const EACH: u64 = 150;
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let servers = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let addresses = servers.each_ref().map(|server| server.address);
    let accounts = [(); 2].map(|()| Account::create(addresses[0]));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (accounts, address) = (&accounts, addresses[usize::try_from(writer % 2).unwrap()]);
            scope.spawn(move || {
                let mut client = Client::connect(address).unwrap();
                for number in 0..EACH {
                    for account in accounts {
                        let pixel = account.pixel(writer * EACH + number);
                        client.send("GET", &pixel, &[], "").unwrap();
                        assert_eq!(client.receive(false).unwrap().status, 200);
                    }
                }
            });
        }
        for reader in 0..4 {
            let (account, address) = (&accounts[reader / 2], addresses[reader % 2]);
            scope.spawn(move || {
                let mut client = Client::connect(address).unwrap();
                let (mut last, mut messages) = (0, HashSet::new());
                while last < WRITERS * EACH {
                    let target = format!("/v1/events?wait=30&after={last}&limit=7");
                    client
                        .send("GET", &target, &account.authorization(), "")
                        .unwrap();
                    let page = client.receive(false).unwrap().page();
                    assert!(!page.events.is_empty(), "no news after {last}");
                    for open in page.events {
                        assert_eq!(open.seq, last + 1, "a number was stepped over");
                        last = open.seq;
                        assert!(messages.insert(message_of(&open)));
                    }
                    assert_eq!(page.cursor, last);
                }
            });
        }
    });
}

#[test]
fn kills_under_load_lose_nothing_and_double_nothing() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut server = start(dir.path(), &database);
    let account = Account::create(server.address);
    let mut acknowledged = HashSet::new();
    for round in 0..20 {
        let load = Load::start(&server, &account);
        load.wait_for(20 + 7 * round, &mut acknowledged);
        if round % 4 == 3 {
            // The database goes first, so events lie in the spool when the server dies.
            database.stop(Signal::QUIT);
            load.wait_for(50, &mut acknowledged);
        }
        server.kill();
        load.finish(&mut acknowledged);
        if round % 4 == 3 {
            database.resume();
        }
        server = start(dir.path(), &database);
        drained(&server);
    }
    check(&server, &account, &acknowledged);
}

/// Refusals, counts of floods and plain events come in the same batches, for accounts of which one is
/// deleted meanwhile.
#[test]
fn refusals_and_floods_among_events_keep_their_order_and_numbers() {
    const MESSAGES: u64 = 40;
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let servers = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let [account, gone] = [(); 2].map(|()| Account::create(servers[0].address));
    std::thread::scope(|scope| {
        for server in servers.iter().cycle().take(8) {
            let send = |targets: Vec<(&'static str, String)>| {
                scope.spawn(move || {
                    let mut client = Client::connect(server.address).unwrap();
                    for (method, target) in targets {
                        let body = match method {
                            "POST" => form(server.address, &target),
                            _ => String::new(),
                        };
                        client.send(method, &target, &[], &body).unwrap();
                        client.receive(false).unwrap();
                    }
                });
            };
            let refuse = |message| ("POST", format!("{}/refuse", account.receipt(message)));
            let fetch = |message| ("GET", account.pixel(message));
            send(
                (1..=MESSAGES)
                    .flat_map(|it| [fetch(it), fetch(it), refuse(it), fetch(it)])
                    .collect(),
            );
            send((0..200).map(|_| fetch(0)).collect());
            send((0..200).map(|it| ("GET", gone.pixel(it))).collect());
        }
        let bearer = gone.authorization();
        ask(servers[0].address, "DELETE", "/v1/account", &bearer, "");
    });
    let opens = account.events(servers[1].address);
    assert!(opens.iter().map(|open| open.seq).eq(1..=opens.len() as u64));
    for message in 1..=MESSAGES {
        let its = opens.iter().filter(|open| message_of(open) == message);
        let kinds: Vec<_> = its.map(|open| open.kind).collect();
        let (last, before) = kinds.split_last().unwrap();
        assert_eq!(*last, Kind::Refuse, "{message}: {opens:?}");
        assert!(
            before.iter().all(|kind| *kind == Kind::Pixel),
            "{message}: {before:?}"
        );
    }
    // A minute that is over becomes events meanwhile.
    wait_until("every fetch is there", || {
        let counted = database.ask("SELECT coalesce(sum(times), 0) FROM floods");
        let opens = account.events(servers[1].address);
        let flood = opens.iter().filter(|open| message_of(open) == 0);
        let kept: u64 = flood.map(|open| 1 + open.repeats).sum();
        kept + counted.parse::<u64>().unwrap() == 8 * 200
    });
    assert_eq!(
        database.ask("SELECT count(*) FROM refusals"),
        MESSAGES.to_string()
    );
    assert_eq!(
        database.ask("SELECT count(DISTINCT account) FROM events"),
        "1"
    );
}

/// Batches follow each other before the one before has arrived, so a cut leaves several of which
/// nobody knows.
#[test]
fn connections_cut_under_load_lose_nothing_and_double_nothing() {
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let servers = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let account = Account::create(servers[0].address);
    let mut acknowledged = HashSet::new();
    let loads = servers
        .each_ref()
        .map(|server| [(); 2].map(|()| Load::start(server, &account)));
    for round in 0..20 {
        for load in loads.as_flattened() {
            load.wait_for(10 + 3 * round, &mut acknowledged);
        }
        // A batch that fails alone must take those behind it along.
        let cut = ["pg_cancel_backend", "pg_terminate_backend"][round % 2];
        database.ask(&format!(
            "SELECT {cut}(pid) FROM pg_stat_activity WHERE application_name = 'kaifu-server'"
        ));
        servers.iter().for_each(drained);
    }
    for load in loads.into_iter().flatten() {
        load.stop(&mut acknowledged);
    }
    for server in &servers {
        drained(server);
        assert_eq!(metric(server, "kaifu_opens_lost_total"), Some(0.0));
    }
    check(&servers[1], &account, &acknowledged);
}

#[test]
fn events_outlast_a_database_that_goes_away_under_two_servers() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path(), &database));
    let account = Account::create(a.address);
    let mut acknowledged = HashSet::new();
    let loads = [&a, &b].map(|server| Load::start(server, &account));
    for load in &loads {
        load.wait_for(200, &mut acknowledged);
    }
    // Once as by a power cut, once in good order.
    for signal in [Signal::QUIT, Signal::INT] {
        database.stop(signal);
        for (server, load) in [&a, &b].into_iter().zip(&loads) {
            // Only the spool can acknowledge these.
            wait_until("events are spooled", || {
                metric(server, "kaifu_spool_events") > Some(0.0)
            });
            load.wait_for(200, &mut acknowledged);
            assert_eq!(metric(server, "kaifu_database_up"), Some(0.0));
            assert!(ready(server).starts_with("{\"status\":\"spooling\",\"spooled\":"));
            assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
            assert_eq!(account.get(server.address, "/v1/events").status, 503);
        }
        database.resume();
        for load in &loads {
            load.wait_for(200, &mut acknowledged);
        }
    }
    database.stop(Signal::QUIT);
    for load in &loads {
        load.wait_for(200, &mut acknowledged);
    }
    // One server dies with events in its spool, and comes back.
    let [of_a, of_b] = loads;
    a.kill();
    of_a.finish(&mut acknowledged);
    database.resume();
    let a = start(dirs[0].path(), &database);
    of_b.stop(&mut acknowledged);
    for server in [&a, &b] {
        drained(server);
        assert_eq!(ready(server), "{\"status\":\"ready\"}");
        assert_eq!(metric(server, "kaifu_opens_lost_total"), Some(0.0));
    }
    check(&b, &account, &acknowledged);
}
