//! A flood of fetches of one message.

use crate::client::{Account, Client, PATIENCE, ask, message_of};
use crate::database::Database;
use crate::embedded::Inside;
use crate::process::Server;
use kaifu_core::time::Millis;
use kaifu_protocol::api::Event;
use kaifu_server::Clock;
use kaifu_server::settings::Limits;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const CLIENTS: usize = 8;
const EACH: usize = 250;
const ALL: u64 = (CLIENTS * EACH) as u64;

/// Fetches the image of message 7 many times over several connections.
fn flood(address: SocketAddr, account: &Account) {
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = Client::connect(address).unwrap();
                for _ in 0..EACH {
                    client.send("GET", &account.pixel(7), &[], "").unwrap();
                    assert_eq!(client.receive(false).unwrap().status, 200);
                }
            });
        }
    });
}

fn fetches(opens: &[Event]) -> u64 {
    opens.iter().map(|open| 1 + open.repeats).sum()
}

/// Reads until the events stand for every fetch.
fn wait_for_all(address: SocketAddr, account: &Account, all: u64) -> Vec<Event> {
    let start = Instant::now();
    loop {
        let opens = account.events(address);
        if fetches(&opens) >= all {
            return opens;
        }
        assert!(start.elapsed() < PATIENCE, "{opens:?}");
    }
}

#[test]
fn a_flood_is_folded_into_a_count_that_the_account_sees() {
    fold("sqlite:kaifu.db");
}

#[test]
fn a_flood_is_folded_in_postgres_too() {
    if let Some(database) = Database::start() {
        fold(&database.url());
    }
}

fn fold(database: &str) {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(60_000_000));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || Millis(now.load(Ordering::Relaxed))
    });
    let limits = Limits {
        settle_every: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Inside::start_with(dir.path(), database, limits, clock);
    let [flooded, other] = [(); 2].map(|()| Account::create(server.address));
    flood(server.address, &flooded);
    ask(server.address, "GET", &flooded.pixel(8), &[], "");
    ask(server.address, "GET", &other.pixel(7), &[], "");
    assert_eq!(other.events(server.address).len(), 1);
    let rows = flooded.events(server.address);
    assert_eq!(rows.len(), 31, "{rows:?}");
    assert!(rows.iter().all(|open| open.repeats == 0));
    assert_eq!(rows.iter().filter(|open| message_of(open) == 8).count(), 1);

    // A long poll hears of the rest as soon as the minute is over.
    let mut poll = Client::connect(server.address).unwrap();
    let target = "/v1/events?wait=55&after=31";
    poll.send("GET", target, &flooded.authorization(), "")
        .unwrap();
    now.fetch_add(60_000, Ordering::Relaxed);
    let page = poll.receive(false).unwrap().page();
    assert_eq!(page.events.len(), 1);
    assert_eq!((page.events[0].seq, message_of(&page.events[0])), (32, 7));
    let opens = wait_for_all(server.address, &flooded, ALL + 1);
    assert_eq!(fetches(&opens), ALL + 1);

    // A new minute begins anew.
    flood(server.address, &flooded);
    now.fetch_add(60_000, Ordering::Relaxed);
    let opens = wait_for_all(server.address, &flooded, 2 * ALL + 1);
    assert_eq!((fetches(&opens), opens.len()), (2 * ALL + 1, 63));
}

#[test]
fn counted_fetches_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    flood(server.address, &account);
    server.kill();
    let database = rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    let rows: u64 = ["opens", "floods"]
        .map(|table| {
            let count = format!("SELECT count(*) FROM {table}");
            database
                .query_row(&count, [], |row| row.get::<_, u64>(0))
                .unwrap()
        })
        .iter()
        .sum();
    // The flood may have lain in two minutes.
    assert!((31..=62).contains(&rows), "{rows}");
    database
        .execute("UPDATE floods SET minute = minute - 2", [])
        .unwrap();
    drop(database);
    let server = Server::start(dir.path());
    let opens = wait_for_all(server.address, &account, ALL);
    assert_eq!((fetches(&opens), opens.len() as u64), (ALL, rows));
}
