//! Long polls that leave their connection while they wait.

use crate::client::{Account, Client, PARKED, PATIENCE, ask, message_of, park, press_button};
use crate::metrics::{metric, wait_for};
use crate::process::Server;
use crate::stores::{Store, fetch, press};
use std::fmt::Write as _;

fn start(dir: &std::path::Path) -> Server {
    Server::start_with(dir, &["--metrics-listen=127.0.0.1:0"])
}

fn wait_until_parked(server: &Server, polls: f64) {
    wait_for(server, "kaifu_waiters", polls);
}

#[test]
fn what_is_sent_behind_a_waiting_poll_is_answered_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let [a, b] = [(); 2].map(|()| Account::create(server.address));
    ask(server.address, "GET", &b.pixel(7), &[], "");

    let mut client = Client::connect(server.address).unwrap();
    let mut requests = String::new();
    for (target, account) in [("/v1/events?wait=55", &a), ("/v1/events?wait=55", &b)] {
        let bearer = &account.bearer;
        write!(
            requests,
            "GET {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: {bearer}\r\n\r\n"
        )
        .unwrap();
    }
    client.write(requests.as_bytes()).unwrap();
    wait_until_parked(&server, 1.0);
    // This one comes when the poll has already left its connection.
    client.send("GET", "/healthz", &[], "").unwrap();

    ask(server.address, "GET", &a.pixel(5), &[], "");
    for message in [5, 7] {
        let page = client.receive(false).unwrap().page();
        let messages: Vec<_> = page.events.iter().map(message_of).collect();
        assert_eq!(messages, [message], "each account has its own");
    }
    assert_eq!(client.receive(false).unwrap().text(), r#"{"status":"ok"}"#);
}

#[test]
fn an_answer_looks_the_same_whether_its_poll_waited_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    let headers = [
        account.authorization()[0],
        (
            "origin",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        ),
        ("connection", "close"),
    ];
    let mut client = Client::connect(server.address).unwrap();
    client
        .send("GET", "/v1/events?wait=55", &headers, "")
        .unwrap();
    wait_until_parked(&server, 1.0);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    let waited = client.receive(false).unwrap();
    assert_eq!(client.rest().unwrap(), b"", "it asked for a close");
    let at_once = ask(server.address, "GET", "/v1/events?wait=55", &headers, "");
    assert_eq!(waited.apart_from_date(), at_once.apart_from_date());
}

#[test]
fn a_poll_is_counted_once_and_with_its_wait() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    account.get(server.address, "/v1/events?wait=1");
    let of = |what: &str| {
        let name = format!("kaifu_http_request_seconds_{what}{{route=\"events\"}}");
        metric(&server, &name).unwrap()
    };
    assert!((of("count") - 1.0).abs() < f64::EPSILON);
    assert!(of("sum") >= 0.95, "{}", of("sum"));
}

#[test]
fn a_poll_with_a_body_is_answered_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    let mut client = Client::connect(server.address).unwrap();
    let target = "/v1/events?wait=55";
    client
        .send("GET", target, &account.authorization(), "{}")
        .unwrap();
    assert_eq!(client.receive(false).unwrap().page().events, []);
}

/// Resident memory in bytes.
fn memory(server: &Server) -> u64 {
    let path = format!("/proc/{}/status", server.id().as_raw_nonzero());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() * 1_024
}

#[test]
fn a_poll_that_waits_keeps_no_buffers() {
    check_memory("");
}

#[test]
fn a_poll_that_waits_keeps_nothing_of_a_long_head() {
    check_memory(&"x".repeat(12_000));
}

fn check_memory(padding: &str) {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let accounts: Vec<_> = (0..40).map(|_| Account::create(server.address)).collect();
    let mut polls = Vec::new();
    let mut park = |accounts: &[Account]| {
        for account in accounts {
            for _ in 0..PARKED {
                let mut client = Client::connect(server.address).unwrap();
                let headers = [account.authorization()[0], ("x-padding", padding)];
                let sent = client.send("GET", "/v1/events?wait=55", &headers, "");
                sent.unwrap();
                polls.push(client);
                wait_until_parked(&server, u32::try_from(polls.len()).unwrap().into());
            }
        }
        memory(&server)
    };
    // What the first polls need once is not counted.
    let before = park(&accounts[..10]);
    let grown = park(&accounts[10..]).saturating_sub(before);
    let each = grown / (30 * PARKED as u64);
    assert!(each < 8_000, "{each} bytes");
}

/// What is pipelined behind a poll, written as some clients do: without a space behind a colon.
fn poll_and(account: &Account, more: usize) -> String {
    let mut requests = format!(
        "GET /v1/events?wait=55 HTTP/1.1\r\nhost:localhost\r\nauthorization:{}\r\n\r\n",
        account.bearer
    );
    for _ in 0..more {
        requests.push_str("GET /healthz HTTP/1.1\r\n\r\n");
    }
    requests
}

#[test]
fn no_byte_behind_a_poll_is_lost_by_a_wake_without_news() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    let page = format!("{}/refuse", account.receipt(1));
    assert_eq!(press_button(server.address, &page, &[]).status, 303);
    // With little behind it a poll waits, with much it is answered at once.
    for (more, waits) in [(20, true), (400, false)] {
        let first = account.events(server.address).len();
        let mut client = Client::connect(server.address).unwrap();
        let requests = poll_and(&account, more).replace("?wait", &format!("?after={first}&wait"));
        let (some, rest) = requests.split_at(requests.len() - 7);
        client.write(some.as_bytes()).unwrap();
        if waits {
            wait_until_parked(&server, 1.0);
            for _ in 0..10 {
                ask(server.address, "GET", &account.pixel(1), &[], "");
            }
            wait_until_parked(&server, 1.0);
        }
        client.write(rest.as_bytes()).unwrap();
        if waits {
            ask(server.address, "GET", &account.pixel(2), &[], "");
        }
        let page = client.receive(false).unwrap().page();
        assert_eq!(page.events.len(), usize::from(waits));
        for _ in 0..more {
            assert_eq!(client.receive(false).unwrap().text(), r#"{"status":"ok"}"#);
        }
        client.close_sending().unwrap();
        assert!(client.rest().unwrap().is_empty());
        wait_until_parked(&server, 0.0);
    }
}

#[test]
fn one_poll_too_many_is_told_to_come_later_and_the_others_wait_on() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    let polls = park(server.address, &account, 0);
    for _ in 0..3 {
        let answer = account.get(server.address, "/v1/events?wait=55");
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (429, "too_many_polls")
        );
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
    wait_until_parked(&server, f64::from(u32::try_from(PARKED).unwrap()));
    // A question that does not wait needs no place.
    assert_eq!(account.get(server.address, "/v1/events").status, 200);
    ask(server.address, "GET", &account.pixel(7), &[], "");
    for _ in 0..PARKED {
        let page = polls.recv_timeout(PATIENCE).unwrap().page();
        assert!(page.events.iter().map(message_of).eq([7]));
    }
    let limited = "kaifu_rate_limited_total{limit=\"polls\"}";
    assert_eq!(metric(&server, limited), Some(4.0));
}

#[test]
fn a_poll_that_was_let_in_is_answered_whatever_its_network_does() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["--errors-per-minute=5", "--metrics-listen=127.0.0.1:0"];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let mut client = Client::connect(server.address).unwrap();
    let bearer = account.authorization();
    client
        .send("GET", "/v1/events?wait=55", &bearer, "")
        .unwrap();
    wait_until_parked(&server, 1.0);
    for failures in 0..7 {
        let answer = ask(server.address, "GET", "/v1/events", &[], "");
        assert_eq!(answer.status, if failures < 5 { 401 } else { 429 });
    }
    ask(server.address, "GET", &account.pixel(3), &[], "");
    let page = client.receive(false).unwrap().page();
    assert!(page.events.iter().map(message_of).eq([3]));
    // A credential that is right passes, too.
    assert_eq!(account.get(server.address, "/v1/events").status, 200);
}

#[test]
fn a_poll_whose_client_has_gone_gives_its_place_up() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let account = Account::create(server.address);
    for more in [0, 1] {
        let mut client = Client::connect(server.address).unwrap();
        client.write(poll_and(&account, more).as_bytes()).unwrap();
        wait_until_parked(&server, 1.0);
        drop(client);
        wait_until_parked(&server, 0.0);
    }
}

/// What is kept out, erased in vain, or another account's is no news to anybody.
#[test]
fn polls_are_woken_by_news_alone_and_answered_once() {
    for store in Store::both() {
        let server = store.server();
        let [account, other] = [(); 2].map(|()| Account::create(server.address));
        assert_eq!(press(&server, &account, 1, "refuse").status, 303);
        let polls = park(server.address, &account, 1);
        let woken = || metric(&server, "kaifu_waiters_woken_total").unwrap();
        let before = woken();
        fetch(&server, &account, [1; 20]);
        fetch(&server, &other, 1..=20);
        for button in ["read", "refuse", "erase"] {
            assert_eq!(press(&server, &account, 1, button).status, 303);
        }
        assert_eq!(press(&server, &account, 99, "erase").status, 303);
        assert!((woken() - before).abs() < f64::EPSILON);
        fetch(&server, &account, [2]);
        for _ in 0..PARKED {
            let page = polls.recv_timeout(PATIENCE).unwrap().page();
            assert!(page.events.iter().map(message_of).eq([2]));
        }
        let told = f64::from(u32::try_from(PARKED).unwrap());
        assert!((woken() - before - told).abs() < f64::EPSILON);
    }
}
