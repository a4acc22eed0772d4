//! What both stores promise over time: eras, retention and versions.

use crate::client::Account;
use crate::process::run;
use crate::stores::{Store, fetch, messages};

/// By how many numbers an era begins later than the one before it.
const ERA: u64 = 1 << 32;

#[test]
fn events_of_a_new_era_are_heard_of_by_whoever_knew_more() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, 1..=3);
        server.kill();
        let raise = "UPDATE state SET is_copy = 1";
        let other = "UPDATE store SET place = 'another'";
        store.ask(if store.is_postgres() { other } else { raise });
        let server = store.server();
        fetch(&server, &account, [4, 5]);
        // As if the client had heard of more than the store knows.
        let page = account.get(server.address, "/v1/events?after=900").page();
        assert_eq!(messages(&page.events), [4, 5]);
        let numbers: Vec<_> = page.events.iter().map(|event| event.seq).collect();
        let first = numbers[0];
        assert!(first > ERA && first % ERA == 1 && numbers[1] == first + 1);
        // Hours since 2020, so that a copy that is restored twice begins two eras.
        assert!(first / ERA > 50_000 && first < 1 << 53, "{first}");
        server.kill();
        // It is raised once, and not at each start.
        let server = store.server();
        fetch(&server, &account, [6]);
        let last = account.events(server.address).pop().unwrap();
        assert_eq!(last.seq, first + 2);
    }
}

/// What stands in the data directory of one server, told apart by their hours.
#[test]
fn events_are_forgotten_by_the_hour_in_which_they_were_stored() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, 1..=3_000);
        server.kill();
        let table = store.events();
        // The times that events show are not what counts, whichever clock they came from.
        store.ask(&format!(
            "UPDATE {table} SET at = at - 17280000000 WHERE seq % 10 = 5"
        ));
        store.ask(&format!(
            "UPDATE {table} SET hour = hour - 181 * 24 WHERE seq % 10 <> 0 AND seq % 10 <> 5"
        ));
        if !store.is_postgres() {
            store.ask("UPDATE segment_hours SET earliest = 0");
        }
        let server = store.server();
        store.wait_for(&format!("SELECT count(*) FROM {table}"), "600");
        let events = account.events(server.address);
        assert!(
            events
                .iter()
                .map(|event| event.seq)
                .eq((5..=3_000).step_by(5))
        );
        let page = account.get(server.address, "/v1/events?after=3000").page();
        assert_eq!((page.events.len(), page.cursor), (0, 3_000));
        fetch(&server, &account, [1]);
        let page = account.get(server.address, "/v1/events?after=3000").page();
        assert_eq!(page.cursor, 3_001);
    }
}

/// Programs of before know whether they may use what later ones added to.
#[test]
fn a_database_that_later_versions_only_added_to_is_served() {
    for store in Store::both() {
        drop(store.server());
        if store.is_postgres() {
            store.ask("INSERT INTO migrations VALUES (98, 4), (99, 4)");
        } else {
            store.ask("PRAGMA user_version = 99");
            store.ask("UPDATE state SET version = 99");
        }
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1]);
        assert_eq!(account.events(server.address).len(), 1);
        server.kill();
        let change = if store.is_postgres() {
            "INSERT INTO migrations VALUES (100, 99)"
        } else {
            "UPDATE state SET oldest = 99"
        };
        store.ask(change);
        let data = store.dir().to_str().unwrap();
        let flags = ["serve", "--listen=127.0.0.1:0", "--data-dir", data];
        let output = run(&[&flags[..], &["--database", &store.url()]].concat());
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{log}");
        assert!(log.contains("knows versions up to"), "{log}");
    }
}
