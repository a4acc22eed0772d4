//! What recipients see and can do.

use crate::client::{Account, Answer, ask, message_of};
use crate::process::{Server, program};
use kaifu_core::token::TokenKind;
use kaifu_protocol::api::{Claim, Class, Kind};

const FIREFOX: (&str, &str) = (
    "user-agent",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
);

fn get(server: &Server, path: &str) -> Answer {
    ask(server.address, "GET", path, &[FIREFOX], "")
}

/// Presses a button of the recipient's page and gives the page that follows.
fn press(server: &Server, receipt: &str, button: &str) -> Answer {
    let path = format!("{receipt}/{button}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let answer = ask(server.address, "POST", &path, &[FIREFOX, form], "");
    assert_eq!(answer.status, 303, "{answer:?}");
    let next = answer.header("location").unwrap();
    assert_eq!(next, format!("{receipt}?done={button}"));
    let page = get(server, next);
    assert_eq!(page.status, 200);
    page
}

fn kinds(server: &Server, account: &Account) -> Vec<(u64, Kind)> {
    let opens = account.events(server.address);
    opens
        .iter()
        .map(|open| (message_of(open), open.kind))
        .collect()
}

#[test]
fn a_link_leads_where_its_token_says_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for target in [
        "https://example.org/a?b=1&c=2#d",
        "http://example.org/?q=a+b%20c",
        "mailto:someone@example.org?subject=Hello",
        "HTTPS://EXAMPLE.ORG/",
    ] {
        let answer = get(&server, &account.link(1, target));
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, Some(target))
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(kinds(&server, &account), [(1, Kind::Link); 4]);

    let good = account.link(1, "https://example.org/");
    let (token, _) = good.split_once("?u=").unwrap();
    let pixel = account.pixel(1).replace("/p/", "").replace(".gif", "");
    for bad in [
        format!("{token}?u=https://example.com/"),
        format!("{token}?u=https://example.org"),
        format!("{token}?u=//example.com/"),
        format!("{good}&u=https://example.com/"),
        token.to_owned(),
        format!("/l/{pixel}?u="),
        "/l/x?u=https://example.org/".to_owned(),
        account.link(1, "javascript:alert(1)"),
        account.link(1, "data:text/html,x"),
        account.link(1, "//example.com/"),
        account.link(1, ""),
        account.link(1, "https://example.org/\r\nset-cookie: a=b"),
        account.link(1, "https://example.org/\t.example.com"),
        account.link(1, " https://example.org/"),
    ] {
        let answer = get(&server, &bad);
        assert_eq!(answer.status, 404, "{bad}");
        assert_eq!(answer.header("location"), None, "{bad}");
        assert_eq!(answer.header("set-cookie"), None, "{bad}");
    }
    assert_eq!(account.events(server.address).len(), 4);
}

#[test]
fn a_link_leads_on_only_as_the_operator_allows() {
    let target = "https://example.org/?a=1&b=\"<script>";
    let shown = "href=\"https://example.org/?a=1&amp;b=&quot;&lt;script&gt;\"";
    // What nobody has asked for is off.
    for (flags, status, events) in [
        (&[][..], 404, 0),
        (&["--links=off"], 404, 0),
        (&["--links=page"], 200, 1),
        (&["--links=redirect"], 302, 1),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut command = program();
        command.args(["serve", "--listen=127.0.0.1:0"]).args(flags);
        let server = Server::spawn(command.arg("--data-dir").arg(dir.path()));
        let account = Account::create(server.address);
        let answer = get(&server, &account.link(1, target));
        assert_eq!(answer.status, status, "{flags:?}");
        let leads = answer.header("location").is_some();
        assert_eq!(leads, status == 302, "{flags:?}");
        let text = answer.text();
        assert_eq!(text.contains(shown), status == 200, "{flags:?}: {text}");
        assert!(!text.contains("<script"), "{text}");
        assert_eq!(text.contains("does not lead on"), status == 404, "{text}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        // Nobody's link leads anywhere by another token.
        let forged = get(&server, "/l/x?u=https://example.org/");
        assert_eq!(forged.status, 404, "{flags:?}");
        assert_eq!(account.events(server.address).len(), events, "{flags:?}");
    }
}

#[test]
fn the_page_is_plain_and_says_what_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let receipt = account.receipt(5);
    let page = get(&server, &receipt);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Nothing is recorded about this mail."));
    get(&server, &account.pixel(5));
    get(&server, &account.pixel(6));
    let page = get(&server, &receipt);
    let text = page.text();
    assert_eq!(text.matches("image loaded").count(), 1, "{text}");
    assert_eq!(text.matches("<tr>").count(), 2, "{text}");
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
    assert!(
        !policy.contains("unsafe") && !policy.contains("script"),
        "{policy}"
    );
    for rule in [
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    for foreign in ["<script", "http://", "https://", "<img", " style="] {
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
            let answer = ask(server.address, "POST", &path, &[], "");
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
    assert!(page.text().contains("was refused"), "{}", page.text());
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
        ask(server.address, "POST", &path, &page, "");
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
    assert!(!page.text().contains("cannot be told"), "{}", page.text());
}
