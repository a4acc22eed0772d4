//! Two servers whose database goes back store again what they had acknowledged, one after the other
//! and in whatever order: what one of them did to a message or account that is the other's holds.

use crate::client::{Account, PATIENCE, ask, message_of, press_button};
use crate::database::Database;
use crate::metrics::metric;
use crate::postgres::{drained, two_dirs};
use crate::process::Server;
use kaifu_core::time::Millis;
use kaifu_protocol::api::Kind::{self, Pixel, Refuse, Undo};
use rustix::process::Signal;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How often each case is played.
const EACH: u64 = 4;

/// What is done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Fetch,
    Refuse,
    Allow,
    Erase,
}

/// Which of two servers does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    A,
    B,
}

use Act::{Allow, Erase, Fetch};
use At::{A, B};

/// What two servers do to a message in turn, what is stored of it, oldest first, and whether it is
/// tracked afterwards.
type Case = (&'static [(Act, At)], &'static [Kind], bool);

const CASES: &[Case] = &[
    (
        &[(Fetch, A), (Act::Refuse, A), (Fetch, B)],
        &[Pixel, Refuse],
        false,
    ),
    (
        &[
            (Fetch, A),
            (Act::Refuse, A),
            (Fetch, B),
            (Allow, B),
            (Fetch, A),
        ],
        &[Pixel, Refuse, Undo, Pixel],
        true,
    ),
    (
        &[(Act::Refuse, A), (Allow, B), (Act::Refuse, A), (Fetch, B)],
        &[Refuse, Undo, Refuse],
        false,
    ),
    (
        &[
            (Act::Refuse, A),
            (Allow, B),
            (Fetch, A),
            (Act::Refuse, B),
            (Fetch, A),
            (Allow, A),
            (Fetch, B),
        ],
        &[Refuse, Undo, Pixel, Refuse, Undo, Pixel],
        true,
    ),
    (
        &[(Fetch, A), (Fetch, B), (Erase, B), (Fetch, A)],
        &[Pixel],
        true,
    ),
    (
        &[(Fetch, B), (Erase, A), (Fetch, B), (Act::Refuse, A)],
        &[Pixel, Refuse],
        false,
    ),
];

/// Two servers over a database whose standby was behind when it was promoted.
struct Pair {
    servers: [Server; 2],
    /// One from before the standby was cut off, others that the first server made afterwards.
    accounts: Vec<Account>,
}

impl Pair {
    fn server(&self, at: At) -> &Server {
        &self.servers[usize::from(at == B)]
    }

    /// Does it later than all before it by the servers' clock, which counts milliseconds.
    fn play(&self, account: &Account, message: u64, act: Act, at: At) {
        let start = now();
        while now() == start {
            std::hint::spin_loop();
        }
        let address = self.server(at).address;
        let button = match act {
            Fetch => {
                let image = ask(address, "GET", &account.pixel(message), &[], "");
                assert_eq!(image.status, 200);
                return;
            }
            Act::Refuse => "refuse",
            Allow => "allow",
            Erase => "erase",
        };
        let path = format!("{}/{button}", account.receipt(message));
        assert_eq!(press_button(address, &path, &[]).status, 303);
    }

    /// What is stored of a message, by its time; nothing while the account is not there.
    fn kinds(&self, account: &Account, message: u64, at: At) -> Vec<Kind> {
        let page = account.get(self.server(at).address, "/v1/events?limit=1000");
        if page.status != 200 {
            return Vec::new();
        }
        let mut events = page.page().events;
        events.retain(|event| message_of(event) == message);
        events.sort_by_key(|event| event.at);
        events.iter().map(|event| event.kind).collect()
    }
}

fn now() -> Millis {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Millis(i64::try_from(now.as_millis()).unwrap())
}

/// Which message each case is about, by its place.
fn played(pair: &Pair) -> impl Iterator<Item = (&Account, u64, &'static Case)> {
    let messages = (1..).zip(CASES);
    pair.accounts.iter().flat_map(move |account| {
        messages
            .clone()
            .map(move |(message, case)| (account, message, case))
    })
}

/// A message that is fetched while there is no primary, and one while the other server is not back.
const SPOOLED: u64 = 100;
const EARLY: u64 = 101;

fn what_two_servers_did_holds(first: At) {
    let Some(mut primary) = Database::start() else {
        return;
    };
    let second = if first == A { B } else { A };
    let standby = primary.standby();
    let url = primary.url_of_both(&standby);
    let dirs = two_dirs();
    let flags = ["--database", &url, "--metrics-listen=127.0.0.1:0"];
    let servers = dirs
        .each_ref()
        .map(|dir| Server::start_with(dir.path(), &flags));
    let old = Account::create(servers[0].address);
    primary.wait_for_standby(&standby);
    standby.cut_off();
    let new = (0..EACH).map(|_| Account::create(servers[0].address));
    let accounts = std::iter::once(old).chain(new).collect();
    let pair = Pair { servers, accounts };
    for (account, message, (acts, ..)) in played(&pair) {
        for (act, at) in *acts {
            pair.play(account, message, *act, *at);
        }
    }
    for (account, message, (_, kinds, _)) in played(&pair) {
        assert_eq!(pair.kinds(account, message, A), *kinds, "before, {message}");
    }

    primary.stop(Signal::QUIT);
    for account in &pair.accounts {
        pair.play(account, SPOOLED, Fetch, B);
    }
    pair.server(second).signal(Signal::STOP);
    standby.promote();
    drained(pair.server(first));
    for account in &pair.accounts {
        pair.play(account, EARLY, Fetch, first);
    }
    pair.server(second).signal(Signal::CONT);
    drained(pair.server(second));

    let wrong = || {
        let cases = played(&pair).map(|(account, message, case)| (account, message, case.1));
        let fetched = (pair.accounts.iter())
            .flat_map(|account| [SPOOLED, EARLY].map(|message| (account, message, &[Pixel][..])));
        cases
            .chain(fetched)
            .map(|(account, message, kinds)| (message, kinds, pair.kinds(account, message, first)))
            .filter(|(_, kinds, found)| kinds != found)
            .collect::<Vec<_>>()
    };
    let start = Instant::now();
    loop {
        let wrong = wrong();
        if wrong.is_empty() {
            break;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "message, expected, found: {wrong:?}"
        );
    }
    for (account, message, (_, kinds, is_tracked)) in played(&pair) {
        pair.play(account, message, Fetch, second);
        let found = pair.kinds(account, message, first);
        assert_eq!(
            found.len() > kinds.len(),
            *is_tracked,
            "{message}: {found:?}"
        );
    }
    for server in &pair.servers {
        assert_eq!(metric(server, "kaifu_opens_lost_total"), Some(0.0));
    }
}

#[test]
fn what_another_server_did_holds_when_it_comes_back_last() {
    what_two_servers_did_holds(A);
}

#[test]
fn what_another_server_did_holds_when_it_comes_back_first() {
    what_two_servers_did_holds(B);
}
