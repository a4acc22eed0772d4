//! Connections that the server encrypts itself.

use crate::client::{Client, PATIENCE, message_of};
use crate::embedded::Inside;
use crate::metrics::{metric, wait_for};
use crate::process::{Server, program, run};
use crate::secure::{NAME, Root, ask, connect, create_account, handshake};
use kaifu_server::settings::{Encryption, Limits};
use rustix::process::Signal;
use std::io::Read as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn start(dir: &Path, [certificate, key]: &[PathBuf; 2], flags: &[&str]) -> Server {
    let files = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    Server::start_with(&dir.join("data"), &[&files, flags].concat())
}

#[test]
fn everything_works_encrypted() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new();
    let files = root.issue(NAME, dir.path());
    let server = start(dir.path(), &files, &["--metrics-listen=127.0.0.1:0"]);
    let stream = handshake(server.address, NAME, &root.trust()).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut client = Client::over(stream);
    let account = create_account(&mut client);
    for message in 1..=20 {
        let answer = ask(&mut client, "GET", &account.pixel(message), &[], "");
        assert_eq!((answer.status, answer.body.len()), (200, 43));
    }
    let bearer = account.authorization();
    let opens = ask(&mut client, "GET", "/v1/events", &bearer, "")
        .page()
        .events;
    assert!(opens.iter().map(message_of).eq(1..=20));

    // A stranger's certificate, another protocol and plain text come to nothing, and are counted.
    let stranger = connect(server.address, NAME, &Root::new().trust());
    assert!(stranger.is_err());
    let mut modern = root.trust();
    modern.alpn_protocols = vec![b"h2".to_vec()];
    assert!(connect(server.address, NAME, &modern).is_err());
    let mut plain = Client::connect(server.address).unwrap();
    plain.send("GET", "/healthz", &[], "").unwrap();
    assert!(!plain.rest().unwrap_or_default().starts_with(b"HTTP/"));
    wait_for(&server, "kaifu_tls_handshakes_failed_total", 3.0);
    let expires = metric(&server, "kaifu_certificate_expires_seconds");
    assert!(expires > Some(0.0), "{expires:?}");
}

#[test]
fn the_healthcheck_speaks_tls_where_the_server_does() {
    let dir = tempfile::tempdir().unwrap();
    let files = Root::new().issue(NAME, dir.path());
    let server = start(dir.path(), &files, &[]);
    let address = server.address.to_string();
    let check = |variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(["healthcheck", "--listen", &address]);
        command.envs(variables.iter().copied());
        command.output().unwrap().status.code()
    };
    let [certificate, key] = files.each_ref().map(|path| path.to_str().unwrap());
    let as_served = [("KAIFU_TLS_CERT", certificate), ("KAIFU_TLS_KEY", key)];
    assert_eq!(check(&as_served), Some(0));
    assert_eq!(check(&[("KAIFU_ACME_DOMAIN", NAME)]), Some(0));
    assert_eq!(check(&[]), Some(1));
    server.kill();
    assert_eq!(check(&as_served), Some(1));
}

#[test]
fn a_renewed_certificate_is_taken_up_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new();
    let files = root.issue(NAME, dir.path());
    let server = start(dir.path(), &files, &[]);
    let shown = || {
        let stream = handshake(server.address, NAME, &root.trust()).unwrap();
        stream.conn.peer_certificates().unwrap()[0].to_vec()
    };
    let first = shown();
    let mut open = connect(server.address, NAME, &root.trust()).unwrap();
    let start = Instant::now();
    // Something that is none changes nothing, and does not keep the next one away.
    std::fs::write(&files[0], "no certificate").unwrap();
    server.signal(Signal::HUP);
    assert_eq!(shown(), first);
    root.issue(NAME, dir.path());
    server.signal(Signal::HUP);
    while shown() == first {
        assert!(start.elapsed() < PATIENCE, "it was never taken up");
    }
    assert_eq!(ask(&mut open, "GET", "/healthz", &[], "").status, 200);
    let second = shown();
    // Without a signal it takes a moment longer.
    root.issue(NAME, dir.path());
    while shown() == second {
        assert!(start.elapsed() < PATIENCE, "it was never taken up");
    }
}

#[test]
fn a_stop_answers_encrypted_long_polls_and_waits_for_no_handshake() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new();
    let files = root.issue(NAME, dir.path());
    let server = start(dir.path(), &files, &["--metrics-listen=127.0.0.1:0"]);
    let mut client = connect(server.address, NAME, &root.trust()).unwrap();
    let account = create_account(&mut client);
    let mut silent = TcpStream::connect(server.address).unwrap();
    let poll = "/v1/events?wait=55";
    client
        .send("GET", poll, &account.authorization(), "")
        .unwrap();
    wait_for(&server, "kaifu_waiters", 1.0);
    wait_for(&server, "kaifu_connections", 2.0);
    server.signal(Signal::TERM);
    assert_eq!(client.receive(false).unwrap().page().events, []);
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("gave up") && !log.contains("ERROR"), "{log}");
    assert_eq!(silent.read(&mut [0; 16]).unwrap_or(0), 0);
}

fn inside(dir: &Path, files: [PathBuf; 2], limits: Limits) -> Inside {
    let [certificate, key] = files;
    let encryption = Encryption::Files { certificate, key };
    Inside::start_encrypted(&dir.join("data"), encryption, limits)
}

#[test]
fn slow_clients_are_cut_off_before_and_after_the_handshake() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new();
    let limits = Limits {
        handshake_timeout: Duration::from_millis(200),
        head_timeout: Duration::from_millis(200),
        connections: 1,
        ..Limits::default()
    };
    let server = inside(dir.path(), root.issue(NAME, dir.path()), limits);
    // The only place is free again after each of them, or the next one would wait for ever.
    for beginning in [
        &b""[..],
        b"\x16",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP",
    ] {
        let mut client = Client::connect(server.address).unwrap();
        client.write(beginning).unwrap();
        let answer = client.rest().unwrap_or_default();
        assert!(!answer.starts_with(b"HTTP/"), "{beginning:?}");
    }
    let mut client = connect(server.address, NAME, &root.trust()).unwrap();
    client.write(b"GET /healthz HTTP/1.1\r\nx-slow: ").unwrap();
    let answer = client.rest().unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    let mut client = connect(server.address, NAME, &root.trust()).unwrap();
    assert_eq!(ask(&mut client, "GET", "/healthz", &[], "").status, 200);
}

#[test]
fn an_encrypted_client_that_never_reads_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new();
    let limits = Limits {
        write_timeout: Duration::from_millis(200),
        connections: 1,
        ..Limits::default()
    };
    let server = inside(dir.path(), root.issue(NAME, dir.path()), limits);
    let mut client = connect(server.address, NAME, &root.trust()).unwrap();
    let request = b"GET /p/x.gif HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    let start = Instant::now();
    while client.write(&request).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it was never cut off");
    }
    let mut client = connect(server.address, NAME, &root.trust()).unwrap();
    assert_eq!(ask(&mut client, "GET", "/healthz", &[], "").status, 200);
}

#[test]
fn plain_http_is_led_to_the_same_address_encrypted() {
    let dir = tempfile::tempdir().unwrap();
    let files = Root::new().issue(NAME, dir.path());
    let flags = [
        "--redirect-listen=127.0.0.1:0",
        "--public-url=https://kaifu.example.org",
    ];
    let server = start(dir.path(), &files, &flags);
    let plain = server.redirect.unwrap();
    for (target, host) in [
        ("/p/x.gif", "kaifu.example.org"),
        (
            "/l/token?u=https%3A%2F%2Fexample.com",
            "elsewhere.example.com",
        ),
        ("/", ""),
        ("//elsewhere.example.com/", "x"),
    ] {
        let mut client = Client::connect(plain).unwrap();
        client
            .write(format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes())
            .unwrap();
        let answer = client.receive(false).unwrap();
        let expected = format!("https://kaifu.example.org{target}");
        assert_eq!(
            (answer.status, answer.header("location")),
            (308, Some(&*expected)),
            "{target}"
        );
    }
}

#[test]
fn what_is_wrong_with_encryption_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let [certificate, key] = Root::new().issue(NAME, dir.path());
    let other = tempfile::tempdir().unwrap();
    let [_, foreign] = Root::new().issue(NAME, other.path());
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (certificate, key, foreign) = (text(&certificate), text(&key), text(&foreign));
    let data = text(&dir.path().join("data"));
    for (flags, code, named) in [
        (&["--tls-cert", &certificate][..], 2, "--tls-key"),
        (&["--tls-key", &key], 2, "--tls-cert"),
        (&["--acme-domain", "*.example.org"], 2, "--acme-domain"),
        (
            &["--acme-domain", "https://example.org"],
            2,
            "--acme-domain",
        ),
        (
            &[
                "--acme-domain",
                NAME,
                "--tls-cert",
                &certificate,
                "--tls-key",
                &key,
            ],
            2,
            "--acme-domain",
        ),
        (&["--acme-contact", "me@example.org"], 2, "--acme-domain"),
        (
            &["--acme-domain", NAME, "--acme-contact", "me"],
            2,
            "--acme-contact",
        ),
        (
            &[
                "--acme-domain",
                NAME,
                "--acme-directory",
                "http://example.org",
            ],
            2,
            "--acme-directory",
        ),
        (
            &["--redirect-listen", "127.0.0.1:0"],
            2,
            "--redirect-listen",
        ),
        (
            &[
                "--redirect-listen",
                "127.0.0.1:0",
                "--public-url",
                "http://example.org",
            ],
            2,
            "--redirect-listen",
        ),
        (
            &["--tls-cert", "nowhere.pem", "--tls-key", &key],
            1,
            "--tls-cert",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", "nowhere.pem"],
            1,
            "--tls-key",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &foreign],
            1,
            "--tls-key",
        ),
        (
            &["--tls-cert", &key, "--tls-key", &key],
            1,
            "no certificate",
        ),
    ] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data];
        let output = run(&[&serve, flags].concat());
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {log}");
        assert!(log.contains(named), "{flags:?}: {log}");
        assert!(!log.contains("PRIVATE"), "{flags:?}: {log}");
    }
}
