//! PostgreSQL's tables of events by weeks.

use crate::client::{Account, ask, message_of, press_button};
use crate::database::Database;
use crate::postgres::{start, wait_until};

/// The events of a week go with its table; the numbers of those that stay do not change.
#[test]
fn weeks_that_are_over_are_dropped_whole() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(0), &[], "");
    wait_until("the store's clock is set", || {
        database.ask("SELECT hour > 0 FROM store") == "t"
    });
    server.kill();
    // Ten of each week of the last 40, of which retention leaves 25 or 26.
    database.ask(
        "DO $$
        DECLARE week BIGINT; this BIGINT := (SELECT hour / 168 FROM events);
        BEGIN
            FOR week IN SELECT generate_series(this - 40, this - 1) LOOP
                EXECUTE format('CREATE TABLE events_week_%s PARTITION OF events
                    FOR VALUES FROM (%s) TO (%s)', week, week * 168, week * 168 + 168);
                INSERT INTO events (account, seq, hour, message, kind, at, class, claim, reason)
                    SELECT account, (week - this + 41) * 10 + n, week * 168 + n * 16, message,
                        kind, at, class, claim, reason
                    FROM events, generate_series(0, 9) AS s (n) WHERE seq = 1;
            END LOOP;
            UPDATE accounts SET last_seq = 1000;
        END $$",
    );
    let least = "SELECT min(hour) >= (SELECT hour - 180 * 24 FROM store) FROM events";
    assert_eq!(database.ask(least), "f");
    let server = start(dir.path(), &database);
    wait_until("old events are removed", || database.ask(least) == "t");
    let tables = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass";
    let tables: u64 = database.ask(tables).parse().unwrap();
    // Those of 180 days, this week's and the next ones', and the one for all else.
    assert!((31..=33).contains(&tables), "{tables}");
    let events = account.events(server.address);
    assert!((240..=265).contains(&events.len()), "{}", events.len());
    assert!(events.is_sorted_by_key(|event| event.seq));
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).last().unwrap().seq, 1_001);
}

/// Events of before stand in one table, and stay there until their time is over.
#[test]
fn events_of_before_there_were_weeks_are_read_erased_and_forgotten() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let account = Account::create(server.address);
    for message in 1..=3 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    server.kill();
    database.ask(
        "WITH moved AS (DELETE FROM events RETURNING *)
         INSERT INTO opens (account, seq, message, kind, at, class, claim, reason)
         SELECT account, seq, message, kind,
             CASE WHEN seq = 1 THEN at - 181 * 86400000::bigint ELSE at END, class, claim, reason
         FROM moved",
    );
    let server = start(dir.path(), &database);
    ask(server.address, "GET", &account.pixel(4), &[], "");
    wait_until("the old event is removed", || {
        database.ask("SELECT count(*) FROM opens") == "2"
    });
    let events = account.events(server.address);
    assert_eq!(events.iter().map(message_of).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(account.events(server.address), events, "their ids stay");
    let erase = format!("{}/erase", account.receipt(2));
    assert_eq!(press_button(server.address, &erase, &[]).status, 303);
    let events = account.events(server.address);
    assert_eq!(events.iter().map(message_of).collect::<Vec<_>>(), [3, 4]);
}
