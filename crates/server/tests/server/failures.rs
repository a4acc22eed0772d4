//! Slow clients, a database that is busy, a disk that is full, and the passing of time.

use crate::client::{Account, Client, PATIENCE, ask, message_of};
use crate::embedded::Inside;
use crate::metrics::{metric, wait_for};
use crate::process::Server;
use kaifu_core::time::Millis;
use kaifu_server::Clock;
use kaifu_server::settings::Limits;
use rustix::process::{Resource, Rlimit, prlimit};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[test]
fn a_client_that_never_finishes_its_request_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        head_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    for beginning in [
        "",
        "G",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
    ] {
        let mut client = Client::connect(server.address).unwrap();
        client.write(beginning.as_bytes()).unwrap();
        let rest = client.rest().unwrap();
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{beginning}");
    }
}

#[test]
fn a_client_that_never_reads_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        write_timeout: Duration::from_millis(200),
        connections: 1,
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let mut client = Client::connect(server.address).unwrap();
    // Answers pile up until neither system takes more; then the server must let go.
    let request = b"GET /p/x.gif HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1_000);
    let start = Instant::now();
    while client.write(&request).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it was never cut off");
    }
    // The only place is free again.
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
}

#[test]
fn a_body_that_never_comes_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        request_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let mut client = Client::connect(server.address).unwrap();
    client
        .send("POST", "/v1/accounts", &[("content-length", "10")], "")
        .unwrap();
    let answer = client.receive(false).unwrap();
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (503, "timeout")
    );
}

#[test]
fn more_connections_than_allowed_wait_for_their_turn() {
    let dir = tempfile::tempdir().unwrap();
    let server = Inside::start(
        dir.path(),
        Limits {
            connections: 2,
            ..Limits::default()
        },
    );
    let mut held = [(); 2].map(|()| Client::connect(server.address).unwrap());
    for client in &mut held {
        client.send("GET", "/healthz", &[], "").unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    }
    let mut next = Client::connect(server.address).unwrap();
    next.send("GET", "/healthz", &[], "").unwrap();
    drop(held);
    assert_eq!(next.receive(false).unwrap().status, 200);
}

#[test]
fn a_low_limit_of_open_files_is_raised() {
    let dir = tempfile::tempdir().unwrap();
    let limited = "ulimit -Sn 40; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\"";
    let server = Server::spawn(
        Command::new("/bin/sh")
            .env_clear()
            .args(["-c", limited, env!("CARGO_BIN_EXE_kaifu-server")])
            .arg(dir.path()),
    );
    let mut clients: Vec<_> = (0..100)
        .map(|_| Client::connect(server.address).unwrap())
        .collect();
    for client in &mut clients {
        client.send("GET", "/healthz", &[], "").unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    }
}

#[test]
fn the_image_is_served_while_the_database_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        record_timeout: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let account = Account::create(server.address);
    let good = ask(server.address, "GET", "/p/forged.gif", &[], "");

    let other = rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = Instant::now();
    let answer = ask(server.address, "GET", &account.pixel(1), &[], "");
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "it waited for the store"
    );
    assert_eq!(answer.apart_from_date(), good.apart_from_date());
    assert_eq!(account.events(server.address), [], "reading goes on");

    // The event was not given up: it is stored as soon as that is possible.
    other.execute_batch("ROLLBACK").unwrap();
    let page = account.get(server.address, "/v1/events?wait=20").page();
    assert_eq!(page.events.iter().map(message_of).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_full_disk_is_an_error_that_passes_and_loses_nothing_from_before() {
    let dir = tempfile::tempdir().unwrap();
    // Files may grow to 6000 blocks of 512 bytes, which the log reaches before its first
    // checkpoint; beyond, writing fails as on a full disk.
    let limited = "trap '' XFSZ; ulimit -S -f 6000; exec \"$0\" serve --listen 127.0.0.1:0 \
        --data-dir \"$1\"";
    let server = Server::spawn(
        Command::new("/bin/sh")
            .env_clear()
            .args(["-c", limited, env!("CARGO_BIN_EXE_kaifu-server")])
            .arg(dir.path()),
    );
    let account = Account::create(server.address);
    let start = Instant::now();
    let mut client = Client::connect(server.address).unwrap();
    let mut fetched = 0;
    let stored = |fetched: u64| {
        account
            .get(
                server.address,
                &format!("/v1/events?after={}", fetched.max(1) - 1),
            )
            .page()
            .cursor
    };
    while stored(fetched) == fetched {
        for _ in 0..50 {
            fetched += 1;
            client
                .send("GET", &account.pixel(fetched), &[], "")
                .unwrap();
            assert_eq!(client.receive(false).unwrap().status, 200);
        }
        assert!(start.elapsed() < PATIENCE, "the disk never filled");
    }
    let before = account.events(server.address);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
    wait_until_not_ready(server.address);
    assert!(before.len() > 100, "{}", before.len());
    assert_eq!(account.events(server.address), before);

    lift_limit_of_files(&server);
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);
    ask(server.address, "GET", &account.pixel(0), &[], "");
    let log = server.kill();
    assert!(log.contains("without an event being acknowledged"), "{log}");
    let server = Server::start(dir.path());
    let after = account.events(server.address);
    assert_eq!(after[..before.len()], before);
    assert_eq!(
        after[before.len()..]
            .iter()
            .map(message_of)
            .collect::<Vec<_>>(),
        [0]
    );
}

/// A server whose files cannot grow, as on a full disk, until that is lifted.
pub(crate) fn without_room(dir: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .env_clear()
        .env("KAIFU_METRICS_LISTEN", "127.0.0.1:0")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -S -f 0; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\"",
        ])
        .arg(env!("CARGO_BIN_EXE_kaifu-server"))
        .arg(dir);
    command
}

#[test]
fn a_server_that_starts_on_a_full_disk_serves_images_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    server.stop();

    let server = Server::spawn(&mut without_room(dir.path()));
    let ready = ask(server.address, "GET", "/readyz", &[], "");
    let found = (ready.status, ready.error_code());
    assert_eq!(found, (503, "storage_unavailable".to_owned()));
    let healthy = ask(server.address, "GET", "/healthz", &[], "");
    assert_eq!(healthy.status, 200);
    let image = ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!((image.status, image.body.len()), (200, 43));
    assert_eq!(account.get(server.address, "/v1/events").status, 503);
    assert_eq!(metric(&server, "kaifu_opens_lost_total"), Some(1.0));
    assert_eq!(metric(&server, "kaifu_database_up"), Some(0.0));

    lift_limit_of_files(&server);
    wait_for(&server, "kaifu_database_up", 1.0);
    ask(server.address, "GET", &account.pixel(3), &[], "");
    let messages: Vec<_> = account
        .events(server.address)
        .iter()
        .map(message_of)
        .collect();
    assert_eq!(messages, [1, 3]);
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);
    let log = server.stop();
    assert!(log.contains("no event is kept meanwhile"), "{log}");
    assert!(log.contains("the database is open now"), "{log}");
}

/// Lets files grow again, as if there was room on the disk.
pub(crate) fn lift_limit_of_files(server: &Server) {
    let room = Rlimit {
        current: None,
        maximum: None,
    };
    prlimit(Some(server.id()), Resource::Fsize, room).unwrap();
}

/// Waits until the server says that it can store nothing. Each question writes something small, for
/// which there may still be room where an event has none.
pub(crate) fn wait_until_not_ready(address: SocketAddr) {
    let start = Instant::now();
    loop {
        let ready = ask(address, "GET", "/readyz", &[], "");
        if ready.status == 503 {
            assert_eq!(ready.error_code(), "storage_unavailable");
            return;
        }
        assert!(start.elapsed() < PATIENCE, "it still says {}", ready.text());
    }
}

#[test]
fn events_are_forgotten_after_their_time_and_the_cursor_stays() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for message in 1..=2_500 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    server.kill();
    let database = rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    let age = "UPDATE opens SET hour = hour - 25 WHERE seq % 5 <> 0";
    assert_eq!(database.execute(age, []).unwrap(), 2_000);
    let noted = "UPDATE segment_hours SET earliest = earliest - 25";
    database.execute(noted, []).unwrap();
    drop(database);

    let limits = Limits {
        purge_every: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let start = Instant::now();
    let opens = loop {
        let opens = account.events(server.address);
        if opens.len() <= 500 {
            break opens;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{} are still there",
            opens.len()
        );
    };
    assert!(opens.iter().map(|open| open.seq).eq((5..=2_500).step_by(5)));
    assert_eq!(
        account
            .get(server.address, "/v1/events?after=2500")
            .page()
            .cursor,
        2_500
    );
    ask(server.address, "GET", &account.pixel(1), &[], "");
    let page = account.get(server.address, "/v1/events?after=2500").page();
    assert_eq!(page.cursor, 2_501);
}

/// A clock that is wrong for a while, ahead or behind, at the start or later.
#[test]
fn a_wrong_clock_erases_nothing() {
    const DAY: i64 = 86_400_000;
    let dir = tempfile::tempdir().unwrap();
    let offset = Arc::<AtomicI64>::default();
    let start = || {
        let offset = Arc::clone(&offset);
        let clock = Clock::new(move || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let now = i64::try_from(now.as_millis()).unwrap();
            Millis(now + offset.load(Ordering::Relaxed))
        });
        let limits = Limits {
            purge_every: Duration::from_millis(5),
            ..Limits::default()
        };
        Inside::start_with(dir.path(), "sqlite:kaifu.db", limits, clock)
    };
    // A purge empties the log of what it removes, and each poll comes after several purges.
    let events = |server: &Inside, account: &Account| {
        account
            .get(server.address, "/v1/events?after=1000&wait=1")
            .page();
        account.events(server.address).len()
    };
    let server = start();
    let account = Account::create(server.address);
    // The tokens' last day seems to be over with a clock that is ahead, which is not believed.
    let mut stored = 0;
    for days in [0, 200, -200, 0, 3_000, 0] {
        offset.store(days * DAY, Ordering::Relaxed);
        for message in 0..5 {
            ask(server.address, "GET", &account.pixel(message), &[], "");
            stored += 1;
        }
        assert_eq!(events(&server, &account), stored, "{days} days");
    }
    drop(server);
    for days in [200, -200, 0] {
        offset.store(days * DAY, Ordering::Relaxed);
        let server = start();
        assert_eq!(
            events(&server, &account),
            stored,
            "{days} days at the start"
        );
    }
}
