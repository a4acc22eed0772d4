//! What both stores promise, tried on each.

use crate::client::{Account, Answer, PATIENCE, ask, form, load, message_of, press_button};
use crate::database::Database;
use crate::privacy::places_of;
use crate::process::Server;
use kaifu_protocol::api::{Event, Kind};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;
use tempfile::TempDir;

/// A store of one of both kinds, with a server's data directory.
pub(crate) struct Store {
    dir: TempDir,
    postgres: Option<Database>,
}

impl Store {
    /// One of each kind; SQLite alone where PostgreSQL is not installed.
    pub(crate) fn both() -> Vec<Self> {
        let postgres = Database::start().map(Some);
        std::iter::once(None)
            .chain(postgres)
            .map(|postgres| Self {
                dir: tempfile::tempdir().unwrap(),
                postgres,
            })
            .collect()
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// The database, where it is PostgreSQL.
    pub(crate) const fn postgres(&self) -> Option<&Database> {
        self.postgres.as_ref()
    }

    /// What `--database` takes.
    pub(crate) fn url(&self) -> String {
        let file = || "sqlite:kaifu.db".to_owned();
        self.postgres.as_ref().map_or_else(file, Database::url)
    }

    pub(crate) fn server(&self) -> Server {
        let flags = ["--database", &self.url(), "--metrics-listen=127.0.0.1:0"];
        Server::start_with(self.dir(), &flags)
    }

    /// The table that new events go to.
    pub(crate) fn events(&self) -> &'static str {
        if self.is_postgres() {
            "events"
        } else {
            "opens"
        }
    }

    /// Asks the store itself and returns the first value.
    pub(crate) fn ask(&self, query: &str) -> String {
        if let Some(postgres) = &self.postgres {
            return postgres.ask(query);
        }
        let database = Connection::open(self.dir().join("kaifu.db")).unwrap();
        let mut statement = database.prepare(query).unwrap();
        let mut rows = statement.query([]).unwrap();
        match rows.next().unwrap().map(|row| row.get(0).unwrap()) {
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Text(text)) => text,
            None => String::new(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until a question has that answer.
    pub(crate) fn wait_for(&self, query: &str, expected: &str) {
        let start = Instant::now();
        loop {
            let found = self.ask(query);
            if found == expected {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{query}: {found}");
        }
    }
}

pub(crate) fn fetch(server: &Server, account: &Account, messages: impl IntoIterator<Item = u64>) {
    load(server.address, account, messages);
}

pub(crate) fn press(server: &Server, account: &Account, message: u64, button: &str) -> Answer {
    let path = format!("{}/{button}", account.receipt(message));
    press_button(server.address, &path, &[])
}

pub(crate) fn messages(events: &[Event]) -> Vec<u64> {
    events.iter().map(message_of).collect()
}

#[test]
fn events_are_stored_as_they_were_judged_and_read_page_by_page() {
    for store in Store::both() {
        let server = store.server();
        let [account, other] = [(); 2].map(|()| Account::create(server.address));
        fetch(&server, &account, 1..=6);
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let headers = [("user-agent", firefox)];
        ask(server.address, "GET", &account.pixel(7), &headers, "");
        fetch(&server, &other, [1]);
        let page = account.get(server.address, "/v1/events?limit=3").page();
        assert_eq!((page.events.len(), page.cursor), (3, 3));
        let events = account.events(server.address);
        assert!(events.iter().map(|event| event.seq).eq(1..=7), "{events:?}");
        assert!(messages(&events).into_iter().eq(1..=7), "{events:?}");
        assert_eq!(events[0].reason, "no_user_agent");
        assert_eq!(events[0].source.device, None);
        assert_eq!(events[6].source.device.as_deref(), Some("Linux"));
        let readers = events.iter().map(|event| event.source.reader.as_ref());
        assert!(
            readers.flatten().all(|reader| reader.len() == 11),
            "{events:?}"
        );
        assert!(events[6].source.reader.is_some());
        // Each has a name of its own, which it keeps.
        let ids: HashSet<_> = events.iter().map(|event| event.id.as_str()).collect();
        assert!(ids.len() == 7 && ids.iter().all(|id| id.len() == 11));
        assert_eq!(account.events(server.address), events);
        let target = "https://example.org/";
        let link = ask(server.address, "GET", &account.link(9, target), &[], "");
        assert_eq!(link.header("location"), Some(target));
        let last = account.events(server.address).pop().unwrap();
        assert_eq!(last.kind, Kind::Link);
    }
}

#[test]
fn a_refusal_keeps_out_what_follows_and_erasing_leaves_it() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, 1..=7);
        for button in ["read", "refuse", "refuse"] {
            assert_eq!(press(&server, &account, 5, button).status, 303);
        }
        fetch(&server, &account, [5]);
        let page = ask(server.address, "GET", &account.receipt(5), &[], "");
        assert_eq!(page.text().matches("<time ").count(), 3, "{}", page.text());
        assert!(page.text().contains("was declined"));
        assert_eq!(press(&server, &account, 5, "erase").status, 303);
        let events = account.events(server.address);
        let of_five = events.iter().filter(|event| message_of(event) == 5);
        assert!(of_five.map(|event| event.kind).eq([Kind::Refuse]));
        assert_eq!(events.len(), 7);
        fetch(&server, &account, [5, 6]);
        assert_eq!(messages(&account.events(server.address)[6..]), [5, 6]);
        let page = ask(server.address, "GET", &account.receipt(5), &[], "");
        assert!(page.text().contains("was declined"), "{}", page.text());
    }
}

/// Whoever asks not to be tracked is no event: one number for the account and the day, without a
/// message. A press is their own act and counts.
#[test]
fn loads_that_ask_not_to_be_tracked_are_one_number_a_day() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        for message in 1..=3 {
            for header in ["sec-gpc", "dnt"] {
                let asked = [(header, "1"), ("user-agent", "Mozilla/5.0 Firefox/140.0")];
                let image = ask(server.address, "GET", &account.pixel(message), &asked, "");
                assert_eq!(image.status, 200);
            }
        }
        let path = format!("{}/read", account.receipt(3));
        press_button(server.address, &path, &[("sec-gpc", "1")]);
        // Other values say nothing of the kind.
        ask(
            server.address,
            "GET",
            &account.pixel(3),
            &[("dnt", "0")],
            "",
        );
        let events = account.events(server.address);
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [Kind::Read, Kind::Pixel]);
        let page = ask(server.address, "GET", &account.receipt(1), &[], "");
        assert!(
            page.text().contains("Nothing is recorded"),
            "{}",
            page.text()
        );
        let query = "SELECT count(*) FROM floods WHERE at % 86400000 = 0 AND client IS NULL";
        assert_eq!(store.ask(query), "1");
        assert_eq!(store.ask("SELECT times FROM floods"), "6");
    }
}

/// What is sealed comes to the account as it was sent, and what is not sealed is kept nowhere.
#[test]
fn a_sealed_name_is_kept_for_the_account_alone() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        let sealed = "aZ09-_".repeat(64)[..379].to_owned();
        let path = format!("{}/read", account.receipt(5));
        for name in [&*sealed, "Unmistakable", ""] {
            let body = format!("{}&sealed={name}", form(server.address, &path));
            let answer = ask(server.address, "POST", &path, &[], &body);
            assert_eq!(answer.status, 303);
        }
        let events = account.events(server.address);
        let names: Vec<_> = events.iter().map(|event| event.sealed.as_deref()).collect();
        assert_eq!(names, [Some(&*sealed), None, None]);
        let page = ask(server.address, "GET", &account.receipt(5), &[], "");
        assert!(page.text().contains("with a sealed name") && !page.text().contains(&sealed));
        let log = server.kill();
        assert!(!log.contains("Unmistakable") && !log.contains(&sealed));
        assert_eq!(places_of(b"Unmistakable", store.dir()), [] as [String; 0]);
    }
}

/// A refusal can be lifted at any time, and be pressed again.
#[test]
fn what_is_allowed_again_is_recorded_again() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        let kinds = |server: &Server| -> Vec<Kind> {
            let events = account.events(server.address);
            events.iter().map(|event| event.kind).collect()
        };
        // There is nothing to lift.
        assert_eq!(press(&server, &account, 5, "allow").status, 303);
        fetch(&server, &account, [5]);
        press(&server, &account, 5, "refuse");
        fetch(&server, &account, [5]);
        let before = [Kind::Pixel, Kind::Refuse];
        assert_eq!(kinds(&server), before);
        for _ in 0..2 {
            assert_eq!(press(&server, &account, 5, "allow").status, 303);
        }
        fetch(&server, &account, [5]);
        let events = account.events(server.address);
        let after = [Kind::Pixel, Kind::Refuse, Kind::Undo, Kind::Pixel];
        assert_eq!(kinds(&server), after);
        assert!(events.iter().map(|event| event.seq).eq(1..=4));
        assert_eq!(events[2].of.as_ref(), Some(&events[1].id));
        assert_eq!(store.ask("SELECT count(*) FROM refusals"), "0");
        press(&server, &account, 5, "refuse");
        // It holds after a restart, too.
        server.kill();
        let server = store.server();
        fetch(&server, &account, [5]);
        assert_eq!(kinds(&server)[4..], [Kind::Refuse]);
    }
}

/// What comes after an erasure is recorded anew.
#[test]
fn erasing_takes_what_there_was_and_nothing_that_comes_later() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1, 2, 1]);
        // More than are stored one by one, so some are only counted.
        fetch(&server, &account, [1; 40]);
        assert_eq!(press(&server, &account, 1, "erase").status, 303);
        assert_eq!(messages(&account.events(server.address)), [2]);
        press(&server, &account, 1, "read");
        assert_eq!(messages(&account.events(server.address)), [2, 1]);
        assert_eq!(press(&server, &account, 1, "erase").status, 303);
        assert_eq!(messages(&account.events(server.address)), [2]);
        let table = store.events();
        store.wait_for(&format!("SELECT count(*) FROM {table}"), "1");
        assert_eq!(store.ask("SELECT count(*) FROM floods"), "0");
    }
}

#[test]
fn a_deleted_account_leaves_nothing_behind() {
    for store in Store::both() {
        let server = store.server();
        let [gone, other] = [(); 2].map(|()| Account::create(server.address));
        fetch(&server, &other, [1]);
        fetch(&server, &gone, 1..=2_500);
        press(&server, &gone, 1, "refuse");
        press(&server, &gone, 2, "erase");
        let bearer = gone.authorization();
        let deleted = ask(server.address, "DELETE", "/v1/account", &bearer, "");
        assert_eq!(deleted.status, 204);
        assert_eq!(gone.get(server.address, "/v1/events").status, 401);
        fetch(&server, &gone, [8]);
        assert_eq!(other.events(server.address).len(), 1);
        let rows = [("accounts", "1"), (store.events(), "1"), ("refusals", "0")];
        for (table, count) in rows.into_iter().chain([("graves", "0"), ("erasures", "0")]) {
            store.wait_for(&format!("SELECT count(*) FROM {table}"), count);
        }
    }
}

/// Numbers never come twice, so whoever is ahead of the store is told nothing but to wait.
#[test]
fn a_cursor_from_the_future_waits_like_any_other() {
    for store in Store::both() {
        let server = store.server();
        let account = Account::create(server.address);
        fetch(&server, &account, [1]);
        let start = Instant::now();
        let page = account.get(server.address, "/v1/events?after=500&wait=1");
        let page = page.page();
        assert_eq!((page.events.len(), page.cursor), (0, 500));
        assert!(start.elapsed().as_millis() >= 950, "it did not wait");
        let page = account.get(server.address, "/v1/events?after=500").page();
        assert_eq!((page.events.len(), page.cursor), (0, 500));
    }
}
