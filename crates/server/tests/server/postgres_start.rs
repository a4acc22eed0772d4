//! How a server comes to its PostgreSQL: one that is away, refuses, or is far.

use crate::client::{Account, ask, message_of, press_button};
use crate::database::Database;
use crate::metrics::metric;
use crate::postgres::{drained, start};
use crate::process::{Server, program, run};
use kaifu_protocol::api::Kind;
use rustix::process::Signal;
use std::path::Path;

#[test]
fn a_server_starts_without_its_database() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), &database);
    let account = Account::create(server.address);
    server.kill();
    database.stop(Signal::INT);

    let server = start(dir.path(), &database);
    for message in 1..=3 {
        ask(server.address, "GET", &account.pixel(message), &[], "");
    }
    // A button must not claim what has not happened, and nobody honours a refusal in a spool.
    let refuse = format!("{}/refuse", account.receipt(2));
    assert_eq!(press_button(server.address, &refuse, &[]).status, 503);
    let read = format!("{}/read", account.receipt(2));
    assert_eq!(press_button(server.address, &read, &[]).status, 303);
    for _ in 0..2 {
        ask(server.address, "GET", &account.pixel(2), &[], "");
    }
    assert_eq!(metric(&server, "kaifu_spool_events"), Some(6.0));
    assert_eq!(
        ask(server.address, "POST", "/v1/accounts", &[], "{}").status,
        503
    );
    database.resume();
    drained(&server);
    let opens = account.events(server.address);
    let messages: Vec<_> = opens.iter().map(message_of).collect();
    assert_eq!(messages, [1, 2, 3, 2, 2, 2]);
    assert_eq!(opens[3].kind, Kind::Read);
    assert_eq!(press_button(server.address, &refuse, &[]).status, 303);
    ask(server.address, "GET", &account.pixel(2), &[], "");
    assert_eq!(account.events(server.address).len(), opens.len() + 1);
    assert!(opens.iter().map(|open| open.seq).eq(1..=opens.len() as u64));
}

#[test]
fn a_database_that_refuses_is_an_error_at_once() {
    let Some(database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let url = database.url().replace("/postgres", "/nowhere");
    assert_ne!(url, database.url());
    let data = dir.path().to_str().unwrap();
    let flags = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data];
    let output = run(&[&flags[..], &["--database", &url]].concat());
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(
        log.contains("--database") && log.contains("nowhere"),
        "{log}"
    );

    database.ask("CREATE TABLE migrations (version BIGINT PRIMARY KEY)");
    database.ask("INSERT INTO migrations VALUES (99)");
    let output = run(&[&flags[..], &["--database", &database.url()]].concat());
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(log.contains("version 99"), "{log}");
}

#[test]
fn a_database_far_away_is_spoken_to_in_secret() {
    let Some(mut database) = Database::start() else {
        return;
    };
    database.stop(Signal::INT);
    let (url, certificate) = database.encrypt();
    database.resume();
    let dir = tempfile::tempdir().unwrap();
    let start = |mode: &str, certificates: &Path| {
        let url = format!("{url}?sslmode={mode}");
        let flags = [
            "serve",
            "--listen=127.0.0.1:0",
            "--metrics-listen=127.0.0.1:0",
        ];
        Server::spawn(
            program()
                .args(flags)
                .env("KAIFU_DATA_DIR", dir.path())
                .env("KAIFU_DATABASE", url)
                .env("SSL_CERT_FILE", certificates),
        )
    };
    let server = start("require", &certificate);
    assert_eq!(metric(&server, "kaifu_database_up"), Some(1.0));
    let account = Account::create(server.address);
    ask(server.address, "GET", &account.pixel(1), &[], "");
    assert_eq!(account.events(server.address).len(), 1);
    let encrypted = database.ask(
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'kaifu-server'",
    );
    assert_eq!(encrypted, "t");
    server.kill();

    // A certificate that this system does not trust is none.
    let other = dir.path().join("other.pem");
    let mut openssl = std::process::Command::new("openssl");
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]);
    openssl.args([
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
        "/dev/null",
    ]);
    assert!(
        openssl
            .arg("-out")
            .arg(&other)
            .output()
            .unwrap()
            .status
            .success()
    );
    let server = start("require", &other);
    assert_eq!(metric(&server, "kaifu_database_up"), Some(0.0));
    assert!(server.kill().contains("certificate"));
}
