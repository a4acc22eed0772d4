//! How long tokens record anything, and the form of API tokens.

use crate::client::{Account, Answer, ask, message_of, nonce, today};
use crate::embedded::{Inside, settings};
use crate::metrics::metric;
use crate::process::Server;
use kaifu_core::time::{Day, Millis};
use kaifu_core::token::TokenKind;
use kaifu_protocol::api::Kind;
use kaifu_server::Clock;
use kaifu_server::settings::{Limits, Settings};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const TARGET: &str = "https://example.org/";

/// Days for which this server keeps events.
const KEPT: u16 = 180;

/// A server whose clock can be set.
struct Clocked {
    inside: Inside,
    now: Arc<AtomicI64>,
}

impl Clocked {
    fn start(dir: &Path) -> Self {
        let now = Arc::new(AtomicI64::new(0));
        let clock = Clock::new({
            let now = Arc::clone(&now);
            move || Millis(now.load(Ordering::Relaxed))
        });
        let inside = Inside::serve(Settings {
            retention: Duration::from_hours(u64::from(KEPT) * 24),
            clock,
            ..settings(dir, Limits::default())
        });
        Self { inside, now }
    }

    fn set(&self, now: Millis) {
        self.now.store(now.0, Ordering::Relaxed);
    }

    fn get(&self, path: &str) -> Answer {
        ask(self.inside.address, "GET", path, &[], "")
    }

    fn press(&self, page: &str, button: &str) -> Answer {
        // Its reader takes two seconds.
        let now = Millis(self.now.load(Ordering::Relaxed));
        self.set(now.plus(-2_000));
        let nonce = nonce(&self.get(page));
        self.set(now);
        let path = format!("{page}/{button}");
        ask(
            self.inside.address,
            "POST",
            &path,
            &[],
            &format!("nonce={nonce}"),
        )
    }

    fn kinds(&self, account: &Account) -> Vec<(u64, Kind)> {
        let events = account.events(self.inside.address);
        events
            .iter()
            .map(|event| (message_of(event), event.kind))
            .collect()
    }
}

#[test]
fn a_token_records_until_its_last_day_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let server = Clocked::start(dir.path());
    let account = Account::create(server.inside.address);
    let today = today();
    for (until, now, records) in [
        (today, today.end().plus(-1), true),
        (today, today.end(), false),
        (today.plus(731), today.begin(), true),
        // More than two years ahead: no honest browser mints such a token.
        (today.plus(732), today.end().plus(-1), false),
        // A clock that was never set bars nothing.
        (today, Millis(5), true),
    ] {
        let token = |kind, extra: &[u8]| account.token_until(until, kind, 1, extra);
        let image = format!("/p/{}.gif", token(TokenKind::Image, b""));
        let link = format!(
            "/l/{}?u={TARGET}",
            token(TokenKind::Link, TARGET.as_bytes())
        );
        let page = format!("/r/{}", token(TokenKind::ImagePage, b""));
        server.set(now);
        let before = server.kinds(&account).len();
        let answer = server.get(&image);
        assert_eq!((answer.status, answer.body.len()), (200, 43), "{now:?}");
        assert_eq!(server.get(&link).header("location"), Some(TARGET));
        assert_eq!(server.press(&page, "read").status, 303, "{now:?}");
        let expected = if records {
            vec![(1, Kind::Pixel), (1, Kind::Link), (1, Kind::Read)]
        } else {
            vec![]
        };
        assert_eq!(server.kinds(&account)[before..], expected, "{now:?}");
    }
}

#[test]
fn a_page_outlives_its_tokens_last_day_by_the_retention() {
    let dir = tempfile::tempdir().unwrap();
    let server = Clocked::start(dir.path());
    let account = Account::create(server.inside.address);
    let until = today();
    for kind in [
        TokenKind::ImagePage,
        TokenKind::ReceiptPage,
        TokenKind::ConsentPage,
    ] {
        let message = kind as u64;
        let page = format!("/r/{}", account.token_until(until, kind, message, b""));
        let answer = match kind {
            TokenKind::ConsentPage => "agree",
            _ => "read",
        };
        let button = format!("/{answer}\"");
        server.set(until.begin());
        assert!(server.get(&page).text().contains(&button), "{kind:?}");

        server.set(until.plus(KEPT).end().plus(-1));
        let shown = server.get(&page);
        assert_eq!(shown.status, 200);
        assert!(shown.text().contains("no longer followed") && !shown.text().contains(&button));
        let pressed = server.press(&page, answer);
        assert_eq!(pressed.header("location"), Some(&*page));
        assert_eq!(server.press(&page, "refuse").status, 303);
        assert_eq!(server.press(&page, "erase").status, 303);
        let kinds = server.kinds(&account);
        assert_eq!(kinds.last(), Some(&(message, Kind::Refuse)), "{kind:?}");

        server.set(until.plus(KEPT).end());
        assert_eq!(server.get(&page).status, 404);
        for button in [answer, "refuse", "erase"] {
            assert_eq!(server.press(&page, button).status, 404, "{button}");
        }
    }
    assert_eq!(server.kinds(&account).len(), 3);
}

#[test]
fn refused_tokens_are_counted_by_their_cause() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--metrics-listen=127.0.0.1:0"]);
    let account = Account::create(server.address);
    let other = Account::create(server.address);
    let forger = Account {
        key: other.key,
        ..account.clone()
    };
    let image = |token| format!("/p/{token}.gif");
    let yesterday = Day(today().0 - 1);
    for path in [
        image(account.token_until(yesterday, TokenKind::Image, 1, b"")),
        image(forger.token(TokenKind::Image, 1, b"")),
        image(forger.token(TokenKind::Image, 2, b"")),
        "/p/no-token.gif".to_owned(),
        account.pixel(3),
    ] {
        ask(server.address, "GET", &path, &[], "");
    }
    for (cause, expected) in [("expired", 1.0), ("forged", 2.0)] {
        let line = format!("kaifu_tokens_refused_total{{cause=\"{cause}\"}}");
        assert_eq!(metric(&server, &line), Some(expected), "{cause}");
    }
    assert_eq!(account.events(server.address).len(), 1);
}

#[test]
fn an_api_token_names_its_account_and_is_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [one, two] = [(); 2].map(|()| Account::create(server.address));
    let token = one.bearer.strip_prefix("Bearer ").unwrap();
    assert_eq!(token.len(), 61);
    assert_eq!(token[..18], format!("kaifu_{}_", one.id));
    let status = |bearer: &str| {
        let headers = [("authorization", bearer)];
        ask(server.address, "GET", "/v1/events", &headers, "").status
    };
    assert_eq!(status(&one.bearer), 200);
    // Neither does a secret open another account, nor an account's name anything.
    let secret = &token[18..];
    for wrong in [
        format!("Bearer kaifu_{}_{secret}", two.id),
        format!("Bearer kaifu_{}_{}", one.id, "A".repeat(43)),
        format!("Bearer kaifu_{secret}"),
        format!("Bearer {secret}"),
    ] {
        assert_eq!(status(&wrong), 401, "{wrong}");
    }
}
