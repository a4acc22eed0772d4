//! What the backend and the extension say over HTTP.

use crate::round;
use kaifu_protocol::api::{
    Claim, Class, ErrorBody, ErrorDetail, Event, EventsPage, Kind, NewAccount, Source,
};

/// An event with everything that an event may have.
pub(crate) fn event() -> Event {
    Event {
        seq: 7,
        id: "AQEBAQEBAQE".to_owned(),
        message: "AAAAAAAAAAA".to_owned(),
        kind: Kind::Pixel,
        at: 1_790_000_000_000,
        source: Source {
            class: Class::Human,
            client: Some("Firefox".to_owned()),
            device: Some("desktop".to_owned()),
            country: Some("JP".to_owned()),
            reader: Some("c2VjcmV0".to_owned()),
        },
        claim: Claim::Likely,
        reason: "browser".to_owned(),
        repeats: 3,
        sealed: Some("c2VhbGVk".to_owned()),
        of: Some("AgICAgICAgI".to_owned()),
    }
}

#[test]
fn bodies() {
    insta::assert_json_snapshot!(
        "new_account",
        round(NewAccount {
            account: "AAAAAAAAAAA".to_owned(),
            key: "a2V5".to_owned(),
            api_token: "token".to_owned(),
        })
    );
    let mut bare = event();
    (bare.sealed, bare.of) = (None, None);
    bare.source = Source {
        class: Class::GmailProxy,
        client: None,
        device: None,
        country: None,
        reader: None,
    };
    insta::assert_json_snapshot!(
        "events_page",
        round(EventsPage {
            events: vec![event(), bare],
            cursor: 8,
        })
    );
    insta::assert_json_snapshot!(
        "error",
        round(ErrorBody {
            error: ErrorDetail {
                code: "rate_limited".to_owned(),
                message: "too many new accounts".to_owned(),
            },
        })
    );
}

#[test]
fn names() {
    insta::assert_json_snapshot!(
        "kinds",
        round(vec![
            Kind::Pixel,
            Kind::Link,
            Kind::Read,
            Kind::Refuse,
            Kind::Agree,
            Kind::Undo,
            Kind::Other,
        ])
    );
    insta::assert_json_snapshot!(
        "claims",
        round(vec![Claim::Likely, Claim::Unknown, Claim::No])
    );
    insta::assert_json_snapshot!(
        "classes",
        round(vec![
            Class::Human,
            Class::GmailProxy,
            Class::GmailPrefetch,
            Class::AppleMpp,
            Class::YahooProxy,
            Class::OutlookClient,
            Class::PrivacyProxy,
            Class::Scanner,
            Class::Bot,
            Class::Unknown,
        ])
    );
}

#[test]
fn names_of_a_newer_server_can_be_read() {
    assert_eq!(
        serde_json::from_str::<Kind>("\"glance\"").unwrap(),
        Kind::Other
    );
    assert_eq!(
        serde_json::from_str::<Class>("\"robot\"").unwrap(),
        Class::Unknown
    );
    assert_eq!(
        serde_json::from_str::<Claim>("\"maybe\"").unwrap(),
        Claim::Unknown
    );
}
