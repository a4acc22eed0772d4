//! Who has a place when there are many connections.

use crate::client::{Account, Client, PATIENCE, ask};
use crate::embedded::Inside;
use kaifu_server::settings::Limits;
use std::net::SocketAddr;
use std::time::Instant;

/// How many places the server has; of the last two, each is kept for an image.
const PLACES: usize = 40;

fn start(dir: &std::path::Path, connections_per_network: usize) -> Inside {
    let limits = Limits {
        connections: PLACES,
        connections_per_network,
        ..Limits::default()
    };
    Inside::start(dir, limits)
}

/// Connections on which nothing is asked any more.
fn idle(address: SocketAddr, count: usize) -> Vec<Client> {
    let mut clients: Vec<_> = (0..count)
        .map(|_| Client::connect(address).unwrap())
        .collect();
    for client in &mut clients {
        client.send("GET", "/healthz", &[], "").unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    }
    clients
}

#[test]
fn a_network_has_a_share_of_the_places() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), 5);
    let mut held = idle(server.address, 5);
    let mut next = Client::connect(server.address).unwrap();
    // It may be closed before it has asked.
    let _ = next.send("GET", "/healthz", &[], "");
    assert!(next.receive(false).is_err());
    drop(held.pop());
    // As soon as the server has noticed.
    let begin = Instant::now();
    loop {
        let mut next = Client::connect(server.address).unwrap();
        if next.send("GET", "/healthz", &[], "").is_ok() && next.receive(false).is_ok() {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "the place was never free again");
    }
}

#[test]
fn idle_connections_make_room_and_a_poll_that_waits_stays() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), 0);
    let account = Account::create(server.address);
    let mut poll = Client::connect(server.address).unwrap();
    let bearer = account.authorization();
    poll.send("GET", "/v1/events?wait=55", &bearer, "").unwrap();
    let held = idle(server.address, PLACES - 4);
    // Each of these finds a place, although nobody gives one up by himself.
    let images: Vec<_> = (0..PLACES)
        .map(|_| {
            let mut client = Client::connect(server.address).unwrap();
            client.send("GET", "/p/x.gif", &[], "").unwrap();
            assert_eq!(client.receive(false).unwrap().status, 200);
            client
        })
        .collect();
    drop((held, images));
    ask(server.address, "GET", &account.pixel(7), &[], "");
    assert_eq!(poll.receive(false).unwrap().page().events.len(), 1);
}

#[test]
fn the_last_places_are_for_those_that_ask_for_an_image_first() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), 0);
    let _held = idle(server.address, PLACES - 2);
    let mut other = Client::connect(server.address).unwrap();
    other.send("GET", "/healthz", &[], "").unwrap();
    let refused = other.receive(false).unwrap();
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (503, "busy")
    );
    assert_eq!(other.rest().unwrap(), b"");
    let mut reader = Client::connect(server.address).unwrap();
    for (path, status) in [("/p/x.gif", 200), ("/healthz", 200)] {
        reader.send("GET", path, &[], "").unwrap();
        assert_eq!(reader.receive(false).unwrap().status, status, "{path}");
    }
}
