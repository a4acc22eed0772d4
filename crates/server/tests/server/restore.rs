//! Putting a backup in place.

use crate::client::{Account, ask, message_of, press_button};
use crate::database::Database;
use crate::postgres::{two_dirs, wait_until};
use crate::process::{Server, run};
use kaifu_protocol::api::Kind;
use std::fs;
use std::path::Path;
use std::process::Output;

fn backup(dir: &Path, copy: &Path) {
    let args = ["backup", "--data-dir", dir.to_str().unwrap()];
    let output = run(&[&args[..], &[copy.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{output:?}");
}

fn restore(dir: &Path, copy: &Path) -> Output {
    let args = ["restore", "--data-dir", dir.to_str().unwrap()];
    run(&[&args[..], &[copy.to_str().unwrap()]].concat())
}

fn log(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn messages(account: &Account, server: &Server) -> Vec<u64> {
    let events = account.events(server.address);
    events.iter().map(message_of).collect()
}

#[test]
fn what_was_refused_erased_or_deleted_since_the_backup_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let [data, copy] = ["data", "copy.db"].map(|name| dir.path().join(name));
    let server = Server::start(&data);
    let [kept, deleted] = [(); 2].map(|()| Account::create(server.address));
    for message in 1..=4 {
        ask(server.address, "GET", &kept.pixel(message), &[], "");
        ask(server.address, "GET", &deleted.pixel(message), &[], "");
    }
    backup(&data, &copy);
    let press = |message, button: &str| {
        let path = format!("{}/{button}", kept.receipt(message));
        assert_eq!(press_button(server.address, &path, &[]).status, 303);
    };
    press(1, "refuse");
    press(2, "erase");
    ask(server.address, "GET", &kept.pixel(5), &[], "");
    let bearer = deleted.authorization();
    ask(server.address, "DELETE", "/v1/account", &bearer, "");
    let newcomer = Account::create(server.address);
    let last = kept.events(server.address).last().unwrap().seq;
    // Not while it is served.
    let output = restore(&data, &copy);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(log(&output).contains("another kaifu-server"));
    server.stop();

    let output = restore(&data, &copy);
    assert!(output.status.success(), "{output:?}");
    assert!(log(&output).contains("1 emails were refused, 1 accounts deleted"));
    let server = Server::start(&data);
    assert_eq!(messages(&kept, &server), [1, 3, 4]);
    for account in [&deleted, &newcomer] {
        assert_eq!(account.get(server.address, "/v1/events").status, 401);
    }
    // The refusal holds, and whatever comes is numbered above all that was ever told.
    for message in [1, 2, 6] {
        ask(server.address, "GET", &kept.pixel(message), &[], "");
    }
    let events = kept.events(server.address);
    assert!(
        events.iter().map(message_of).eq([1, 3, 4, 2, 6]),
        "{events:?}"
    );
    assert!(events[3].seq > last);
    assert!(data.join("kaifu.db.before-restore").exists());
}

#[test]
fn a_backup_is_put_into_an_empty_directory_with_its_keys() {
    let dir = tempfile::tempdir().unwrap();
    let [data, copy, other] = ["data", "copy.db", "other"].map(|name| dir.path().join(name));
    let server = Server::start(&data);
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    backup(&data, &copy);
    server.stop();
    let output = restore(&other, &copy);
    assert!(output.status.success(), "{output:?}");
    assert!(log(&output).contains("is not known and may be back"));
    let server = Server::start(&other);
    ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!(messages(&account, &server), [1, 2]);
}

#[test]
fn what_is_damaged_or_anothers_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let [data, copy, other] = ["data", "copy.db", "other"].map(|name| dir.path().join(name));
    let server = Server::start(&data);
    let account = Account::create(server.address);
    for message in 0..200 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    backup(&data, &copy);
    server.stop();
    // Another server's data directory, whose key is not the backup's.
    let stranger = Server::start(&other);
    Account::create(stranger.address);
    stranger.stop();
    let output = restore(&other, &copy);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(log(&output).contains("none of the keys"), "{output:?}");

    let whole = fs::read(&copy).unwrap();
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle..].fill(0x5a);
    for bytes in [&broken[..], b"no database at all", &whole[..5_000]] {
        fs::write(&copy, bytes).unwrap();
        let output = restore(&data, &copy);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    let server = Server::start(&data);
    assert_eq!(account.events(server.address).len(), 200);
}

/// The database of before is damaged, and the journal beside it is not.
#[test]
fn a_journal_tells_a_copy_what_a_damaged_database_cannot() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let copy = dir.path().join("copy.db");
    let flags = ["--data-dir", data.to_str().unwrap()];
    let server = Server::start(&data);
    let [account, deleted] = [(); 2].map(|()| Account::create(server.address));
    let fetch = |server: &Server, message| {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    };
    for message in 1..=3 {
        fetch(&server, message);
    }
    // It was erased once already, and what came then is in the copy.
    let path = format!("{}/erase", account.receipt(1));
    assert_eq!(press_button(server.address, &path, &[]).status, 303);
    fetch(&server, 1);
    let backup = [&["backup", copy.to_str().unwrap()][..], &flags].concat();
    assert_eq!(run(&backup).status.code(), Some(0));
    for message in [4, 5, 6, 7] {
        fetch(&server, message);
    }
    // The last one is an email that the copy does not know.
    for (message, button) in [(2, "erase"), (3, "refuse"), (8, "refuse")] {
        let path = format!("{}/{button}", account.receipt(message));
        assert_eq!(press_button(server.address, &path, &[]).status, 303);
    }
    let bearer = deleted.authorization();
    ask(server.address, "DELETE", "/v1/account", &bearer, "");
    let cursor = account.events(server.address).last().unwrap().seq;
    server.kill();

    let restore = [&["restore", copy.to_str().unwrap()][..], &flags].concat();
    let mut eras = Vec::new();
    for _ in 0..2 {
        for name in ["kaifu.db", "kaifu.db-wal", "kaifu.db-shm"] {
            let _ = std::fs::remove_file(data.join(name));
        }
        std::fs::write(data.join("kaifu.db"), "no database any more").unwrap();
        let output = run(&restore);
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{log}");
        assert!(log.contains("stood in its journal"), "{log}");
        let server = Server::start(&data);
        let messages: Vec<_> = (account.events(server.address).iter())
            .map(message_of)
            .collect();
        assert_eq!(messages, [3, 1]);
        for message in [2, 3, 8, 9] {
            fetch(&server, message);
        }
        // Whoever had heard of all of it hears of what is new.
        let heard = account.events_after(server.address, cursor);
        assert_eq!(heard.iter().map(message_of).collect::<Vec<_>>(), [2, 9]);
        assert_eq!(deleted.get(server.address, "/v1/events").status, 401);
        eras.push(heard[0].seq >> 32);
        server.kill();
    }
    assert!(eras[0] > 0, "{eras:?}");
}

/// Each server has a journal, and the dump is restored by PostgreSQL's own tools.
#[test]
fn journals_tell_a_restored_dump_what_it_does_not_know() {
    let Some(database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let serve = |url: &str| {
        let flags = ["--database", url];
        (dirs.each_ref()).map(|dir| Server::start_with(dir.path(), &flags))
    };
    let [a, b] = serve(&database.url());
    let [account, deleted] = [(); 2].map(|()| Account::create(a.address));
    let fetch = |server: &Server, message| {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    };
    let press = |server: &Server, message, button: &str| {
        let path = format!("{}/{button}", account.receipt(message));
        assert_eq!(press_button(server.address, &path, &[]).status, 303);
    };
    for message in 1..=5 {
        fetch(&a, message);
    }
    ask(a.address, "GET", &deleted.pixel(1), &[], "");
    let path = format!("{}/refuse", deleted.receipt(1));
    assert_eq!(press_button(a.address, &path, &[]).status, 303);
    press(&b, 1, "erase");
    fetch(&a, 1);
    press(&a, 6, "refuse");
    let dump = dirs[0].path().join("dump.sql");
    database.dump(&dump);
    press(&b, 2, "erase");
    press(&a, 3, "refuse");
    press(&b, 4, "refuse");
    press(&a, 4, "allow");
    press(&b, 6, "allow");
    // An email that the dump does not know.
    press(&b, 8, "refuse");
    let bearer = deleted.authorization();
    ask(b.address, "DELETE", "/v1/account", &bearer, "");
    let cursor = account.events(a.address).last().unwrap().seq;
    a.kill();
    b.kill();

    let url = database.restored(&dump, "copy");
    let journals = (dirs.each_ref()).map(|dir| dir.path().join("postgres.journal"));
    let [first, second] = journals.each_ref().map(|path| path.to_str().unwrap());
    // A dump is no journal, and a server's that is missing would be missed.
    for wrong in [dump.to_str().unwrap(), "/nowhere/postgres.journal"] {
        let output = run(&["restore", "--database", &url, first, wrong]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(log(&output).contains("is no journal") && log(&output).contains("pg_restore"));
    }
    for _ in 0..2 {
        let output = run(&["restore", "--database", &url, first, second]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(log(&output).contains("hold in it as well"), "{output:?}");
    }
    let [a, b] = serve(&url);
    let events = account.events(a.address);
    let pixels = events.iter().filter(|event| event.kind == Kind::Pixel);
    assert_eq!(pixels.map(message_of).collect::<Vec<_>>(), [3, 4, 5, 1]);
    for message in [2, 3, 4, 6, 8] {
        fetch(&b, message);
    }
    let heard = account.events_after(a.address, cursor);
    assert_eq!(heard.iter().map(message_of).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(deleted.get(b.address, "/v1/events").status, 401);
    // Nothing names an account any more that another server deleted.
    let name = deleted.id.to_string();
    let names = |path| fs::read_to_string(path).unwrap().contains(&name);
    wait_until("it is forgotten", || !journals.iter().any(names));
}
