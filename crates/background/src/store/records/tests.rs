//! The JSON of everything that is kept: a change of it would lose what users have.

use super::*;
use crate::store::kept::{Heard, KeptEvent, Telling};
use kaifu_core::clock::Lead;
use kaifu_core::fetch;
use kaifu_core::state::View;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Class, Event, Kind, NewAccount, Source};
use kaifu_protocol::content::Landmarks;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

const MESSAGE: &str = "AAAAAAAAAAA";
const AT: Millis = Millis(1_790_000_000_000);

/// Says that `record` reads back as it was written, and returns it.
fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(record: T) -> T {
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), record, "{json}");
    record
}

fn event(telling: Telling) -> KeptEvent {
    KeptEvent {
        account: "BBBBBBBBBBB".to_owned(),
        event: Event {
            seq: 7,
            message: MESSAGE.to_owned(),
            kind: Kind::Pixel,
            at: AT.0,
            source: Source {
                class: Class::Human,
                client: Some("Firefox".to_owned()),
                device: Some("Linux".to_owned()),
                country: Some("DE".to_owned()),
                reader: Some("r".to_owned()),
            },
            claim: Claim::Likely,
            reason: "browser".to_owned(),
            repeats: 2,
        },
        telling,
    }
}

fn bare(kind: Kind, class: Class, claim: Claim) -> KeptEvent {
    let mut kept = event(Telling::Done);
    kept.event.kind = kind;
    kept.event.claim = claim;
    kept.event.repeats = 0;
    kept.event.source = Source {
        class,
        client: None,
        device: None,
        country: None,
        reader: None,
    };
    kept
}

#[test]
fn events() {
    let kept = [
        event(Telling::Pending),
        event(Telling::Fresh),
        bare(Kind::Refuse, Class::GmailProxy, Claim::No),
    ];
    insta::assert_json_snapshot!("events", kept.map(|kept| round(EventRecord::from(kept))));
}

#[test]
fn every_event_is_read_as_it_was_kept() {
    let mut all = [Telling::Pending, Telling::Fresh, Telling::Done]
        .map(event)
        .to_vec();
    for kind in [
        Kind::Pixel,
        Kind::Link,
        Kind::Read,
        Kind::Refuse,
        Kind::Other,
    ] {
        for claim in [Claim::Likely, Claim::No, Claim::Unknown] {
            let classes = fetch::Class::ALL.iter().copied();
            all.extend(classes.map(|class| bare(kind, class.into(), claim)));
        }
    }
    for kept in all {
        assert_eq!(KeptEvent::from(EventRecord::from(kept.clone())), kept);
        // What the versions before this one kept was the wire's form of these.
        let wire = serde_json::to_value(&kept.event).unwrap();
        let record = serde_json::to_value(EventRecord::from(kept)).unwrap();
        for (field, value) in wire.as_object().unwrap() {
            assert_eq!(&record[field], value, "{field}");
        }
    }
}

#[test]
fn names_of_a_later_version_are_unknown_and_no_error() {
    let mut json = serde_json::to_value(EventRecord::from(event(Telling::Done))).unwrap();
    json["kind"] = "telepathy".into();
    json["claim"] = "perhaps".into();
    json["source"]["class"] = "quantum_reader".into();
    let kept: KeptEvent = serde_json::from_value::<EventRecord>(json).unwrap().into();
    assert_eq!(kept.event.kind, Kind::Other);
    assert_eq!(kept.event.claim, Claim::Unknown);
    assert_eq!(kept.event.source.class, Class::Unknown);
}

#[test]
fn cursors() {
    let lead = Some(Lead {
        least: -250,
        most: 700,
    });
    let heard = [lead, None].map(|lead| Heard {
        cursor: 7,
        at: AT,
        lead,
    });
    for heard in heard {
        assert_eq!(Heard::from(CursorRecord::new(MESSAGE, heard)), heard);
    }
    insta::assert_json_snapshot!(
        "cursors",
        heard.map(|heard| round(CursorRecord::new(MESSAGE, heard)))
    );
    let before_there_was_a_lead = r#"{"account":"AAAAAAAAAAA","cursor":7,"heard_at":5}"#;
    let record: CursorRecord = serde_json::from_str(before_there_was_a_lead).unwrap();
    assert_eq!(Heard::from(record).lead, None);
}

#[test]
fn views() {
    let record = ViewRecord::new(MESSAGE.to_owned(), AT);
    assert_eq!(View::from(record.clone()), View { at: AT });
    insta::assert_json_snapshot!("views", round(record));
}

#[test]
fn what_lies_in_local_storage() {
    let given = NewAccount {
        account: "BBBBBBBBBBB".to_owned(),
        key: "a2V5".to_owned(),
        api_token: "token".to_owned(),
    };
    assert_eq!(NewAccount::from(AccountRecord::from(given.clone())), given);
    insta::assert_json_snapshot!("account", round(AccountRecord::from(given)));
    insta::assert_json_snapshot!(
        "settings",
        round(SettingsRecord {
            backend: "https://kaifu.example.org".to_owned(),
            track_by_default: true,
            mark_untracked: true,
        })
    );
    let before_there_were_such_marks = r#"{"backend":"https://a.example","track_by_default":true}"#;
    let record: SettingsRecord = serde_json::from_str(before_there_were_such_marks).unwrap();
    assert!(record.track_by_default && !record.mark_untracked);
    let report = Landmarks {
        missing: vec!["send button".to_owned()],
        skeleton: "div.M9".to_owned(),
    };
    assert_eq!(
        Landmarks::from(LandmarksRecord::from(report.clone())),
        report
    );
    insta::assert_json_snapshot!("landmarks", round(LandmarksRecord::from(report)));
}
