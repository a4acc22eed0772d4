//! What `doctor` finds.

use crate::client::{Account, ask};
use crate::process::{Server, program, run};
use crate::secure::{NAME, Root};
use std::fs::{self, File, FileTimes};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Runs the doctor on `dir`, and returns its status and lines.
fn doctor(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = program();
    command.args(["doctor", "--data-dir"]).arg(dir).args(args);
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn has(text: &str, verdict: &str, about: &str) -> bool {
    let start = format!("{verdict:<8}{about}: ");
    text.lines().any(|line| line.starts_with(&start))
}

#[test]
fn a_server_that_is_well_is_found_well() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let account = Account::create(server.address);
    let listen = format!("--listen={}", server.address);
    let metrics = format!("--metrics-listen={}", server.metrics.unwrap());
    let url = format!("--public-url=http://{}", server.address);
    let (status, text) = doctor(dir.path(), &[&listen, &metrics, &url]);
    assert_eq!(status, Some(0), "{text}");
    for about in [
        "server key",
        "database",
        "disk",
        "clock",
        "this machine",
        "DNS",
        "port and certificate",
        "proxies",
    ] {
        assert!(has(&text, "ok", about), "{about}: {text}");
    }
    assert!(has(&text, "warning", "last backup"), "{text}");

    // A backup is known, and so is a proxy that nobody has named.
    let copy = dir.path().join("copy.db");
    let data = dir.path().to_str().unwrap();
    let backup = run(&["backup", "--data-dir", data, copy.to_str().unwrap()]);
    assert!(backup.status.success());
    let headers = [("x-forwarded-for", "192.0.2.1")];
    ask(server.address, "GET", &account.pixel(1), &headers, "");
    let (status, text) = doctor(dir.path(), &[&listen, &metrics, &url]);
    assert_eq!(status, Some(0), "{text}");
    assert!(has(&text, "ok", "last backup"), "{text}");
    assert!(has(&text, "warning", "proxies"), "{text}");
    drop(server);
    let (status, text) = doctor(dir.path(), &[&listen, &url]);
    assert_eq!(status, Some(1), "{text}");
    assert!(has(&text, "WRONG", "this machine"), "{text}");
    assert!(has(&text, "WRONG", "port and certificate"), "{text}");
}

#[test]
fn what_is_wrong_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let listen = format!("--listen={}", server.address);
    let key = dir.path().join("server.key");
    let kept = fs::read(&key).unwrap();
    let found = |args: &[&str]| doctor(dir.path(), &[&[listen.as_str()], args].concat()).1;

    assert!(has(&found(&[]), "warning", "public address"));
    let unknown = found(&["--public-url=https://kaifu.invalid"]);
    assert!(has(&unknown, "WRONG", "DNS"), "{unknown}");
    // Something else answers at the address.
    let other = Server::start_with(&dir.path().join("other"), &["--metrics-listen=127.0.0.1:0"]);
    let elsewhere = format!("--public-url=http://{}", other.metrics.unwrap());
    let text = found(&[&elsewhere]);
    assert!(has(&text, "WRONG", "port and certificate"), "{text}");
    // A server that does not encrypt, under an address that does.
    let text = found(&["--public-url=https://localhost:1"]);
    assert!(has(&text, "warning", "proxies"), "{text}");

    fs::write(&key, "half of a k").unwrap();
    assert!(has(&found(&[]), "WRONG", "server key"));
    fs::remove_file(&key).unwrap();
    let text = found(&[]);
    assert!(has(&text, "WRONG", "server key"), "{text}");
    assert!(text.contains("missing beside a database"), "{text}");
    fs::write(&key, kept).unwrap();

    let soon = SystemTime::now() + Duration::from_hours(1);
    let file = File::create(dir.path().join("newer")).unwrap();
    file.set_times(FileTimes::new().set_modified(soon)).unwrap();
    assert!(has(&found(&[]), "WRONG", "clock"));
}

#[test]
fn a_certificate_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let [certificate, key] = Root::new().issue(NAME, dir.path());
    let tls = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let found = |url: &str| doctor(dir.path(), &[&tls[..], &["--public-url", url]].concat()).1;
    let text = found(&format!("https://{NAME}"));
    assert!(has(&text, "ok", "certificate"), "{text}");
    let text = found("https://other.example.org");
    assert!(has(&text, "WRONG", "certificate"), "{text}");
    fs::write(&certificate, "half of a c").unwrap();
    let text = found(&format!("https://{NAME}"));
    assert!(has(&text, "WRONG", "certificate"), "{text}");
    assert!(text.contains("cert.pem"), "{text}");
}

#[test]
fn a_cache_in_front_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let listen = format!("--listen={}", server.address);
    for (added, expected) in [
        ("X-Varnish: 32770", true),
        ("Via: 1.1 varnish (Varnish/7.1)", true),
        ("Age: 0", true),
        ("Via: 1.1 Caddy", false),
    ] {
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("--public-url=http://{}", front.local_addr().unwrap());
        let backend = server.address;
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = front.accept().unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /healthz "));
            let answer = ask(backend, "GET", "/healthz", &[], "");
            let head = answer.head.join("\r\n");
            let whole = format!("{head}\r\n{added}\r\n\r\n{}", answer.text());
            stream.write_all(whole.as_bytes()).unwrap();
        });
        let (_, text) = doctor(dir.path(), &[&listen, &url]);
        thread.join().unwrap();
        assert_eq!(has(&text, "warning", "cache"), expected, "{added}: {text}");
    }
}

#[test]
fn a_cdn_before_the_trusted_proxy_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--metrics-listen=127.0.0.1:0",
        "--trusted-proxies=127.0.0.1",
    ];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let listen = format!("--listen={}", server.address);
    let metrics = format!("--metrics-listen={}", server.metrics.unwrap());
    let fetch = |hops: &str| {
        let headers = [("x-forwarded-for", hops)];
        ask(server.address, "GET", &account.pixel(1), &headers, "");
        doctor(dir.path(), &[&listen, &metrics]).1
    };
    let text = fetch("66.249.93.55");
    assert!(has(&text, "ok", "proxies"), "{text}");
    let text = fetch("66.249.93.55, 172.71.1.2");
    assert!(has(&text, "warning", "proxies"), "{text}");
    assert!(text.contains("1 of 2 requests"), "{text}");
}
