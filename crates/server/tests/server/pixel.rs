//! The tracking image.

use crate::client::{Account, Answer, ask, message_of, press_button};
use crate::process::Server;
use kaifu_core::fetch::Country;
use kaifu_core::token::TokenKind;
use kaifu_networks::FullBuilder;
use kaifu_protocol::api::{Claim, Class, Kind};
use std::fmt::Write as _;
use std::path::Path;

const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn fetch(server: &Server, method: &str, path: &str, agent: &str) -> Answer {
    ask(server.address, method, path, &[("user-agent", agent)], "")
}

#[test]
fn the_image_is_served_as_promised() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let answer = fetch(&server, "GET", &account.pixel(1), GMAIL);
    assert_eq!(answer.head[0], "HTTP/1.1 200 OK");
    assert_eq!(answer.header("content-type"), Some("image/gif"));
    assert_eq!(answer.header("content-length"), Some("43"));
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store, no-cache, must-revalidate, private, max-age=0")
    );
    assert_eq!(answer.header("set-cookie"), None);
    assert!(answer.body.starts_with(b"GIF89a\x01\x00\x01\x00") && answer.body.ends_with(b";"));
    assert_eq!(answer.body.len(), 43);
}

#[test]
fn no_answer_tells_whether_its_token_was_good() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let deleted = Account::create(server.address);
    ask(
        server.address,
        "DELETE",
        "/v1/account",
        &deleted.authorization(),
        "",
    );

    let valid = account.pixel(1);
    let forged = if valid.ends_with("A.gif") {
        valid.replace("A.gif", "B.gif")
    } else {
        format!("{}A.gif", &valid[..valid.len() - 5])
    };
    let receipt = account.token(TokenKind::ImagePage, 0, b"");
    let paths = [
        valid,
        forged,
        deleted.pixel(1),
        format!("/p/{receipt}.gif"),
        "/p/x.gif".to_owned(),
        "/p/a/b.gif".to_owned(),
        "/p/%ff%00.gif?query".to_owned(),
        format!("/p/{}.gif", "A".repeat(8_000)),
    ];
    for method in ["GET", "HEAD"] {
        let answers: Vec<_> = paths
            .iter()
            .map(|path| fetch(&server, method, path, FIREFOX))
            .collect();
        for (path, answer) in paths.iter().zip(&answers) {
            assert_eq!(
                answer.apart_from_date(),
                answers[0].apart_from_date(),
                "{method} {path}"
            );
        }
    }
    let messages: Vec<_> = account
        .events(server.address)
        .iter()
        .map(message_of)
        .collect();
    assert_eq!(messages, [1, 1], "one GET and one HEAD, and nothing else");
}

#[test]
fn an_address_that_is_spelled_otherwise_is_the_same_address() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let image = fetch(&server, "GET", &account.pixel(1), FIREFOX);
    let all_encoded = |path: &str| {
        path.bytes().fold(String::new(), |mut encoded, byte| {
            match byte {
                b'/' => encoded.push('/'),
                _ => write!(encoded, "%{byte:02x}").unwrap(),
            }
            encoded
        })
    };
    let mut counted = 1;
    for spelling in [
        |path: &str| path.replacen('/', "//", 1),
        |path: &str| path.replace("/p/", "/./p/"),
        |path: &str| path.replace("/p/", "/p//"),
        |path: &str| path.replace("/p/", "/x/%2E./%70/"),
        |path: &str| path.replace('.', "%2E"),
        |path: &str| format!("{path}?utm_source=mail"),
        |path: &str| format!("{path}#https://kaifu.example.org/p/x.gif"),
        |path: &str| format!("http://kaifu.example.org{path}"),
    ] {
        for path in [account.pixel(1), all_encoded(&account.pixel(1))] {
            let answer = fetch(&server, "GET", &spelling(&path), FIREFOX);
            counted += 1;
            let path = spelling(&path);
            assert_eq!(answer.apart_from_date(), image.apart_from_date(), "{path}");
            assert_eq!(account.events(server.address).len(), counted, "{path}");
        }
    }
    let path = account.pixel(1);
    for other in [
        format!("{path}/"),
        format!("{path}%20"),
        format!("{path}/."),
        path.replace("/p/", "/p/x/"),
        path.replace("/p/", "/p%2f"),
        path.replace(".gif", ".gif%3Fx"),
        path.replace(".gif", ".GIF"),
        path.replace(".gif", "%252Egif"),
        path.replace("/p/", "/p/../"),
        "/p/".to_owned(),
        "//p//".to_owned(),
        "/p/../v1/events".to_owned(),
    ] {
        let answer = fetch(&server, "GET", &other, FIREFOX);
        let is_image = answer.apart_from_date() == image.apart_from_date();
        assert_eq!(is_image, !other.starts_with("/p%2f"), "{other}");
    }
    assert_eq!(account.events(server.address).len(), counted);

    // The recipient's page is found by the same ways, and nothing else is.
    for (target, status) in [
        (account.receipt(1).replace("/r/", "//%72/"), 200),
        (format!("//docs/../r//{}/", &account.receipt(1)[3..]), 404),
        ("/v1//openapi.json".to_owned(), 404),
        ("/%76%31/openapi.json".to_owned(), 404),
    ] {
        assert_eq!(fetch(&server, "GET", &target, FIREFOX).status, status);
    }
}

#[test]
fn an_event_says_who_asked_and_what_that_is_worth() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--trusted-proxies", "127.0.0.1"]);
    let account = Account::create(server.address);
    let from_google = [("user-agent", GMAIL), ("x-forwarded-for", "66.249.93.55")];
    ask(server.address, "GET", &account.pixel(1), &from_google, "");
    fetch(&server, "HEAD", &account.pixel(2), FIREFOX);
    let prefetch = [
        ("user-agent", FIREFOX),
        ("sec-purpose", "prefetch;prerender"),
    ];
    ask(server.address, "GET", &account.pixel(3), &prefetch, "");
    ask(server.address, "GET", &account.pixel(4), &[], "");
    fetch(&server, "GET", &account.pixel(5), "Mozilla/5.0");
    fetch(&server, "GET", &account.pixel(6), GMAIL);
    let forged = [("user-agent", GMAIL), ("x-forwarded-for", "9.9.9.9")];
    ask(server.address, "GET", &account.pixel(7), &forged, "");

    let opens = account.events(server.address);
    let seen: Vec<_> = opens
        .iter()
        .map(|open| {
            (
                open.seq,
                message_of(open),
                open.claim,
                open.source.class,
                &*open.reason,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, 1, Claim::Likely, Class::GmailProxy, "gmail_proxy"),
            (2, 2, Claim::No, Class::Scanner, "head_request"),
            (3, 3, Claim::No, Class::Bot, "prefetch_header"),
            (4, 4, Claim::Unknown, Class::Unknown, "no_user_agent"),
            (5, 5, Claim::Unknown, Class::AppleMpp, "apple_mpp"),
            (
                6,
                6,
                Claim::Likely,
                Class::GmailProxy,
                "gmail_proxy_unchecked"
            ),
            (7, 7, Claim::Unknown, Class::Unknown, "forged_proxy"),
        ]
    );
    assert!(opens.iter().all(|open| open.kind == Kind::Pixel));
    assert_eq!(opens[0].source.client.as_deref(), Some("Gmail"));
    assert!(opens.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

/// A table in which the addresses of the tests are somewhere.
fn write_table(dir: &Path, country: &str) {
    let mut table = FullBuilder::default();
    let address = |text: &str| text.parse().unwrap();
    table.asn(address("91.10.0.0"), address("91.10.255.255"), 3320);
    table.country(
        address("91.10.0.0"),
        address("91.10.255.255"),
        Country::new(country).unwrap(),
    );
    table.country(
        address("66.249.64.0"),
        address("66.249.95.255"),
        Country::new("US").unwrap(),
    );
    std::fs::write(dir.join("networks.bin"), table.build().encode()).unwrap();
}

#[test]
fn what_is_known_of_a_reader_is_kept_and_nothing_of_a_proxys() {
    let dir = tempfile::tempdir().unwrap();
    write_table(dir.path(), "DE");
    let server = Server::start_with(dir.path(), &["--trusted-proxies", "127.0.0.1"]);
    let account = Account::create(server.address);
    for (message, agent, address) in [
        (1, FIREFOX, "91.10.20.30"),
        (1, FIREFOX, "91.10.20.30"),
        (1, FIREFOX, "91.10.20.31"),
        (2, FIREFOX, "91.10.20.30"),
        (1, GMAIL, "66.249.93.55"),
        (1, "curl/8.5.0", "91.10.20.30"),
    ] {
        let headers = [("user-agent", agent), ("x-forwarded-for", address)];
        ask(server.address, "GET", &account.pixel(message), &headers, "");
    }
    let read = format!("{}/read", account.receipt(1));
    let headers = [("user-agent", FIREFOX), ("x-forwarded-for", "91.10.20.30")];
    press_button(server.address, &read, &headers);

    let opens = account.events(server.address);
    let known: Vec<_> = opens
        .iter()
        .map(|open| {
            (
                open.source.device.as_deref(),
                open.source.country.as_deref(),
            )
        })
        .collect();
    let reader = (Some("Linux"), Some("DE"));
    let nothing = (None, None);
    assert_eq!(
        known,
        [reader, reader, reader, reader, nothing, nothing, nothing]
    );
    let readers: Vec<_> = opens
        .iter()
        .map(|open| open.source.reader.as_deref())
        .collect();
    assert!(
        readers[..4]
            .iter()
            .flatten()
            .all(|reader| reader.len() == 11)
    );
    assert_eq!(readers[0], readers[1]);
    assert_ne!(readers[0], readers[2], "another address is another reader");
    assert_ne!(
        readers[0], readers[3],
        "no reader can be followed from mail to mail"
    );
    assert_eq!((readers[4], readers[6]), (None, None));
    assert_eq!(
        readers[5], readers[0],
        "a machine at a reader's address is told by it"
    );

    // The recipient sees what is kept.
    let page = ask(server.address, "GET", &account.receipt(1), &[], "");
    let kept = "Linux · network in <data value=\"DE\">DE</data>";
    assert!(page.text().contains(kept), "{}", page.text());
}

#[test]
fn a_newer_table_is_taken_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let fetched_from = |server: &Server, account: &Account| {
        let headers = [("user-agent", FIREFOX), ("x-forwarded-for", "91.10.20.30")];
        ask(server.address, "GET", &account.pixel(1), &headers, "");
        let opens = account.events(server.address);
        opens.last().unwrap().source.country.clone()
    };
    let flags = ["--trusted-proxies", "127.0.0.1"];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    assert_eq!(fetched_from(&server, &account), None);
    write_table(dir.path(), "DE");
    let log = server.stop();
    assert!(log.contains("no table of all networks"), "{log}");

    let server = Server::start_with(dir.path(), &flags);
    assert_eq!(fetched_from(&server, &account).as_deref(), Some("DE"));
    write_table(dir.path(), "AT");
    let log = server.stop();
    assert!(!log.contains("no table of all networks"), "{log}");
    let server = Server::start_with(dir.path(), &flags);
    assert_eq!(fetched_from(&server, &account).as_deref(), Some("AT"));
}

#[test]
fn neither_address_nor_user_agent_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let flags = ["--log-level", "debug", "--trusted-proxies", "127.0.0.1"];
    let server = Server::start_with(dir.path(), &flags);
    let account = Account::create(server.address);
    let agent = "Peculiar/7.31 (a reader like no other) Firefox/140.0";
    let path = account.pixel(1);
    for method in ["GET", "HEAD"] {
        let headers = [("user-agent", agent), ("x-forwarded-for", "198.51.100.77")];
        ask(server.address, method, &path, &headers, "");
    }
    ask(
        server.address,
        "GET",
        "/p/forged.gif",
        &[("user-agent", agent)],
        "",
    );
    account.get(server.address, "/v1/events");
    assert_eq!(account.events(server.address).len(), 2);

    // The kill leaves the write-ahead log as it is, so all files are looked at.
    let own_address = format!("listening on http://{}", server.address);
    let mut places = vec![server.kill().replace(&own_address, "").into_bytes()];
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        places.push(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let secret = account.bearer.trim_start_matches("Bearer ");
    let token = path.trim_start_matches("/p/").trim_end_matches(".gif");
    for place in &places {
        for needle in [
            "Peculiar",
            "like no other",
            "198.51.100.77",
            "127.0.0.1",
            secret,
            token,
        ] {
            let found = place
                .windows(needle.len())
                .any(|window| window == needle.as_bytes());
            assert!(!found, "{needle} in {}", String::from_utf8_lossy(place));
        }
        for bytes in [[127, 0, 0, 1], [198, 51, 100, 77]] {
            assert!(!place.windows(4).any(|window| window == bytes));
        }
    }
    let database = places.concat();
    assert!(
        database
            .windows(11)
            .any(|window| window == b"gmail_proxy" || window == b"head_reques")
    );
}
