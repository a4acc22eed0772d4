//! Links that lead on, as the operator allows.

use crate::client::Account;
use crate::process::{Server, program};
use crate::recipient::{get, kinds};
use kaifu_protocol::api::Kind;

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
