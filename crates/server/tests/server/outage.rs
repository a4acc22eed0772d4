//! A PostgreSQL that is cut off without a word, and a spool on a full disk.

use crate::client::{Account, Client, PATIENCE, ask, message_of};
use crate::crash::{Load, check};
use crate::database::Database;
use crate::failures::{lift_limit_of_files, wait_until_not_ready};
use crate::metrics::{metric, wait_for};
use crate::postgres::{drained, drained_after, two_dirs};
use crate::privacy::places_of;
use crate::process::Server;
use rustix::process::Signal;
use std::collections::HashSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A way to the database on which, from one moment to the next, nothing gets through: connections
/// stay open, new ones are accepted, and no byte arrives.
struct Wire {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
}

impl Wire {
    fn lay(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let cut = Arc::<AtomicBool>::default();
        let state = Arc::clone(&cut);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(near), state, socket) = (stream, Arc::clone(&state), socket.clone()) else {
                    return;
                };
                std::thread::spawn(move || lead(&near, &socket, &state));
            }
        });
        Self { address, cut }
    }
}

fn hold(cut: &AtomicBool) {
    while cut.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

fn lead(near: &TcpStream, socket: &PathBuf, cut: &AtomicBool) {
    hold(cut);
    let Ok(far) = UnixStream::connect(socket) else {
        return;
    };
    let tick = Some(Duration::from_millis(10));
    near.set_read_timeout(tick).unwrap();
    far.set_read_timeout(tick).unwrap();
    near.set_nodelay(true).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            pass(near, &far, cut);
            let _ = far.shutdown(std::net::Shutdown::Both);
        });
        pass(&far, near, cut);
        let _ = near.shutdown(std::net::Shutdown::Both);
    });
}

fn pass(mut from: impl Read, mut to: impl Write, cut: &AtomicBool) {
    let mut bytes = [0; 1 << 14];
    loop {
        hold(cut);
        match from.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => {
                hold(cut);
                if to.write_all(&bytes[..count]).is_err() {
                    return;
                }
            }
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {}
            Err(_) => return,
        }
    }
}

/// How long the database is cut off, at least: `KAIFU_CUT_SECONDS`, 0 unless set.
fn length_of_cut() -> Duration {
    let seconds = std::env::var("KAIFU_CUT_SECONDS");
    Duration::from_secs(seconds.map_or(0, |seconds| seconds.parse().unwrap()))
}

/// Whatever was on its way when the wire was cut may arrive when it is whole again.
#[test]
fn a_database_that_is_cut_off_under_two_servers_costs_no_event() {
    let Some(database) = Database::start() else {
        return;
    };
    let wire = Wire::lay(database.socket());
    let dirs = two_dirs();
    let start = |dir| {
        let url = Database::url_through(wire.address);
        Server::start_with(dir, &["--database", &url, "--metrics-listen=127.0.0.1:0"])
    };
    let [a, b] = dirs.each_ref().map(|dir| start(dir.path()));
    let account = Account::create(a.address);
    let mut acknowledged = HashSet::new();
    let loads = [&a, &b].map(|server| Load::start(server, &account));
    for load in &loads {
        load.wait_for(300, &mut acknowledged);
    }
    wire.cut.store(true, Ordering::Relaxed);
    let (cut, length) = (Instant::now(), length_of_cut());
    for (server, load) in [&a, &b].into_iter().zip(&loads) {
        wait_for(server, "kaifu_database_up", 0.0);
        load.wait_for(1_000, &mut acknowledged);
    }
    // One of them dies while nothing gets through, and comes back to the same.
    let [of_a, of_b] = loads;
    while cut.elapsed() < length / 2 {
        of_a.wait_for(1, &mut acknowledged);
    }
    a.kill();
    of_a.finish(&mut acknowledged);
    let a = start(dirs[0].path());
    let again = Load::start(&a, &account);
    again.wait_for(300, &mut acknowledged);
    while cut.elapsed() < length {
        again.wait_for(1, &mut acknowledged);
    }
    assert_eq!(metric(&a, "kaifu_database_up"), Some(0.0));
    let length = cut.elapsed();
    wire.cut.store(false, Ordering::Relaxed);
    for server in [&a, &b] {
        wait_for(server, "kaifu_database_up", 1.0);
    }
    again.stop(&mut acknowledged);
    of_b.stop(&mut acknowledged);
    let back = Instant::now();
    for server in [&a, &b] {
        drained_after(server, length);
        assert_eq!(metric(server, "kaifu_opens_lost_total"), Some(0.0));
    }
    let drained = back.elapsed();
    let present = check(&b, &account, &acknowledged);
    eprintln!(
        "cut off for {length:.1?}: {} opens acknowledged, {present} present, none twice; \
        drained {drained:.1?} after the load",
        acknowledged.len()
    );
}

#[test]
fn a_spool_on_a_full_disk_is_an_error_and_recovers() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    // As in the test of a full disk under SQLite.
    let limited = "trap '' XFSZ; ulimit -S -f 6000; exec \"$0\" serve --listen 127.0.0.1:0 \
        --metrics-listen 127.0.0.1:0 --data-dir \"$1\"";
    let server = Server::spawn(
        Command::new("/bin/sh")
            .env_clear()
            .env("KAIFU_DATABASE", database.url())
            .args(["-c", limited, env!("CARGO_BIN_EXE_kaifu-server")])
            .arg(dir.path()),
    );
    let account = Account::create(server.address);
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    let mut client = Client::connect(server.address).unwrap();
    let mut fetched = 0;
    let mut fetch = |fetched: u64| {
        client
            .send("GET", &account.pixel(fetched), &[], "")
            .unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    };
    let start = Instant::now();
    while metric(&server, "kaifu_opens_lost_total") == Some(0.0) {
        for _ in 0..50 {
            fetched += 1;
            fetch(fetched);
        }
        assert!(start.elapsed() < PATIENCE, "the disk never filled");
    }
    wait_until_not_ready(server.address);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
    let kept = metric(&server, "kaifu_spool_events").unwrap();
    assert!(kept > 100.0, "{kept}");

    // There is room again.
    lift_limit_of_files(&server);
    let ready = ask(server.address, "GET", "/readyz", &[], "");
    assert!(
        ready.text().starts_with("{\"status\":\"spooling\""),
        "{ready:?}"
    );
    fetched += 1;
    fetch(fetched);
    assert_eq!(metric(&server, "kaifu_spool_events"), Some(kept + 1.0));
    database.resume();
    drained(&server);
    let messages: Vec<_> = account
        .events(server.address)
        .iter()
        .map(message_of)
        .collect();
    assert_eq!(messages.len(), whole(kept) + 1);
    assert!(messages.is_sorted() && messages.last() == Some(&fetched));
    assert!(messages[..100].iter().copied().eq(1..=100));
    let log = server.kill();
    assert!(log.contains("without an event being acknowledged"), "{log}");
}

/// Recovery must not need what the fault took away.
#[test]
fn a_spool_that_has_filled_its_disk_is_drained_while_the_disk_is_full() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    // As in the test of a full disk under SQLite.
    let limited = "trap '' XFSZ; ulimit -S -f 6000; exec \"$0\" serve --listen 127.0.0.1:0 \
        --metrics-listen 127.0.0.1:0 --data-dir \"$1\"";
    let server = Server::spawn(
        Command::new("/bin/sh")
            .env_clear()
            .env("KAIFU_DATABASE", database.url())
            .args(["-c", limited, env!("CARGO_BIN_EXE_kaifu-server")])
            .arg(dir.path()),
    );
    let account = Account::create(server.address);
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    let mut client = Client::connect(server.address).unwrap();
    let mut fetched = 0;
    let mut fetch = |fetched: u64| {
        client
            .send("GET", &account.pixel(fetched), &[], "")
            .unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    };
    let start = Instant::now();
    while metric(&server, "kaifu_opens_lost_total") == Some(0.0) {
        for _ in 0..50 {
            fetched += 1;
            fetch(fetched);
        }
        assert!(start.elapsed() < PATIENCE, "the disk never filled");
    }
    wait_until_not_ready(server.address);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
    let kept = metric(&server, "kaifu_spool_events").unwrap();
    assert!(kept > 100.0, "{kept}");

    database.resume();
    drained(&server);
    // What comes now is stored, though the spool could not keep it.
    fetched += 1;
    fetch(fetched);
    let messages: Vec<_> = account
        .events(server.address)
        .iter()
        .map(message_of)
        .collect();
    assert_eq!(messages.len(), whole(kept) + 1);
    let distinct: HashSet<_> = messages.iter().collect();
    assert_eq!(distinct.len(), messages.len(), "none is there twice");
    assert_eq!(messages.last(), Some(&fetched));
    assert!(messages[..100].iter().copied().eq(1..=100));
    let ready = ask(server.address, "GET", "/readyz", &[], "");
    assert_eq!(ready.text(), "{\"status\":\"ready\"}");
    let epoch: u64 = database
        .ask("SELECT max(epoch) FROM servers")
        .parse()
        .unwrap();
    assert!(epoch <= 3, "{epoch} connections");
    // And the next outage finds a spool that works.
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    fetch(fetched + 1);
    assert_eq!(metric(&server, "kaifu_spool_events"), Some(1.0));
    database.resume();
    drained(&server);
    let last = account.events(server.address).pop().unwrap();
    assert_eq!(message_of(&last), fetched + 1);
}

/// A count that came as a floating-point number.
fn whole(count: f64) -> usize {
    format!("{count:.0}").parse().unwrap()
}

#[test]
fn a_deleted_account_is_gone_from_a_spool_as_well() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dirs = two_dirs();
    let url = database.url();
    let flags = ["--database", &url, "--metrics-listen=127.0.0.1:0"];
    let [a, b] = dirs
        .each_ref()
        .map(|dir| Server::start_with(dir.path(), &flags));
    let [gone, other] = [(); 2].map(|()| Account::create(a.address));
    database.stop(Signal::INT);
    for account in [&gone, &other] {
        ask(a.address, "GET", &account.pixel(1), &[], "");
    }
    assert_eq!(metric(&a, "kaifu_spool_events"), Some(2.0));
    a.kill();
    assert_ne!(places_of(&gone.id.0, dirs[0].path()), [] as [String; 0]);
    database.resume();
    drained(&b);
    let bearer = gone.authorization();
    let deleted = ask(b.address, "DELETE", "/v1/account", &bearer, "");
    assert_eq!(deleted.status, 204);
    let a = Server::start_with(dirs[0].path(), &flags);
    drained(&a);
    assert_eq!(other.events(a.address).len(), 1);
    assert_eq!(database.ask("SELECT count(*) FROM events"), "1");
    assert_eq!(places_of(&gone.id.0, dirs[0].path()), [] as [String; 0]);
}

#[test]
fn an_outage_costs_nobody_their_share_and_the_log_few_lines() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let url = database.url();
    let flags = ["--database", &url, "--metrics-listen=127.0.0.1:0"];
    let limit = ["--accounts-per-hour=2"];
    let server = Server::start_with(dir.path(), &[&flags[..], &limit].concat());
    let account = Account::create(server.address);
    database.stop(Signal::QUIT);
    wait_for(&server, "kaifu_database_up", 0.0);
    for _ in 0..20 {
        let answer = ask(server.address, "POST", "/v1/accounts", &[], "{}");
        assert_eq!(answer.status, 503);
    }
    for _ in 0..200 {
        assert_eq!(account.get(server.address, "/v1/events").status, 503);
    }
    database.resume();
    wait_for(&server, "kaifu_database_up", 1.0);
    Account::create(server.address);
    assert_eq!(
        ask(server.address, "POST", "/v1/accounts", &[], "{}").status,
        429
    );
    let log = server.stop();
    let lines = log.matches("storage failed").count();
    assert!((1..30).contains(&lines), "{lines} lines");
}
