//! What one account or message may have of the store, on either store.

use crate::client::{Account, PATIENCE, ask, load, message_of, nonce, press_button, today};
use crate::embedded::{Inside, settings};
use crate::metrics::{wait_for, wait_until_purged};
use crate::postgres::wait_until;
use crate::stores::{Store, fetch, press};
use kaifu_core::time::Millis;
use kaifu_core::token::RECORDED_DAYS;
use kaifu_protocol::api::Event;
use kaifu_server::Clock;
use kaifu_server::settings::{Limits, Reserve, Settings};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const HOUR: i64 = 3_600_000;

/// A clock that a test sets, which begins with a day that is 10 hours old.
fn clock() -> (Arc<AtomicI64>, Clock) {
    let now = Arc::new(AtomicI64::new(20_000 * 24 * HOUR + 10 * HOUR));
    let shown = Arc::clone(&now);
    let clock = Clock::new(move || Millis(shown.load(Ordering::Relaxed)));
    (now, clock)
}

/// A server in this process with little room for each.
fn start(store: &Store, clock: Clock) -> Inside {
    let limits = Limits {
        settle_every: Duration::from_millis(20),
        account_events_per_day: 50,
        message_events_per_day: 20,
        presses_per_day: 3,
        ..Limits::default()
    };
    Inside::start_with(store.dir(), &store.url(), limits, clock)
}

fn wait_for_events(server: &Inside, account: &Account, count: usize) -> Vec<Event> {
    let start = Instant::now();
    loop {
        let events = account.events(server.address);
        if events.len() >= count {
            assert_eq!(events.len(), count, "{events:?}");
            return events;
        }
        assert!(start.elapsed() < PATIENCE, "{events:?}");
    }
}

/// Nothing is lost beyond the shares: it is counted, for a message by the hour, for an account by the
/// day and without a message.
#[test]
fn beyond_its_share_a_message_is_counted_by_the_hour_and_an_account_by_the_day() {
    for store in Store::both() {
        let (now, clock) = clock();
        let server = start(&store, clock);
        let [account, other] = [(); 2].map(|()| Account::create(server.address));
        load(server.address, &account, [7; 25]);
        assert_eq!(account.events(server.address).len(), 20);
        load(server.address, &account, 100..140);
        assert_eq!(account.events(server.address).len(), 50);
        load(server.address, &account, [7]);
        load(server.address, &other, [7]);
        assert_eq!(other.events(server.address).len(), 1);
        // A minute more is not enough, and an hour is, for the message.
        now.fetch_add(60_000, Ordering::Relaxed);
        load(server.address, &account, [7, 8]);
        assert_eq!(account.events(server.address).len(), 50);
        now.fetch_add(HOUR, Ordering::Relaxed);
        let events = wait_for_events(&server, &account, 51);
        let last = events.last().unwrap();
        assert_eq!((message_of(last), last.repeats), (7, 4));
        now.fetch_add(14 * HOUR, Ordering::Relaxed);
        let events = wait_for_events(&server, &account, 52);
        let last = events.last().unwrap();
        assert_eq!((message_of(last), last.repeats + 1), (0, 10 + 3));
        let all: u64 = events.iter().map(|event| 1 + event.repeats).sum();
        assert_eq!(all, 25 + 40 + 3);
        // A day is over, and both have theirs again.
        load(server.address, &account, [7, 300]);
        assert_eq!(account.events(server.address).len(), 54);
    }
}

#[test]
fn a_button_has_so_many_presses_a_day_and_none_is_folded() {
    for store in Store::both() {
        let (now, clock) = clock();
        let server = start(&store, clock);
        let account = Account::create(server.address);
        let press = |message, button: &str| {
            let path = format!("{}/{button}", account.receipt(message));
            // Its reader takes two seconds.
            now.fetch_sub(2_000, Ordering::Relaxed);
            let page = ask(server.address, "GET", &account.receipt(message), &[], "");
            now.fetch_add(2_000, Ordering::Relaxed);
            let body = format!("nonce={}", nonce(&page));
            ask(server.address, "POST", &path, &[], &body)
        };
        for _ in 0..3 {
            assert_eq!(press(1, "read").status, 303);
        }
        for _ in 0..2 {
            let refused = press(1, "read");
            assert_eq!(refused.status, 429);
            // Until midnight.
            assert_eq!(refused.header("retry-after"), Some("50400"));
            assert!(refused.text().contains("pressed many times today"));
        }
        assert_eq!(press(2, "read").status, 303);
        for button in ["erase", "refuse"] {
            assert_eq!(press(1, button).status, 303, "{button}");
        }
        let events = account.events(server.address);
        assert!(events.iter().all(|event| event.repeats == 0));
        assert!(events.iter().map(message_of).eq([2, 1]), "{events:?}");
        now.fetch_add(14 * HOUR, Ordering::Relaxed);
        assert_eq!(press(3, "read").status, 303);
        assert_eq!(press(2, "read").status, 303);
    }
}

/// Has the store think that it is that many hours later than when accounts last asked.
fn age(store: &Store, hours: i64) {
    store.ask(&format!(
        "UPDATE accounts SET used = used - {hours} RETURNING 1"
    ));
}

const ENDED_ACCOUNTS: &str = "kaifu_ended_total{what=\"accounts\"}";

#[test]
fn accounts_that_nobody_asks_for_come_to_an_end() {
    for store in Store::both() {
        let server = store.server();
        let [asking, silent] = [(); 2].map(|()| Account::create(server.address));
        for account in [&asking, &silent] {
            fetch(&server, account, [1]);
        }
        assert_eq!(press(&server, &silent, 2, "refuse").status, 303);
        asking.events(server.address);
        let count = |expected| store.wait_for("SELECT count(*) FROM accounts", expected);
        // What it knows it tells the store at the latest when it ends.
        server.stop();
        assert_eq!(
            store.ask("SELECT count(*) FROM accounts WHERE has_asked"),
            "1"
        );
        age(&store, 6 * 24);
        // Neither is over its time.
        let server = store.server();
        wait_until_purged(&server);
        count("2");
        server.kill();
        age(&store, 2 * 24);
        let server = store.server();
        wait_for(&server, ENDED_ACCOUNTS, 1.0);
        count("1");
        store.wait_for(&format!("SELECT count(*) FROM {}", store.events()), "1");
        assert_eq!(silent.get(server.address, "/v1/events").status, 401);
        assert_eq!(asking.events(server.address).len(), 1);
        let engine = if store.is_postgres() {
            "postgres"
        } else {
            "kaifu"
        };
        let journal = store.dir().join(engine).with_extension("journal");
        wait_until("what it refused is forgotten", || {
            !fs::read_to_string(&journal)
                .unwrap()
                .contains(&silent.id.to_string())
        });
        server.kill();
        age(&store, 367 * 24);
        let server = store.server();
        wait_for(&server, ENDED_ACCOUNTS, 1.0);
        count("0");
    }
}

/// Of an account of before nothing is known, so its time begins now.
#[test]
fn no_account_ends_by_a_clock_that_is_off() {
    for store in Store::both() {
        let server = store.server();
        let [fresh, earlier] = [(); 2].map(|()| Account::create(server.address));
        fetch(&server, &fresh, [1]);
        assert_eq!(press(&server, &fresh, 2, "refuse").status, 303);
        wait_until_purged(&server);
        server.kill();
        store.ask("UPDATE accounts SET used = 0 WHERE account = 2 RETURNING 1");
        store.ask("UPDATE refusals SET until = 1 RETURNING 1");
        let ahead = || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            Millis(i64::try_from(now.as_millis()).unwrap() + 800 * 24 * HOUR)
        };
        let server = Inside::serve(Settings {
            database: store.url().parse().unwrap(),
            clock: Clock::new(ahead),
            ..settings(store.dir(), Limits::default())
        });
        // That comes last.
        store.wait_for("SELECT count(*) FROM refusals", "0");
        assert_eq!(
            store.ask("SELECT count(*) FROM accounts WHERE used > 0"),
            "2"
        );
        for account in [&fresh, &earlier] {
            assert_eq!(account.get(server.address, "/v1/events").status, 200);
        }
    }
}

#[test]
fn a_refusal_lives_until_its_tokens_last_day() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        for message in [1, 2] {
            assert_eq!(press(&server, &account, message, "refuse").status, 303);
        }
        let until = today().plus(RECORDED_DAYS).0.to_string();
        assert_eq!(store.ask("SELECT min(until) FROM refusals"), until);
        server.kill();
        let first = if store.is_postgres() {
            "'\\x0000000000000001'"
        } else {
            "x'0000000000000001'"
        };
        let yesterday = today().0 - 1;
        store.ask(&format!(
            "UPDATE refusals SET until = {yesterday} WHERE message = {first} RETURNING 1"
        ));
        let server = store.server();
        wait_for(&server, "kaifu_ended_total{what=\"refusals\"}", 1.0);
        assert_eq!(store.ask("SELECT count(*) FROM refusals"), "1");
        fetch(&server, &account, [1, 2]);
        // Both were told of, and one of them is recorded again.
        let events = account.events(server.address);
        assert!(events.iter().map(message_of).eq([1, 2, 1]), "{events:?}");
    }
}

#[test]
fn on_a_disk_with_little_room_only_accounts_in_use_are_stored() {
    for store in Store::both() {
        let server = store.server();
        let [asking, silent] = [(); 2].map(|()| Account::create(server.address));
        asking.events(server.address);
        server.stop();
        let reserve = Reserve {
            bytes: u64::MAX,
            percent: 100,
        };
        let limits = Limits {
            reserve,
            ..Limits::default()
        };
        let server = Inside::start_with(store.dir(), &store.url(), limits, Clock::default());
        for account in [&asking, &silent] {
            load(server.address, account, [1]);
        }
        // A button does not claim what has not happened.
        let refuse = format!("{}/refuse", silent.receipt(1));
        assert_eq!(press_button(server.address, &refuse, &[]).status, 503);
        let refused = ask(server.address, "POST", "/v1/accounts", &[], "{}");
        let found = (refused.status, refused.error_code());
        assert_eq!(found, (503, "disk_low".to_owned()));
        assert_eq!(asking.events(server.address).len(), 1);
        assert_eq!(silent.events(server.address).len(), 0);
        // Whoever asks is in use.
        load(server.address, &silent, [2]);
        assert_eq!(press_button(server.address, &refuse, &[]).status, 303);
        assert_eq!(silent.events(server.address).len(), 2);
    }
}
