//! What recipients see and can do.

use crate::client::{Account, Answer, ask, form, message_of, nonce, press_button};
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

/// Presses a button of the recipient's page and returns the page that follows.
fn press(server: &Server, receipt: &str, button: &str) -> Answer {
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
fn field(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.text().split_once(&start).unwrap().1;
    rest.split_once('"').unwrap().0.to_owned()
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
        for language in ["en", "ja"] {
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

#[test]
fn only_a_fresh_page_of_ours_presses_and_looking_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let receipt = account.receipt(5);
    let other = form(server.address, &account.receipt(6));
    for method in ["GET", "HEAD"] {
        for query in ["", "?done=read", "?done=read&of=AAAAAAAAAAA&proof=1.B"] {
            let answer = ask(
                server.address,
                method,
                &format!("{receipt}{query}"),
                &[],
                "",
            );
            assert_eq!(answer.status, 200);
            assert!(!answer.text().contains("will be told that"));
        }
    }
    for button in ["read", "refuse", "erase", "undo", "allow"] {
        let path = format!("{receipt}/{button}");
        for body in [
            "",
            "nonce=",
            "nonce=1.2",
            &other,
            "x=y&nonce=%ff",
            &"x".repeat(1_000),
        ] {
            let page = ask(server.address, "POST", &path, &[], body);
            assert_eq!(page.status, 200, "{body}");
            assert!(page.text().contains("Nothing has happened yet"), "{body}");
        }
        assert_eq!(
            ask(server.address, "POST", &path, &[], &"x".repeat(2_000)).status,
            413
        );
    }
    assert_eq!(account.events(server.address), []);
    // A press that is sent twice is one event.
    let path = format!("{receipt}/read");
    let body = form(server.address, &path);
    for _ in 0..2 {
        assert_eq!(ask(server.address, "POST", &path, &[], &body).status, 303);
    }
    let events = account.events(server.address);
    assert_eq!((events.len(), &events[0].id), (2, &events[1].id));
}

#[test]
fn a_press_within_a_second_is_unsure_and_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for (kind, button) in [
        (TokenKind::ImagePage, "read"),
        (TokenKind::ConsentPage, "agree"),
    ] {
        let receipt = format!("/r/{}", account.token(kind, 5, b""));
        let path = format!("{receipt}/{button}");
        let before = account.events(server.address).len();
        let made = format!("nonce={}", nonce(&get(&server, &receipt)));
        let answer = ask(server.address, "POST", &path, &[FIREFOX], &made);
        let next = answer.header("location").unwrap();
        assert_eq!(next, format!("{receipt}?done=unsure"));
        let page = get(&server, next);
        assert!(page.text().contains("press once more"), "{}", page.text());
        assert!(page.text().contains(&path), "{}", page.text());
        let event = account.events(server.address).pop().unwrap();
        assert_eq!(
            (event.claim, &*event.reason),
            (Claim::Unknown, "quick_press")
        );
        press(&server, &receipt, button);
        let events = account.events(server.address);
        assert_eq!(events.len(), before + 2);
        assert_eq!(events[before + 1].claim, Claim::Likely);
    }
    // Whoever declines is not asked twice.
    let receipt = account.receipt(7);
    let made = format!("nonce={}", nonce(&get(&server, &receipt)));
    ask(
        server.address,
        "POST",
        &format!("{receipt}/refuse"),
        &[],
        &made,
    );
    assert_eq!(kinds(&server, &account).last(), Some(&(7, Kind::Refuse)));
}

#[test]
fn an_answer_is_taken_back_by_the_page_that_answered_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    let receipt = account.receipt(5);
    let path = format!("{receipt}/undo");
    let page = press(&server, &receipt, "read");
    let (of, proof) = (field(&page, "of"), field(&page, "proof"));
    assert_eq!(account.events(server.address)[0].id, of);
    // Whoever else looks at it cannot take it back.
    assert!(!get(&server, &receipt).text().contains("name=\"proof\""));
    let undo = |of: &str, proof: &str| {
        let body = format!("{}&of={of}&proof={proof}", form(server.address, &path));
        let answer = ask(server.address, "POST", &path, &[FIREFOX], &body);
        answer.header("location").unwrap().to_owned()
    };
    for (of, proof) in [
        ("", ""),
        (&*of, "1.AAAAAAAAAAAAAAAAAAAAAA"),
        ("AAAAAAAAAAA", &*proof),
    ] {
        assert_eq!(undo(of, proof), format!("{receipt}?done=late"));
    }
    assert_eq!(account.events(server.address).len(), 1);
    let page = get(&server, &undo(&of, &proof));
    assert!(page.text().contains("was taken back"), "{}", page.text());
    let events = account.events(server.address);
    assert_eq!(
        (events[1].kind, events[1].of.as_ref()),
        (Kind::Undo, Some(&of))
    );
    // What was said before a refusal can be taken back after it, too.
    let page = press(&server, &receipt, "read");
    press(&server, &receipt, "refuse");
    undo(&field(&page, "of"), &field(&page, "proof"));
    assert_eq!(kinds(&server, &account).last(), Some(&(5, Kind::Undo)));
    let page = press(&server, &receipt, "allow");
    assert!(page.text().contains("is recorded again"), "{}", page.text());
}
