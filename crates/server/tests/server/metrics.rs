//! What operators see and set: metrics, proxies and limits.

use crate::client::{Account, Answer, PARKED, PATIENCE, ask, park, press_button};
use crate::process::{Server, run};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The value of one line of the metrics, `name{labels}` as it stands there.
pub(crate) fn metric(server: &Server, line: &str) -> Option<f64> {
    let answer = ask(server.metrics.unwrap(), "GET", "/metrics", &[], "");
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body)
        .unwrap()
        .lines()
        .find_map(|found| {
            let (name, value) = found.rsplit_once(' ')?;
            (name == line).then(|| value.parse().unwrap())
        })
}

/// Waits until a line of the metrics has that value.
pub(crate) fn wait_for(server: &Server, line: &str, value: f64) {
    let start = Instant::now();
    while metric(server, line) != Some(value) {
        assert!(start.elapsed() < PATIENCE, "{line} was never {value}");
    }
}

/// Waits until the server has removed what is past its time.
pub(crate) fn wait_until_purged(server: &Server) {
    let start = Instant::now();
    while metric(server, "kaifu_last_purge_seconds") <= Some(0.0) {
        assert!(start.elapsed() < PATIENCE, "nothing was ever purged");
    }
}

#[test]
fn metrics_tell_what_happened() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let account = Account::create(server.address);
    assert_eq!(metric(&server, "kaifu_database_up"), Some(1.0));
    let agent = [("user-agent", "curl/8.0")];
    for message in 0..3 {
        ask(server.address, "GET", &account.pixel(message), &agent, "");
    }
    ask(server.address, "GET", "/p/forged.gif", &agent, "");
    account.get(server.address, "/v1/events?limit=0");
    let _polls = park(server.address, &account, 3);
    for (line, expected) in [
        ("kaifu_opens_total{class=\"bot\"}", 3.0),
        ("kaifu_opens_total{class=\"human\"}", 0.0),
        (
            "kaifu_http_responses_total{route=\"pixel\",status=\"2xx\"}",
            4.0,
        ),
        (
            "kaifu_http_responses_total{route=\"events\",status=\"4xx\"}",
            // The wrong limit, and the poll for which there was no place.
            2.0,
        ),
        ("kaifu_http_request_seconds_count{route=\"pixel\"}", 4.0),
        (
            "kaifu_http_request_seconds_bucket{route=\"pixel\",le=\"+Inf\"}",
            4.0,
        ),
        ("kaifu_waiters", f64::from(u32::try_from(PARKED).unwrap())),
        ("kaifu_spool_events", 0.0),
        ("kaifu_opens_lost_total", 0.0),
    ] {
        assert_eq!(metric(&server, line), Some(expected), "{line}");
    }
    let commits = metric(&server, "kaifu_commit_batch_size_count{}").unwrap();
    let writes = metric(&server, "kaifu_commit_batch_size_sum{}").unwrap();
    assert!(commits >= 1.0 && writes >= commits, "{commits} {writes}");
    assert_eq!(ask(server.address, "GET", "/metrics", &[], "").status, 404);
}

/// Every line is one that Prometheus reads, and every name is declared once before its values.
#[test]
fn metrics_are_well_formed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let answer = ask(server.metrics.unwrap(), "GET", "/metrics", &[], "");
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = String::from_utf8(answer.body).unwrap();
    let mut declared = Vec::new();
    for line in text.lines() {
        if let Some(declaration) = line.strip_prefix("# TYPE ") {
            let name = declaration.split(' ').next().unwrap();
            assert!(!declared.contains(&name), "{line}");
            declared.push(name);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let name = name.split('{').next().unwrap();
            let declared = declared.last().unwrap();
            let rest = name.strip_prefix(declared).unwrap();
            assert!(["", "_bucket", "_sum", "_count"].contains(&rest), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(declared.len() >= 10, "{declared:?}");
}

fn create(server: &Server, forwarded_for: &str) -> Answer {
    let headers = [("x-forwarded-for", forwarded_for)];
    ask(server.address, "POST", "/v1/accounts", &headers, "{}")
}

#[test]
fn only_trusted_proxies_say_who_asks() {
    let dir = tempfile::tempdir().unwrap();
    let limit = "--accounts-per-hour=1";
    let trusting = ["--trusted-proxies=10.0.0.0/8,127.0.0.1", limit];
    let server = Server::start_with(dir.path(), &trusting);
    for (client, status) in [
        ("192.0.2.1", 201),
        ("192.0.2.2", 201),
        ("192.0.2.1", 429),
        ("192.0.2.9, 192.0.2.1, 10.0.0.3", 429),
        ("2001:db8::1", 201),
        ("2001:db8::2", 429),
        ("2001:db8:0:1::1", 201),
    ] {
        assert_eq!(create(&server, client).status, status, "{client}");
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[limit]);
    assert_eq!(create(&server, "192.0.2.1").status, 201);
    assert_eq!(create(&server, "192.0.2.2").status, 429);
}

#[test]
fn a_network_that_fails_too_often_is_told_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let flags = [
        "--errors-per-minute=5",
        "--trusted-proxies=127.0.0.1",
        "--metrics-listen=127.0.0.1:0",
    ];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let guess = |client| {
        let headers = [
            ("x-forwarded-for", client),
            ("authorization", "Bearer guess"),
        ];
        ask(server.address, "GET", "/v1/events", &headers, "")
    };
    for _ in 0..5 {
        assert_eq!(guess("192.0.2.1").status, 401);
    }
    let answer = guess("192.0.2.1");
    assert_eq!(
        (answer.status, answer.error_code().as_str()),
        (429, "too_many_errors")
    );
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(
        metric(&server, "kaifu_rate_limited_total{limit=\"errors\"}"),
        Some(1.0)
    );
    // Others go on, and so does the image.
    assert_eq!(guess("192.0.2.2").status, 401);
    assert_eq!(account.get(server.address, "/v1/events").status, 200);
    let headers = [("x-forwarded-for", "192.0.2.1")];
    ask(server.address, "GET", &account.pixel(1), &headers, "");
    assert_eq!(account.events(server.address).len(), 1);
}

#[test]
fn what_an_operator_asks_for_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let account = Account::create(server.address);
    let version = env!("CARGO_PKG_VERSION");
    let built = format!("kaifu_build_info{{version=\"{version}\"}}");
    assert_eq!(metric(&server, &built), Some(1.0));
    assert_eq!(metric(&server, "kaifu_last_backup_seconds"), Some(0.0));
    assert!(metric(&server, "kaifu_disk_free_bytes").unwrap() > 0.0);
    let copy = dir.path().join("copy.db");
    let args = ["backup", "--data-dir", dir.path().to_str().unwrap()];
    assert!(
        run(&[&args[..], &[copy.to_str().unwrap()]].concat())
            .status
            .success()
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    // The first purge comes right after the start.
    let start = Instant::now();
    for name in ["kaifu_last_backup_seconds", "kaifu_last_purge_seconds"] {
        loop {
            let age = now.as_secs_f64() - metric(&server, name).unwrap();
            if age.abs() < 60.0 {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{name}: {age}");
        }
    }
    let headers = [("x-forwarded-for", "192.0.2.1")];
    for target in [account.pixel(1), "/v1/events".to_owned()] {
        ask(server.address, "GET", &target, &headers, "");
    }
    let untrusted = "kaifu_untrusted_proxy_requests_total";
    assert_eq!(metric(&server, untrusted), Some(2.0));
}

#[test]
fn what_was_dropped_is_not_counted_as_stored() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let [refused, deleted] = [(); 2].map(|()| Account::create(server.address));
    let agent = [("user-agent", "curl/8.0")];
    let page = format!("{}/refuse", refused.receipt(1));
    let pressed = press_button(server.address, &page, &agent);
    assert_eq!(pressed.status, 303);
    let answer = ask(
        server.address,
        "DELETE",
        "/v1/account",
        &deleted.authorization(),
        "",
    );
    assert_eq!(answer.status, 204);
    for pixel in [refused.pixel(1), deleted.pixel(1), refused.pixel(2)] {
        ask(server.address, "GET", &pixel, &agent, "");
    }
    // What was kept is the refusal itself, and the fetch of the other message.
    for (line, expected) in [
        ("kaifu_opens_total{class=\"bot\"}", 2.0),
        ("kaifu_opens_dropped_total", 2.0),
        ("kaifu_opens_lost_total", 0.0),
    ] {
        assert_eq!(metric(&server, line), Some(expected), "{line}");
    }
}
