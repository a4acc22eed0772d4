//! What counts as a press of a button on the recipient's page.

use crate::client::{Account, ask, form, nonce};
use crate::process::Server;
use crate::recipient::{FIREFOX, field, get, kinds, press};
use kaifu_core::token::TokenKind;
use kaifu_protocol::api::{Claim, Kind};

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
