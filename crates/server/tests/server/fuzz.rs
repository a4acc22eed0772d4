//! Requests that somebody has tampered with, byte by byte.

use crate::client::{Account, Client, ask, message_of};
use crate::embedded::Inside;
use kaifu_protocol::api::ErrorBody;
use kaifu_server::settings::Limits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use std::net::SocketAddr;
use std::time::Duration;

/// How many requests each thread sends.
const CASES: u32 = 400;
const THREADS: usize = 6;

/// What has led servers astray before.
const PIECES: [&[u8]; 22] = [
    b"\0",
    b"%",
    b"%00",
    b"%2e%2e",
    b"/",
    b"//",
    b"..",
    b"?",
    b"&after=",
    b"&&",
    b"=",
    b"\r\n",
    b"\r\n\r\n",
    b" ",
    b"\xff\xfe",
    b"18446744073709551616",
    b"-1",
    b"{",
    b"chunked",
    b"A==",
    b"http://x/",
    b"\r\ntransfer-encoding: chunked",
];

#[derive(Clone, Debug)]
enum Change {
    Flip(u8),
    Insert(&'static [u8]),
    Delete(usize),
    Repeat(usize),
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, Change)>> {
    let change = prop_oneof![
        3 => (1u8..).prop_map(Change::Flip),
        3 => select(&PIECES[..]).prop_map(Change::Insert),
        1 => (1usize..20).prop_map(Change::Delete),
        1 => (1usize..200).prop_map(Change::Repeat),
    ];
    vec((any::<prop::sample::Index>(), change), 1..4)
}

fn tamper(mut request: Vec<u8>, changes: &[(prop::sample::Index, Change)]) -> Vec<u8> {
    for (place, change) in changes {
        if request.is_empty() {
            break;
        }
        let at = place.index(request.len());
        match change {
            Change::Flip(bits) => request[at] ^= bits,
            Change::Insert(piece) => drop(request.splice(at..at, piece.iter().copied())),
            Change::Delete(count) => {
                let end = (at + count).min(request.len());
                request.drain(at..end);
            }
            Change::Repeat(count) => {
                let end = (at + 8).min(request.len());
                let piece = request[at..end].repeat(*count);
                request.splice(at..at, piece);
            }
        }
    }
    request
}

/// Good requests, one for each route that takes input; the messages have the numbers 1 to 4.
fn good_requests(account: &Account) -> Vec<Vec<u8>> {
    let bearer = &account.bearer;
    let receipt = account.receipt(3);
    [
        format!("GET {} HTTP/1.1", account.pixel(1)),
        format!(
            "HEAD {} HTTP/1.1\r\nx-forwarded-for: 192.0.2.1, [2001:db8::1]:80",
            account.pixel(1)
        ),
        format!(
            "GET {} HTTP/1.1\r\nuser-agent: Mozilla/5.0\r\nsec-purpose: prefetch\r\naccept: text/html",
            account.link(2, "https://example.org/?a=1&b=%20c")
        ),
        format!("GET {receipt}?done=read HTTP/1.1\r\naccept-language: ja;q=0.9, en;q=0.1"),
        format!("POST {receipt}/read HTTP/1.1\r\ncontent-length: 0"),
        format!("POST {receipt}/erase HTTP/1.1\r\ncontent-length: 0"),
        format!("GET /v1/events?after=0&wait=0&limit=3 HTTP/1.1\r\nauthorization: {bearer}"),
        "GET /v1/events?after=0 HTTP/1.1\r\nauthorization: Bearer kaifu_x".to_owned(),
        "DELETE /v1/account HTTP/1.1\r\nauthorization: Bearer kaifu_x".to_owned(),
        "OPTIONS /v1/events HTTP/1.1\r\norigin: chrome-extension://abcdef\r\n\
         access-control-request-method: GET"
            .to_owned(),
        "GET /docs HTTP/1.1".to_owned(),
        "POST /v1/accounts HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 8"
            .to_owned(),
    ]
    .into_iter()
    .map(|head| {
        let body = if head.starts_with("POST /v1") { "{\"a\": 1}" } else { "" };
        format!("{head}\r\nhost: localhost\r\nconnection: close\r\n\r\n{body}").into_bytes()
    })
    .collect()
}

/// Sends `request` and checks whatever comes back.
fn check(address: SocketAddr, request: &[u8]) -> Result<(), TestCaseError> {
    let mut client = Client::connect(address).unwrap();
    // The server may have enough before all is sent, and close in the middle.
    let _ = client.write(request);
    let Ok(answer) = client.receive(false) else {
        return Ok(());
    };
    prop_assert!((200..=599).contains(&answer.status), "{:?}", answer);
    if answer.status >= 500 {
        // Only what never came to its end is given up on.
        let body: ErrorBody = serde_json::from_slice(&answer.body).unwrap();
        prop_assert_eq!(body.error.code, "timeout");
    }
    if answer.header("content-type") == Some("image/gif") {
        prop_assert_eq!(
            (answer.status, answer.header("content-length")),
            (200, Some("43"))
        );
    }
    Ok(())
}

#[test]
fn tampered_requests_break_nothing_and_count_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        head_timeout: Duration::from_millis(150),
        request_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    let server = Inside::start(dir.path(), limits);
    let (account, other) = (
        Account::create(server.address),
        Account::create(server.address),
    );
    let requests = good_requests(&account);
    for request in &requests {
        check(server.address, request).unwrap();
    }
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (requests, address) = (&requests, server.address);
            scope.spawn(move || {
                let config = Config {
                    cases: CASES,
                    failure_persistence: None,
                    max_shrink_iters: 200,
                    ..Config::default()
                };
                // Each thread has requests of its own.
                let own: Vec<_> = requests
                    .iter()
                    .skip(thread)
                    .step_by(THREADS)
                    .cloned()
                    .collect();
                let mut runner = TestRunner::new(config);
                let tampered = (select(own), changes())
                    .prop_map(|(request, changes)| tamper(request, &changes));
                runner
                    .run(&tampered, |request| check(address, &request))
                    .unwrap();
            });
        }
    });
    assert_eq!(ask(server.address, "GET", "/readyz", &[], "").status, 200);
    // A token with a changed byte is none: nothing is recorded but of the messages that there are.
    let opens = account.events(server.address);
    assert!(!opens.is_empty());
    for open in &opens {
        assert!((1..=3).contains(&message_of(open)), "{open:?}");
    }
    assert_eq!(other.events(server.address), []);
}
