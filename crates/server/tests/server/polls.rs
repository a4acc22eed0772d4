//! Long polls that leave their connection while they wait.

use crate::client::{Account, Client, PARKED, ask, message_of};
use crate::metrics::metric;
use crate::process::Server;
use std::fmt::Write as _;

fn start(dir: &std::path::Path) -> Server {
    Server::start_with(dir, &["--metrics-listen=127.0.0.1:0"])
}

fn wait_until_parked(server: &Server, polls: f64) {
    while metric(server, "kaifu_waiters") != Some(polls) {}
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
            "GET {target} HTTP/1.1\r\nhost: kaifu.test\r\nauthorization: {bearer}\r\n\r\n"
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
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path());
    let accounts: Vec<_> = (0..40).map(|_| Account::create(server.address)).collect();
    let mut polls = Vec::new();
    let mut park = |accounts: &[Account]| {
        for account in accounts {
            for _ in 0..PARKED {
                let mut client = Client::connect(server.address).unwrap();
                let authorization = account.authorization();
                let sent = client.send("GET", "/v1/events?wait=55", &authorization, "");
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
