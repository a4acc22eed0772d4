//! Creating and deleting accounts.

use crate::client::{Account, Answer, PARKED, PATIENCE, ask, nonce, park, press_button};
use crate::database::Database;
use crate::process::Server;
use kaifu_protocol::api::Kind;

#[test]
fn accounts_differ_in_everything() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [a, b] = [(); 2].map(|()| Account::create(server.address));
    assert!(a.id != b.id && a.key != b.key && a.bearer != b.bearer);
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for (body, status, code) in [
        ("", 400, "invalid_body"),
        ("[]", 400, "invalid_body"),
        ("null", 400, "invalid_body"),
        ("{", 400, "invalid_body"),
        ("{}{}", 400, "invalid_body"),
        (
            &format!("{{\"a\":\"{}\"}}", "x".repeat(2_000)),
            413,
            "body_too_large",
        ),
    ] {
        let answer = ask(server.address, "POST", "/v1/accounts", &[], body);
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (status, code),
            "{body}"
        );
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for (kind, status) in [
        ("application/json", 201),
        ("Application/JSON; charset=utf-8", 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("", 415),
    ] {
        let headers = [("content-type", kind)];
        let answer = ask(server.address, "POST", "/v1/accounts", &headers, "{}");
        assert_eq!(answer.status, status, "{kind}");
        if status == 415 {
            assert_eq!(answer.error_code(), "unsupported_media_type");
        }
    }
}

#[test]
fn a_network_that_wants_too_many_is_told_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--accounts-per-hour=3"]);
    let create = || ask(server.address, "POST", "/v1/accounts", &[], "{}");
    for _ in 0..3 {
        assert_eq!(create().status, 201);
    }
    let answer = create();
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (429, "too_many_accounts")
    );
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1_100..=1_200).contains(&wait), "{wait}");
}

#[test]
fn a_deleted_account_is_gone_and_its_tokens_are_dead() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [gone, other] = [(); 2].map(|()| Account::create(server.address));
    for account in [&gone, &other] {
        ask(server.address, "GET", &account.pixel(1), &[], "");
    }
    let polls = park(server.address, &gone, 1);

    let answer = ask(
        server.address,
        "DELETE",
        "/v1/account",
        &gone.authorization(),
        "",
    );
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(gone.get(server.address, "/v1/events").status, 401);
    let again = ask(
        server.address,
        "DELETE",
        "/v1/account",
        &gone.authorization(),
        "",
    );
    assert_eq!(again.status, 401);
    assert_eq!(
        ask(server.address, "GET", &gone.pixel(2), &[], "").status,
        200
    );
    assert_eq!(other.events(server.address).len(), 1);
    for _ in 0..PARKED {
        assert_eq!(polls.recv_timeout(PATIENCE).unwrap().status, 401);
    }

    server.kill();
    let database = rusqlite::Connection::open(dir.path().join("kaifu.db")).unwrap();
    for (table, expected) in [("accounts", 1), ("opens", 1)] {
        let count = format!("SELECT count(*) FROM {table}");
        let found: i64 = database.query_row(&count, [], |row| row.get(0)).unwrap();
        assert_eq!(found, expected, "{table}");
    }
    drop(database);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes.windows(8).any(|window| window == gone.id.0),
            "the id is overwritten"
        );
    }
}

/// Two accounts with the same message numbers, of which one does all that it can do.
fn keep_apart(database: &str) {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--database", database]);
    let address = server.address;
    let [a, b] = [(); 2].map(|()| Account::create(address));
    let visit = |method: &str, path: &str| ask(address, method, path, &[], "");
    for message in [1, 1, 2, 2] {
        visit("GET", &a.pixel(message));
    }
    let of_a = a.events(address);
    // But for the nonce, which is another one each time.
    let shown = |page: Answer| page.text().replace(&nonce(&page), "");
    let page_of_a = shown(visit("GET", &a.receipt(1)));
    assert_eq!(of_a.len(), 4);

    // With everything that B has: its key over A's account, its bearer, its own tokens.
    let disguised = Account {
        id: a.id,
        ..b.clone()
    };
    for path in [
        disguised.pixel(1),
        disguised.link(1, "https://example.org/"),
    ] {
        visit("GET", &path);
    }
    for account in [&b, &disguised] {
        for button in ["read", "erase", "refuse"] {
            let path = format!("{}/{button}", account.receipt(1));
            press_button(server.address, &path, &[]);
        }
    }
    assert_eq!(visit("GET", &disguised.receipt(1)).status, 404);
    let page = visit("GET", &b.receipt(2));
    assert_eq!(
        (page.status, page.text().matches("<time ").count()),
        (200, 0)
    );
    assert!(
        b.events(address)
            .iter()
            .all(|open| open.kind == Kind::Refuse)
    );
    let query = format!("/v1/events?after=0&account={}", a.id);
    assert!(b.get(address, &query).page().events.len() <= 1);
    let path = format!("/v1/account?account={}", a.id);
    let gone = ask(address, "DELETE", &path, &b.authorization(), "");
    assert_eq!(gone.status, 204);
    assert_eq!(b.get(address, "/v1/events").status, 401);

    assert_eq!(a.events(address), of_a);
    assert_eq!(shown(visit("GET", &a.receipt(1))), page_of_a);
    visit("GET", &a.pixel(1));
    assert_eq!(a.events(address).len(), 5, "A's message is not refused");
}

#[test]
fn no_account_sees_or_changes_anything_of_anothers() {
    keep_apart("sqlite:kaifu.db");
}

#[test]
fn no_account_sees_or_changes_anything_of_anothers_in_postgres() {
    if let Some(database) = Database::start() {
        keep_apart(&database.url());
    }
}
