//! What holds for every route: methods, limits, headers and origins.

use crate::client::{Account, Client, ask, press_button};
use crate::process::Server;
use std::net::SocketAddr;

#[test]
fn unknown_addresses_and_methods_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for (method, path, status, code) in [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("POST", "/nothing", 404, "not_found"),
        ("GET", "/v1/accounts", 405, "method_not_allowed"),
        ("DELETE", "/v1/accounts", 405, "method_not_allowed"),
        ("POST", "/v1/events", 405, "method_not_allowed"),
        ("GET", "/v1/account", 405, "method_not_allowed"),
        ("BREW", "/v1/events", 405, "method_not_allowed"),
        ("POST", "/p/x.gif", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ] {
        let answer = ask(server.address, method, path, &[], "");
        let found = (answer.status, answer.error_code());
        assert_eq!(found, (status, code.to_owned()), "{method} {path}");
        assert_eq!(
            answer.header("allow").is_some(),
            status == 405,
            "{method} {path}"
        );
    }
}

#[test]
fn the_server_says_how_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            ask(server.address, "GET", path, &[], "").status,
            200,
            "{path}"
        );
    }
}

#[test]
fn answers_of_the_api_are_data_for_their_caller() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let unauthorized = ask(server.address, "GET", "/v1/events", &[], "");
    let nowhere = ask(server.address, "GET", "/nowhere", &[], "");
    for answer in [
        account.get(server.address, "/v1/events"),
        unauthorized,
        nowhere,
    ] {
        for (name, value) in [
            ("cache-control", "no-store"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("content-type", "application/json"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
    }
}

#[test]
fn extensions_may_call_and_web_pages_may_not() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for (origin, allowed) in [
        ("chrome-extension://abcdefghijklmnopabcdefghijklmnop", true),
        ("moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc", true),
        ("https://mail.google.com", false),
        ("http://localhost", false),
        ("null", false),
    ] {
        let expected = allowed.then_some(origin);
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        let answer = ask(server.address, "OPTIONS", "/v1/events", &preflight, "");
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            expected,
            "{origin}"
        );
        if allowed {
            let headers = answer.header("access-control-allow-headers").unwrap();
            assert!(headers.contains("authorization") && headers.contains("content-type"));
            let methods = answer.header("access-control-allow-methods").unwrap();
            assert!(
                ["GET", "POST", "DELETE"]
                    .iter()
                    .all(|method| methods.contains(method))
            );
        }
        let headers = [
            ("origin", origin),
            ("authorization", account.bearer.as_str()),
        ];
        let answer = ask(server.address, "GET", "/v1/events", &headers, "");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            expected,
            "{origin}"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let outside = [(
        "origin",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    )];
    for path in ["/healthz", "/p/x.gif"] {
        let answer = ask(server.address, "GET", path, &outside, "");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn oversized_requests_are_refused_and_the_server_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let long = "x".repeat(3_000);
    let answer = ask(
        server.address,
        "GET",
        &format!("/v1/events?{long}"),
        &[],
        "",
    );
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (414, "uri_too_long")
    );

    let huge = "x".repeat(20_000);
    assert_eq!(
        ask(server.address, "GET", "/healthz", &[("x-huge", &huge)], "").status,
        431
    );
    let many = vec![("x-one-of-many", "x"); 200];
    assert_eq!(
        ask(server.address, "GET", "/healthz", &many, "").status,
        431
    );

    let mut client = Client::connect(server.address).unwrap();
    client.write(b"not http at all\r\n\r\n").unwrap();
    assert_eq!(client.receive(false).unwrap().status, 400);
    assert_eq!(ask(server.address, "GET", "/healthz", &[], "").status, 200);
}

#[test]
fn one_connection_serves_many_requests() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let mut client = Client::connect(server.address).unwrap();
    for message in 0..50 {
        for method in ["GET", "HEAD"] {
            client
                .send(method, &account.pixel(message), &[], "")
                .unwrap();
            assert_eq!(client.receive(method == "HEAD").unwrap().status, 200);
        }
    }
    assert_eq!(account.events(server.address).len(), 100);
}

#[test]
fn a_client_that_closes_its_sending_half_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let bearer = account.authorization();
    for round in 0..50 {
        for (method, target, headers, body, status) in [
            ("GET", account.pixel(round), &[][..], "", 200),
            ("GET", "/p/forged.gif".to_owned(), &[], "", 200),
            ("POST", "/v1/accounts".to_owned(), &[], "{}", 201),
            ("GET", "/v1/events".to_owned(), &bearer, "", 200),
            // It cannot be told from one that has gone, so it is not made to wait.
            (
                "GET",
                "/v1/events?wait=55&after=4000000".to_owned(),
                &bearer,
                "",
                200,
            ),
        ] {
            let mut client = Client::connect(server.address).unwrap();
            client.send(method, &target, headers, body).unwrap();
            client.close_sending().unwrap();
            let answer = client.receive(false).unwrap();
            assert_eq!(answer.status, status, "{method} {target}");
        }
    }
    assert_eq!(account.events(server.address).len(), 50);
}

#[test]
fn foreign_pages_make_no_accounts_and_press_no_buttons() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let post = |target: &str, headers: &[(&str, &str)]| {
        ask(server.address, "POST", target, headers, "{}").status
    };
    for (headers, status) in [
        (&[("origin", "https://example.org")][..], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "chrome-extension://abcdefghijklmnop")], 201),
        (&[("content-type", "text/plain")], 415),
        (&[], 201),
    ] {
        assert_eq!(post("/v1/accounts", headers), status, "{headers:?}");
    }
    for (button, kinds) in [("read", 1), ("refuse", 2)] {
        let target = format!("{}/{button}", account.receipt(1));
        for site in ["cross-site", "same-site"] {
            assert_eq!(post(&target, &[("sec-fetch-site", site)]), 403);
        }
        let own = [("sec-fetch-site", "same-origin")];
        assert_eq!(press_button(server.address, &target, &own).status, 303);
        assert_eq!(account.events(server.address).len(), kinds);
    }
    let erase = format!("{}/erase", account.receipt(1));
    assert_eq!(post(&erase, &[("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(account.events(server.address).len(), 2);
}

/// The status of the answer to a request of `target` for `host`, where it names one.
fn status_for(address: SocketAddr, target: &str, host: Option<&str>) -> u16 {
    let mut client = Client::connect(address).unwrap();
    let head = match host {
        Some(host) => format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n"),
        None => format!("GET {target} HTTP/1.0\r\n\r\n"),
    };
    client.write(head.as_bytes()).unwrap();
    client.receive(false).unwrap().status
}

#[test]
fn a_server_for_this_machine_answers_under_its_own_names_alone() {
    let dir = tempfile::tempdir().unwrap();
    let url = "--public-url=https://kaifu.example.org";
    let flags = [url, "--metrics-listen=127.0.0.1:0"];
    let server = Server::start_with(dir.path(), &flags);
    let metrics = server.metrics.unwrap();
    let rebound = format!("rebound.example.com:{}", server.address.port());
    for (host, known) in [
        (Some("localhost:1"), true),
        (Some("127.0.0.1"), true),
        (Some("[::1]:8787"), true),
        (Some("Kaifu.example.org"), true),
        (None, true),
        (Some(rebound.as_str()), false),
        (Some("example.org"), false),
        (Some(""), false),
    ] {
        let expected = |status| if known { status } else { 421 };
        for (address, target, status) in [
            (server.address, "/healthz", 200),
            (server.address, "/readyz", 200),
            (server.address, "/v1/openapi.json", 200),
            (server.address, "/v1/events", 401),
            (server.address, "/docs", 200),
            (server.address, "/r/x", 404),
            (server.address, "/nowhere", 404),
            (metrics, "/metrics", 200),
        ] {
            let found = status_for(address, target, host);
            assert_eq!(found, expected(status), "{host:?} {target}");
        }
        // An image is an image, whatever happens.
        assert_eq!(status_for(server.address, "/p/x.gif", host), 200);
    }
    for target in ["http://example.org/healthz", "http://localhost/healthz"] {
        let status = status_for(server.address, target, Some("localhost"));
        assert_eq!(status == 200, target.contains("localhost"), "{target}");
    }
    let mut client = Client::connect(server.address).unwrap();
    let head = "POST /v1/accounts HTTP/1.1\r\nhost: rebound.example.com\r\n\
        content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    client.write(head.as_bytes()).unwrap();
    let refused = client.receive(false).unwrap();
    let found = (refused.status, refused.error_code());
    assert_eq!(found, (421, "unknown_host".to_owned()));

    // What others than this machine are meant to reach, or a tunnel whose name is not known.
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--trusted-proxies=127.0.0.1",
        "--metrics-listen=127.0.0.1:0",
    ];
    let tunnelled = Server::start_with(dir.path(), &flags);
    let metrics = tunnelled.metrics.unwrap();
    assert_eq!(
        status_for(tunnelled.address, "/docs", Some("x.example")),
        200
    );
    assert_eq!(status_for(metrics, "/metrics", Some("x.example")), 421);
}
