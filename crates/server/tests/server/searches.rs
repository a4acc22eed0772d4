//! What looking for a message's events costs, on either store.

use crate::client::{Account, ask};
use crate::metrics::{metric, wait_for};
use crate::stores::{Store, fetch, press};
use std::time::{Duration, Instant};

/// How many events the account has of other messages.
const EVENTS: u64 = 200_000;

/// Gives the account many more events like its first one, each of another message.
fn fill(store: &Store) {
    if store.is_postgres() {
        store.ask(&format!(
            "INSERT INTO events (account, seq, hour, message, kind, at, class, claim, reason)
             SELECT account, n, hour, int8send(n::bigint << 8), kind, at, class, claim, reason
             FROM events, generate_series(2, {EVENTS}) AS s (n) WHERE seq = 1"
        ));
    } else {
        store.ask(&format!(
            "WITH RECURSIVE s (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < {EVENTS})
             INSERT INTO opens (bundle, account, seq, hour, message, kind, at, class, claim, reason)
             SELECT 1 + n / 50000, account, n, hour, randomblob(8), kind, at, class, claim, reason
             FROM opens, s WHERE seq = 1 RETURNING 1"
        ));
    }
    store.ask(&format!(
        "UPDATE accounts SET last_seq = {EVENTS} RETURNING 1"
    ));
}

/// The quickest of a few tries: what else the machine does makes none quicker.
fn quickest(mut what: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        what();
        start.elapsed()
    };
    (0..20).map(once).min().unwrap()
}

/// An account without an index would be looked through from end to end, which takes some hundred
/// milliseconds here.
#[test]
fn a_message_is_found_without_looking_through_its_account() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1]);
        let hour = if store.is_postgres() {
            "store"
        } else {
            "state"
        };
        store.wait_for(&format!("SELECT CAST(hour > 0 AS INT) FROM {hour}"), "1");
        if store.is_postgres() {
            // It is made beside the work, for the tables of before as well.
            let valid = "SELECT indisvalid FROM pg_index
                WHERE indexrelid = 'events_of_message'::regclass";
            store.wait_for(valid, "t");
            store.wait_for("SELECT to_regclass('opens_of_message') IS NOT NULL", "t");
        }
        fill(&store);
        for message in [1, 7] {
            let path = account.receipt(message);
            let took =
                quickest(|| assert_eq!(ask(server.address, "GET", &path, &[], "").status, 200));
            assert!(took < Duration::from_millis(25), "{took:?}");
        }
        let took = quickest(|| assert_eq!(press(&server, &account, 7, "erase").status, 303));
        assert!(took < Duration::from_millis(40), "{took:?}");
        let page = ask(server.address, "GET", &account.receipt(1), &[], "");
        assert_eq!(page.text().matches("<time ").count(), 1, "{}", page.text());
        assert_eq!(press(&server, &account, 1, "erase").status, 303);
        let left = format!("SELECT count(*) FROM {}", store.events());
        store.wait_for(&left, &(EVENTS - 1).to_string());
    }
}

/// It locks nothing, writes nothing that others wait for, and is in no journal.
#[test]
fn erasing_what_never_was_leaves_nothing_to_be_done() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1, 2]);
        assert_eq!(press(&server, &account, 2, "refuse").status, 303);
        let journal = store.dir().join("kaifu.journal");
        let length = || std::fs::metadata(&journal).map_or(0, |file| file.len());
        let (before, commits) = (length(), metric(&server, "kaifu_commit_seconds_count"));
        for message in 100..150 {
            assert_eq!(press(&server, &account, message, "erase").status, 303);
        }
        let to_do = if store.is_postgres() {
            "SELECT count(*) FROM erasures WHERE NOT is_done"
        } else {
            "SELECT count(*) FROM erasures"
        };
        assert_eq!(store.ask(to_do), "0");
        assert_eq!(length(), before);
        assert_eq!(metric(&server, "kaifu_commit_seconds_count"), commits);
        assert_eq!(account.events(server.address).len(), 3);
    }
}

/// A look that takes too long is ended, told kindly, and counted; polls do not notice.
#[test]
fn a_search_that_cannot_end_is_ended() {
    for store in Store::both() {
        // The connections of SQLite are tried beside their code.
        let Some(postgres) = store.postgres() else {
            continue;
        };
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1]);
        let held = postgres.hold("LOCK TABLE refusals IN ACCESS EXCLUSIVE MODE");
        let page = ask(server.address, "GET", &account.receipt(1), &[], "");
        assert_eq!(page.status, 503);
        wait_for(&server, "kaifu_searches_ended_total", 1.0);
        assert_eq!(account.events(server.address).len(), 1);
        drop(held);
        let page = ask(server.address, "GET", &account.receipt(1), &[], "");
        assert_eq!(page.status, 200);
    }
}
