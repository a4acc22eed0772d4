//! What real programs sent, replayed through the real server with every header in its order.

use crate::client::{Account, Client, message_of};
use crate::process::Server;
use kaifu_protocol::api::{Claim, Event, Kind};
use serde_json::Value;

/// Captured requests; `crates/networks/tests/scored` says what their fields mean.
const CAPTURED: &str = include_str!("../../../networks/tests/captured.jsonl");

/// A household's address.
const HOME: &str = "126.12.34.56";
const TARGET: &str = "https://example.org/";

fn rows() -> Vec<Value> {
    let rows = CAPTURED.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().unwrap()
}

fn send(server: &Server, account: &Account, message: u64, row: &Value) {
    let headers: Vec<(&str, &str)> = row["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .chain([("X-Forwarded-For", HOME)])
        .collect();
    let path = if row["asked"] == "link" {
        account.link(message, TARGET)
    } else {
        account.pixel(message)
    };
    let method = row["method"].as_str().unwrap();
    let mut client = Client::connect(server.address).unwrap();
    client.send(method, &path, &headers, "").unwrap();
    let answer = client.receive(method == "HEAD").unwrap();
    assert!(matches!(answer.status, 200 | 302), "{row}: {answer:?}");
}

#[test]
fn real_programs_are_judged_as_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(
        dir.path(),
        &[
            "--public-url=https://kaifu.example.org",
            "--trusted-proxies=127.0.0.1",
        ],
    );
    let account = Account::create(server.address);
    let rows = rows();
    assert!(rows.len() > 40, "only {} rows", rows.len());
    for (message, row) in (0..).zip(&rows) {
        send(&server, &account, message, row);
    }
    let events = account.events(server.address);
    assert_eq!(events.len(), rows.len());
    for (event, row) in events.iter().zip(&rows) {
        let place = usize::try_from(message_of(event)).unwrap();
        assert_eq!(rows[place]["id"], row["id"]);
        let kind = if row["asked"] == "link" {
            Kind::Link
        } else {
            Kind::Pixel
        };
        assert_eq!(event.kind, kind);
        check(event, row);
    }
}

fn check(event: &Event, row: &Value) {
    let said = &row["said"];
    let reason = said["reason"].as_str().unwrap();
    assert_eq!(event.reason, reason, "{row}");
    assert_eq!(
        event.source.client.as_deref(),
        said["client"].as_str(),
        "{row}"
    );
    match row["who"].as_str().unwrap() {
        // A person is never called none, and is kept unless the program has no name at all.
        "person" if row["nameless"] == true => assert_eq!(event.claim, Claim::Unknown, "{row}"),
        "person" => assert_eq!(event.claim, Claim::Likely, "{row}"),
        "machine" if row["hides"] == true => {}
        "machine" => assert_ne!(event.claim, Claim::Likely, "{row}"),
        _ => assert_eq!(event.claim, Claim::Unknown, "{row}"),
    }
}

#[test]
fn without_https_headers_say_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--public-url=http://kaifu.example.org"]);
    let account = Account::create(server.address);
    let rows = rows();
    let firefox = rows.iter().find(|row| row["id"] == "captured-083").unwrap();
    let mut plain = firefox.clone();
    let headers = plain["headers"].as_array_mut().unwrap();
    headers.retain(|pair| !pair[0].as_str().unwrap().starts_with("Sec-"));
    send(&server, &account, 1, &plain);
    assert_eq!(account.events(server.address)[0].reason, "browser");
}
