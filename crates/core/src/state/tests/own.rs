//! What the sender's own side caused.

use super::*;
use crate::clock::Lead;

#[test]
fn the_senders_browser_in_the_moment_of_the_send_is_the_sender() {
    let own = Program::new("Chrome", "Linux");
    let message = Sent {
        at: SENT,
        own_browser: Some(own),
        ..Sent::default()
    };
    let fetch = |seconds, program| Event {
        reason: Some(Reason::Browser),
        program,
        ..pixel(seconds, Class::Human)
    };
    let code = |message: &Sent, event| {
        let judgement = judge(message, &[event], &[]);
        (judgement.state, judgement.events[0].reason.code())
    };
    let (at_send, browser) = ((State::Unseen, "at_send"), (State::Opened, "browser"));
    for seconds in [0, 2] {
        assert_eq!(code(&message, fetch(seconds, Some(own))), at_send);
    }
    // Later it may be anybody, and so may at once another browser or device.
    assert_eq!(code(&message, fetch(3, Some(own))), browser);
    for other in [
        Some(Program::new("Chrome", "Windows")),
        Some(Program::new("Edge", "Linux")),
        None,
    ] {
        assert_eq!(code(&message, fetch(0, other)), browser);
    }
    let unnamed = Sent {
        own_browser: None,
        ..message
    };
    assert_eq!(code(&unnamed, fetch(0, None)), browser);
    // The server knew the sender's address.
    let from_sender = |seconds| Event {
        claim: Claim::Unknown,
        reason: Some(Reason::SenderAddress),
        ..fetch(seconds, None)
    };
    assert_eq!(code(&unnamed, from_sender(0)), at_send);
    assert_eq!(
        code(&unnamed, from_sender(3)),
        (State::Machine, "sender_address")
    );
    // The recipient's own open afterwards counts as ever.
    let judgement = judge(&message, &[fetch(0, Some(own)), fetch(60, Some(own))], &[]);
    assert_eq!((judgement.state, judgement.views), (State::Opened, 1));
}

#[test]
fn own_views_are_kept_and_explained() {
    use StateReason::{ImageLoaded, OnlyOwn};
    let fetch = pixel(600, Class::GmailProxy);
    check(&[fetch], &[598], State::Unseen, OnlyOwn, &["own_view"]);
    check(&[fetch], &[601], State::Unseen, OnlyOwn, &["own_view"]);
    check(
        &[fetch],
        &[500, 700],
        State::Opened,
        ImageLoaded,
        &["reported"],
    );
    // A view in Gmail does not go through Yahoo.
    check(
        &[pixel(600, Class::YahooProxy)],
        &[598],
        State::Opened,
        ImageLoaded,
        &["reported"],
    );
    check(
        &[fetch, pixel(660, Class::GmailProxy)],
        &[598],
        State::Opened,
        ImageLoaded,
        &["own_view", "reported"],
    );
}

#[test]
fn clocks_that_differ_are_compared_as_one() {
    let events = [pixel(600, Class::GmailProxy)];
    let ahead = |millis| Clocks {
        lead: Some(Lead {
            least: millis,
            most: millis,
        }),
        ..Clocks::default()
    };
    let view = |millis| View {
        at: SENT.plus(540_000),
        clocks: ahead(millis),
    };
    let message = Sent {
        at: SENT,
        clocks: ahead(60_000),
        ..Sent::default()
    };
    assert_eq!(
        judge(&message, &events, &[view(60_000)]).state,
        State::Unseen
    );
    let message = Sent {
        at: SENT,
        clocks: ahead(-60_000),
        ..Sent::default()
    };
    assert_eq!(
        judge(&message, &events, &[view(-60_000)]).state,
        State::Opened
    );
    let message = Sent {
        at: SENT,
        clocks: ahead(700_000),
        ..Sent::default()
    };
    assert_eq!(judge(&message, &events, &[]).reason, StateReason::OnlyOwn);
}
