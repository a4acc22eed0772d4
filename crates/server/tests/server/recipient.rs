//! What recipients see and can do.

use crate::client::{Account, Answer, ask, message_of, press_button};
use crate::process::Server;
use kaifu_core::token::TokenKind;
use kaifu_protocol::api::{Claim, Class, Kind};

pub(crate) const FIREFOX: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
);

pub(crate) fn get(server: &Server, path: &str) -> Answer {
    ask(server.address, "GET", path, &[FIREFOX], "")
}

/// Presses a button of the recipient's page and returns the page that follows.
pub(crate) fn press(server: &Server, receipt: &str, button: &str) -> Answer {
    let path = format!("{receipt}/{button}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let answer = press_button(server.address, &path, &[FIREFOX, form]);
    assert_eq!(answer.status, 303, "{answer:?}");
    let next = answer.header("location").unwrap();
    assert!(next.starts_with(receipt), "{next}");
    let page = get(server, next);
    assert_eq!(page.status, 200);
    page
}

/// The value of a hidden field.
pub(crate) fn field(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.text().split_once(&start).unwrap().1;
    rest.split_once('"').unwrap().0.to_owned()
}

pub(crate) fn kinds(server: &Server, account: &Account) -> Vec<(u64, Kind)> {
    let opens = account.events(server.address);
    opens
        .iter()
        .map(|open| (message_of(open), open.kind))
        .collect()
}

#[test]
fn the_page_is_plain_and_says_what_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let receipt = account.receipt(5);
    let page = get(&server, &receipt);
    assert_eq!(page.status, 200);
    assert!(
        page.text()
            .contains("Nothing is recorded about this email.")
    );
    get(&server, &account.pixel(5));
    get(&server, &account.pixel(6));
    let page = get(&server, &receipt);
    let text = page.text();
    assert_eq!(text.matches("Image loaded").count(), 1, "{text}");
    assert_eq!(text.matches("<time ").count(), 1, "{text}");
    assert!(text.contains("180 days"), "{text}");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("content-language"), Some("en"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    // One script, known by its hash.
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(policy.matches("script-src 'sha256-").count(), 1);
    assert_eq!(text.matches("<script").count(), 1);
    for rule in [
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    for foreign in [
        "http://",
        "https://",
        "<img",
        "<link",
        " src=",
        " style=",
        " onclick=",
    ] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    assert_eq!(page.header("set-cookie"), None);
    assert_eq!(kinds(&server, &account).len(), 2, "looking is not recorded");

    let japanese = [("accept-language", "ja,en;q=0.5")];
    let page = ask(server.address, "GET", &receipt, &japanese, "");
    assert_eq!(page.header("content-language"), Some("ja"));
    assert!(page.text().contains("<html lang=\"ja\">"));
    assert!(page.text().contains("画像の読み込み"), "{}", page.text());
}

#[test]
fn strangers_find_no_page() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let gone = Account::create(server.address);
    ask(
        server.address,
        "DELETE",
        "/v1/account",
        &gone.authorization(),
        "",
    );
    let other = Account {
        key: gone.key.clone(),
        ..account.clone()
    }
    .token(TokenKind::ImagePage, 1, b"");
    let pixel = account.pixel(1).replace("/p/", "/r/").replace(".gif", "");
    for path in ["/r/x", &format!("/r/{other}"), &pixel] {
        assert_eq!(get(&server, path).status, 404, "{path}");
        for button in ["read", "refuse", "erase"] {
            let path = format!("{path}/{button}");
            let answer = press_button(server.address, &path, &[]);
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(get(&server, &path).status, 405, "{path}");
        }
    }
    assert_eq!(get(&server, &gone.receipt(1)).status, 404);
    assert_eq!(account.events(server.address), []);
}

#[test]
fn the_recipient_confirms_refuses_and_erases() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let receipt = account.receipt(5);
    get(&server, &account.pixel(5));
    let page = press(&server, &receipt, "read");
    assert!(
        page.text().contains("The sender will be told"),
        "{}",
        page.text()
    );
    assert_eq!(
        kinds(&server, &account),
        [(5, Kind::Pixel), (5, Kind::Read)]
    );

    let page = press(&server, &receipt, "refuse");
    assert!(page.text().contains("was declined"), "{}", page.text());
    press(&server, &receipt, "refuse");
    let before = kinds(&server, &account);
    assert_eq!(
        before,
        [(5, Kind::Pixel), (5, Kind::Read), (5, Kind::Refuse)]
    );
    // From now on nothing of this message is recorded, and everything of others.
    let target = "https://example.org/";
    assert_eq!(get(&server, &account.pixel(5)).status, 200);
    assert_eq!(get(&server, &account.link(5, target)).status, 302);
    press(&server, &receipt, "read");
    assert_eq!(kinds(&server, &account), before);
    get(&server, &account.pixel(6));
    assert_eq!(kinds(&server, &account).last(), Some(&(6, Kind::Pixel)));

    let page = press(&server, &receipt, "erase");
    assert!(page.text().contains("has been erased"), "{}", page.text());
    assert_eq!(
        kinds(&server, &account),
        [(5, Kind::Refuse), (6, Kind::Pixel)]
    );

    // A refusal holds after a restart, too.
    server.kill();
    let server = Server::start(dir.path());
    get(&server, &account.pixel(5));
    assert_eq!(kinds(&server, &account).len(), 2);
}

#[test]
fn what_is_erased_is_gone_from_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let message = 0x6b61_6966_7521_2121;
    for _ in 0..40 {
        get(&server, &account.pixel(message));
    }
    press(&server, &account.receipt(message), "erase");
    assert_eq!(account.events(server.address), []);
    server.kill();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(8)
            .any(|window| window == message.to_be_bytes());
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn a_click_is_a_click_and_a_press_a_press() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--public-url=https://kaifu.example.org"]);
    let account = Account::create(server.address);
    let page = [
        FIREFOX,
        (
            "accept",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        ),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-user", "?1"),
    ];
    let link = account.link(1, "https://example.org/");
    ask(server.address, "GET", &link, &page, "");
    let receipt = account.receipt(1);
    for button in ["read", "refuse"] {
        let path = format!("{receipt}/{button}");
        press_button(server.address, &path, &page);
    }
    let events = account.events(server.address);
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let source = &event.source;
            (
                event.kind,
                event.claim,
                &*event.reason,
                source.class,
                source.client.as_deref(),
            )
        })
        .collect();
    let (likely, human, firefox) = (Claim::Likely, Class::Human, Some("Firefox"));
    assert_eq!(
        told,
        [
            (Kind::Link, likely, "link_opened", human, firefox),
            (Kind::Read, likely, "pressed", human, firefox),
            (Kind::Refuse, likely, "pressed", human, firefox),
        ]
    );
    let page = get(&server, &receipt);
    assert!(
        !page.text().contains("possibly automated"),
        "{}",
        page.text()
    );
}

#[test]
fn each_kind_of_page_says_what_its_email_does_in_every_language_within_20_kb() {
    let dir = tempfile::tempdir().unwrap();
    let operator = [
        "--operator=Example <Ltd>",
        "--privacy-url=https://example.org/privacy",
    ];
    let server = Server::start_with(dir.path(), &operator);
    let account = Account::create(server.address);
    for message in [3, 4, 5] {
        // As many different ones as a page shows, and more.
        for number in 0..40 {
            let agent = format!("Mozilla/5.0 (Windows NT 10.0; rv:{number}.0) Firefox/140.0");
            ask(
                server.address,
                "GET",
                &account.pixel(message),
                &[("user-agent", &agent)],
                "",
            );
        }
    }
    for (kind, message, button, english) in [
        (TokenKind::ImagePage, 3, "read", "invisible image"),
        (TokenKind::ReceiptPage, 4, "read", "no tracking image"),
        (TokenKind::ConsentPage, 5, "agree", "don't have to answer"),
    ] {
        let path = format!("/r/{}", account.token(kind, message, b""));
        for language in ["de", "en", "ja"] {
            let wanted = [("accept-language", language)];
            let page = ask(server.address, "GET", &path, &wanted, "");
            let text = page.text();
            assert!(page.body.len() <= 20_000, "{}", page.body.len());
            assert!(text.contains(&format!("<html lang=\"{language}\"")));
            assert!(text.contains(&format!("{path}/{button}\"")), "{text}");
            assert!(
                text.contains("Example &lt;Ltd&gt;")
                    && text.contains("https://example.org/privacy")
            );
            assert_eq!(text.matches("<form").count(), 3);
            assert_eq!(text.contains(english), language == "en", "{text}");
            assert!(text.matches("<time ").count() <= 20, "{text}");
        }
    }
}
