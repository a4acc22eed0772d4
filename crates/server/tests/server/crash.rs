//! What was acknowledged is still there, however the server ends.

use crate::client::{Account, Client, PARKED, PATIENCE, message_of, park};
use crate::process::Server;
use rustix::process::Signal;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

/// How many clients a load has.
pub(crate) const CLIENTS: usize = 16;

/// Clients that fetch one image after the other, no message twice, until the server goes away.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: mpsc::Receiver<u64>,
    clients: Vec<JoinHandle<()>>,
}

static NEXT_MESSAGE: AtomicU64 = AtomicU64::new(1);

impl Load {
    pub(crate) fn start(server: &Server, account: &Account) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (sender, acknowledged) = mpsc::channel();
        let clients = (0..CLIENTS)
            .map(|_| {
                let (sender, account, address) = (sender.clone(), account.clone(), server.address);
                let stop = Arc::clone(&stop);
                // Connected here, as the server may be gone before the thread runs.
                let mut client = Client::connect(address).unwrap();
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let message = NEXT_MESSAGE.fetch_add(1, Ordering::Relaxed);
                        let sent = client.send("GET", &account.pixel(message), &[], "");
                        let answer = sent.and_then(|()| client.receive(false));
                        if answer.map(|answer| answer.status).ok() != Some(200) {
                            return;
                        }
                        let _ = sender.send(message);
                    }
                })
            })
            .collect();
        Self {
            stop,
            acknowledged,
            clients,
        }
    }

    /// Waits for `count` acknowledgements.
    pub(crate) fn wait_for(&self, count: usize, into: &mut HashSet<u64>) {
        for _ in 0..count {
            assert!(into.insert(self.acknowledged.recv_timeout(PATIENCE).unwrap()));
        }
    }

    /// Ends the load while the server lives.
    pub(crate) fn stop(self, into: &mut HashSet<u64>) {
        self.stop.store(true, Ordering::Relaxed);
        self.finish(into);
    }

    /// Takes the acknowledgements that came until the server went away.
    pub(crate) fn finish(self, into: &mut HashSet<u64>) {
        for client in self.clients {
            client.join().unwrap();
        }
        into.extend(self.acknowledged);
    }
}

/// Checks that all of `acknowledged` is there and nothing twice; gives how many events there are.
pub(crate) fn check(server: &Server, account: &Account, acknowledged: &HashSet<u64>) -> usize {
    let opens = account.events(server.address);
    assert!(
        opens.iter().map(|open| open.seq).eq(1..=opens.len() as u64),
        "no gap in the numbers"
    );
    let mut times = HashMap::new();
    for open in &opens {
        *times.entry(message_of(open)).or_insert(0) += 1;
    }
    assert!(
        times.values().all(|times| *times == 1),
        "an event is there twice"
    );
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|message| !times.contains_key(message))
        .collect();
    assert_eq!(lost, [] as [&u64; 0], "lost of {}", acknowledged.len());
    // Each client may have had one more under way when the server ended, in each round.
    assert!(times.len() >= acknowledged.len());
    times.len()
}

#[test]
fn a_kill_under_load_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let account = Account::create(server.address);
    let mut acknowledged = HashSet::new();
    for round in 0..20 {
        let load = Load::start(&server, &account);
        load.wait_for(20 + 17 * round, &mut acknowledged);
        server.kill();
        load.finish(&mut acknowledged);
        server = Server::start(dir.path());
        check(&server, &account, &acknowledged);
    }
}

#[test]
fn a_stop_under_load_finishes_what_is_under_way() {
    for signal in [Signal::TERM, Signal::INT] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let account = Account::create(server.address);
        let mut acknowledged = HashSet::new();
        let load = Load::start(&server, &account);
        load.wait_for(100, &mut acknowledged);
        server.signal(signal);
        let (status, log) = server.wait();
        load.finish(&mut acknowledged);
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(
            log.trim_end().ends_with("stopped") && !log.contains("ERROR"),
            "{log}"
        );

        // A clean stop leaves the database in one file.
        let mut names: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["kaifu.db", "lock", "reader.key", "server.key"]);
        check(&Server::start(dir.path()), &account, &acknowledged);
    }
}

#[test]
fn a_stop_answers_long_polls_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let polls = park(server.address, &account, 0);
    server.signal(Signal::TERM);
    for _ in 0..PARKED {
        assert_eq!(polls.recv_timeout(PATIENCE).unwrap().page().events, []);
    }
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("gave up"), "{log}");
}

#[test]
fn accounts_and_tokens_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    server.kill();
    let server = Server::start(dir.path());
    crate::client::ask(server.address, "GET", &account.pixel(9), &[], "");
    assert_eq!(
        account
            .events(server.address)
            .iter()
            .map(message_of)
            .collect::<Vec<_>>(),
        [9]
    );
}
