//! Reading events.

use crate::client::{Account, Client, PARKED, PATIENCE, ask, message_of, park};
use crate::metrics::wait_for;
use crate::process::Server;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

#[test]
fn pages_follow_the_cursor_without_gap_or_repeat() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for message in 1..=7 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    let mut after = 0;
    let mut sizes = Vec::new();
    let mut messages = Vec::new();
    loop {
        let page = account
            .get(server.address, &format!("/v1/events?after={after}&limit=3"))
            .page();
        sizes.push(page.events.len());
        messages.extend(page.events.iter().map(message_of));
        if page.events.is_empty() {
            assert_eq!(page.cursor, after);
            break;
        }
        assert_eq!(page.cursor, page.events.last().unwrap().seq);
        after = page.cursor;
    }
    assert_eq!(sizes, [3, 3, 1, 0]);
    assert_eq!(messages, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn no_account_sees_anothers_events() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [a, b] = [(); 2].map(|()| Account::create(server.address));
    for message in 1..=20 {
        let account = if message % 2 == 0 { &a } else { &b };
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    for (account, rest) in [(&a, 0), (&b, 1)] {
        let opens = account.events(server.address);
        assert_eq!(opens.len(), 10);
        assert!(opens.iter().all(|open| message_of(open) % 2 == rest));
        assert!(
            opens.iter().map(|open| open.seq).eq(1..=10),
            "numbers tell nothing of others"
        );
    }
}

#[test]
fn an_open_wakes_the_polls_of_its_account_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [a, b] = [(); 2].map(|()| Account::create(server.address));
    let (polls_of_a, polls_of_b) = (park(server.address, &a, 0), park(server.address, &b, 0));

    let start = Instant::now();
    ask(server.address, "GET", &a.pixel(5), &[], "");
    for _ in 0..PARKED {
        let page = polls_of_a.recv_timeout(PATIENCE).unwrap().page();
        assert_eq!(page.events.iter().map(message_of).collect::<Vec<_>>(), [5]);
        assert_eq!(page.cursor, 1);
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(polls_of_b.try_recv(), Err(TryRecvError::Empty));

    ask(server.address, "GET", &b.pixel(6), &[], "");
    for _ in 0..PARKED {
        let page = polls_of_b.recv_timeout(PATIENCE).unwrap().page();
        assert_eq!(page.events.iter().map(message_of).collect::<Vec<_>>(), [6]);
    }
}

#[test]
fn no_event_slips_between_look_and_wait() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let mut poll = Client::connect(server.address).unwrap();
    let mut image = Client::connect(server.address).unwrap();
    for message in 1..=300 {
        let target = format!("/v1/events?wait=55&after={}", message - 1);
        poll.send("GET", &target, &account.authorization(), "")
            .unwrap();
        image.send("GET", &account.pixel(message), &[], "").unwrap();
        assert_eq!(image.receive(false).unwrap().status, 200);
        // A poll that missed its event would answer after the client's patience has ended.
        let page = poll.receive(false).unwrap().page();
        assert_eq!(
            page.events.iter().map(message_of).collect::<Vec<_>>(),
            [message]
        );
    }
}

/// An event that a poll has already read may still be waking polls when the next one comes.
#[test]
fn a_poll_with_patience_never_answers_without_news() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    std::thread::scope(|scope| {
        for client in 0..4 {
            let (account, address) = (&account, server.address);
            scope.spawn(move || {
                let mut images = Client::connect(address).unwrap();
                for number in 0..200 {
                    let pixel = account.pixel(client * 200 + number);
                    images.send("GET", &pixel, &[], "").unwrap();
                    images.receive(false).unwrap();
                }
            });
        }
        let mut poll = Client::connect(server.address).unwrap();
        let mut last = 0;
        while last < 800 {
            let target = format!("/v1/events?wait=55&after={last}");
            poll.send("GET", &target, &account.authorization(), "")
                .unwrap();
            let page = poll.receive(false).unwrap().page();
            assert!(page.cursor > last, "no news after {last}");
            last = page.cursor;
        }
    });
}

#[test]
fn a_poll_answers_at_once_when_there_is_news_and_after_its_wait_when_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let start = Instant::now();
    let page = account.get(server.address, "/v1/events?wait=1").page();
    let took = start.elapsed();
    assert_eq!((page.events.len(), page.cursor), (0, 0));
    assert!(
        (Duration::from_millis(950)..Duration::from_secs(15)).contains(&took),
        "{took:?}"
    );

    ask(server.address, "GET", &account.pixel(1), &[], "");
    let start = Instant::now();
    assert_eq!(
        account
            .get(server.address, "/v1/events?wait=55")
            .page()
            .events
            .len(),
        1
    );
    assert!(start.elapsed() < Duration::from_secs(15));
}

#[test]
fn bad_questions_are_told_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for (query, code) in [
        ("after=x", "invalid_after"),
        ("after=-1", "invalid_after"),
        ("wait=56", "invalid_wait"),
        ("limit=0", "invalid_limit"),
        ("limit=1001", "invalid_limit"),
    ] {
        let answer = account.get(server.address, &format!("/v1/events?{query}"));
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (400, code),
            "{query}"
        );
    }
}

#[test]
fn strangers_are_turned_away() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let token = account.bearer.trim_start_matches("Bearer ");
    let altered = format!("{}x", &account.bearer[..account.bearer.len() - 1]);
    let basic = format!("Basic {token}");
    for headers in [
        &[][..],
        &[("authorization", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer ")],
        &[("authorization", token)],
        &[("authorization", &basic)],
        &[("authorization", &altered)],
        &[("authorization", "Bearer \u{e9}")],
    ] {
        for (method, path) in [("GET", "/v1/events?wait=55"), ("DELETE", "/v1/account")] {
            let answer = ask(server.address, method, path, headers, "");
            assert_eq!(answer.status, 401, "{headers:?}");
            assert_eq!(answer.error_code(), "unauthorized");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let lower = account.bearer.replace("Bearer", "bearer");
    assert_eq!(
        ask(
            server.address,
            "GET",
            "/v1/events",
            &[("authorization", &lower)],
            ""
        )
        .status,
        200
    );
}

#[test]
fn a_client_that_goes_away_gives_up_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let account = Account::create(server.address);
    for _ in 0..3 * PARKED {
        let mut client = Client::connect(server.address).unwrap();
        client
            .send("GET", "/v1/events?wait=55", &account.authorization(), "")
            .unwrap();
    }
    // Connections are accepted in turn, so now all of them are known, and soon all are over.
    ask(server.address, "GET", "/healthz", &[], "");
    wait_for(&server, "kaifu_connections", 0.0);
    wait_for(&server, "kaifu_waiters", 0.0);
    let polls = park(server.address, &account, 0);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    for _ in 0..PARKED {
        assert_eq!(polls.recv_timeout(PATIENCE).unwrap().page().events.len(), 1);
    }
}
