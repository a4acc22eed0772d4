//! A database that an earlier version has left.

use crate::client::{Account, PATIENCE, ask, message_of, press_button};
use crate::embedded::Inside;
use crate::process::Server;
use kaifu_server::settings::Limits;
use rusqlite::Connection;
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// The columns of events before they lay in bundles.
const COLUMNS: &str =
    "account, seq, message, kind, at, class, claim, reason, client, repeats, device,
    country, reader";

fn open(dir: &Path) -> Connection {
    Connection::open(dir.join("kaifu.db")).unwrap()
}

/// Makes the database one of version 3, which had one table of events.
fn downgrade(dir: &Path) {
    open(dir)
        .execute_batch(&format!(
            "INSERT INTO earlier_opens ({COLUMNS}) SELECT {COLUMNS} FROM opens;
             DROP TABLE opens;
             ALTER TABLE earlier_opens RENAME TO opens;
             DROP INDEX floods_of_message;
             ALTER TABLE opens DROP COLUMN id;
             ALTER TABLE opens DROP COLUMN hour;
             ALTER TABLE opens DROP COLUMN undoes;
             ALTER TABLE opens DROP COLUMN sealed;
             ALTER TABLE floods DROP COLUMN id;
             ALTER TABLE refusals DROP COLUMN at;
             ALTER TABLE refusals DROP COLUMN until;
             ALTER TABLE accounts DROP COLUMN used;
             ALTER TABLE accounts DROP COLUMN has_asked;
             DROP TABLE state;
             DROP TABLE segment_hours;
             DROP TABLE erasures;
             DROP TABLE graves;
             PRAGMA user_version = 3;"
        ))
        .unwrap();
}

fn fetch(server: &Server, account: &Account, messages: impl IntoIterator<Item = u64>) {
    for message in messages {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
}

fn messages(server: &Server, account: &Account) -> Vec<u64> {
    account
        .events(server.address)
        .iter()
        .map(message_of)
        .collect()
}

#[test]
fn events_of_an_earlier_version_are_read_erased_and_forgotten_like_all_others() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [kept, gone] = [(); 2].map(|()| Account::create(server.address));
    fetch(&server, &kept, [1, 2, 3, 1]);
    fetch(&server, &gone, [1]);
    server.kill();
    downgrade(dir.path());

    let server = Server::start(dir.path());
    assert_eq!(messages(&server, &kept), [1, 2, 3, 1]);
    fetch(&server, &kept, [2, 4]);
    fetch(&server, &gone, [2]);
    assert_eq!(messages(&server, &kept), [1, 2, 3, 1, 2, 4]);
    for (query, expected) in [
        ("after=3&limit=2", &[(4, 1), (5, 2)][..]),
        ("after=5", &[(6, 4)]),
    ] {
        let page = kept
            .get(server.address, &format!("/v1/events?{query}"))
            .page();
        let found: Vec<_> = page
            .events
            .iter()
            .map(|open| (open.seq, message_of(open)))
            .collect();
        assert_eq!(found, expected, "{query}");
    }

    let erase = format!("{}/erase", kept.receipt(2));
    assert_eq!(press_button(server.address, &erase, &[]).status, 303);
    assert_eq!(messages(&server, &kept), [1, 3, 1, 4]);
    ask(
        server.address,
        "DELETE",
        "/v1/account",
        &gone.authorization(),
        "",
    );
    server.kill();

    let database = open(dir.path());
    let owners = "SELECT account FROM opens UNION SELECT account FROM earlier_opens";
    let owners: HashSet<i64> = database
        .prepare(owners)
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(owners.len(), 1);
    for table in ["opens", "earlier_opens"] {
        let age = format!(
            "UPDATE {table} SET at = at - 25 * 3600 * 1000, hour = hour - 25 WHERE seq <> 4"
        );
        database.execute(&age, []).unwrap();
    }
    database
        .execute("UPDATE segment_hours SET earliest = earliest - 25", [])
        .unwrap();
    drop(database);
    let limits = Limits {
        purge_every: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let start = Instant::now();
    while kept.events(server.address).len() > 1 {
        assert!(
            start.elapsed() < PATIENCE,
            "the old events were never removed"
        );
    }
    let left = kept.events(server.address);
    assert_eq!((left[0].seq, message_of(&left[0])), (4, 1));
}

#[test]
fn a_large_database_is_upgraded_at_once() {
    const EVENTS: u64 = 300_000;
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    fetch(&server, &account, [1]);
    server.kill();
    downgrade(dir.path());
    let others = COLUMNS.replace("account, seq,", "account, number,");
    open(dir.path())
        .execute_batch(&format!(
            "WITH RECURSIVE numbers (number) AS
                (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < {EVENTS})
             INSERT INTO opens ({COLUMNS}) SELECT {others} FROM opens, numbers;
             UPDATE accounts SET last_seq = {EVENTS};"
        ))
        .unwrap();

    let before = std::fs::metadata(dir.path().join("kaifu.db"))
        .unwrap()
        .len();
    let server = Server::start(dir.path());
    fetch(&server, &account, [2]);
    let query = format!("/v1/events?after={}", EVENTS - 1);
    let page = account.get(server.address, &query).page();
    assert_eq!(
        page.events.iter().map(message_of).collect::<Vec<_>>(),
        [1, 2]
    );
    // Nothing was copied: the time that it takes does not depend on how much there is.
    let log = std::fs::metadata(dir.path().join("kaifu.db-wal"))
        .unwrap()
        .len();
    assert!(log < before / 100, "{log} of {before}");
}
