//! The JSON of everything that is kept: a change of it would lose what users have.

use super::*;
use crate::store::kept::{
    Absences, Asked, Heard, KeptDraft, KeptEvent, KeptMessage, KeptView, Missing, Reminder, Telling,
};
use kaifu_core::choice::{Choice, Choices};
use kaifu_core::clock::{Clocks, Lead};
use kaifu_core::fetch;
use kaifu_core::gmail::id::GmailId;
use kaifu_core::mail::consent::Standing;
use kaifu_core::mail::line::Language;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_core::news::{Again, Quiet, Wishes};
use kaifu_core::outcome::{Outcome, Signal};
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Class, Event, Kind, NewAccount, Source};
use kaifu_protocol::content::{Landmarks, Recipient};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

const MESSAGE: &str = "AAAAAAAAAAA";
const AT: Millis = Millis(1_790_000_000_000);
const CLOCKS: Clocks = Clocks {
    lead: Some(Lead {
        least: -250,
        most: 700,
    }),
    set: -3_600_000,
    run: 2,
    answers: Some(40),
};

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
            id: "AQEBAQEBAQE".to_owned(),
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
            sealed: None,
            of: None,
        },
        telling,
        more: 3,
        more_at: AT.plus(60_000),
        clocks: Some(CLOCKS),
    }
}

fn bare(kind: Kind, class: Class, claim: Claim) -> KeptEvent {
    let mut kept = event(Telling::Done);
    kept.event.kind = kind;
    kept.event.claim = claim;
    kept.event.repeats = 0;
    kept.clocks = None;
    kept.more = 0;
    kept.more_at = Millis::default();
    kept.event.source = Source {
        class,
        client: None,
        device: None,
        country: None,
        reader: None,
    };
    kept
}

fn pressed() -> KeptEvent {
    let mut kept = bare(Kind::Undo, Class::Human, Claim::Likely);
    kept.event.sealed = Some("c2VhbGVk".to_owned());
    kept.event.of = Some("AgICAgICAgI".to_owned());
    kept
}

#[test]
fn events() {
    let kept = [
        event(Telling::Pending),
        event(Telling::Fresh),
        bare(Kind::Refuse, Class::GmailProxy, Claim::No),
        pressed(),
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
        Kind::Agree,
        Kind::Undo,
        Kind::Other,
    ] {
        for claim in [Claim::Likely, Claim::No, Claim::Unknown] {
            let classes = fetch::Class::ALL.iter().copied();
            all.extend(classes.map(|class| bare(kind, class.into(), claim)));
        }
    }
    all.push(pressed());
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
    let known = Clocks { set: 0, ..CLOCKS };
    let absences = Absences(vec![[AT.0 - 60_000, AT.0]]);
    let of = |(clocks, absences)| Heard {
        cursor: 7,
        at: AT,
        clocks,
        absences,
    };
    let heard = [(known, absences), Default::default()].map(of);
    for heard in &heard {
        let record = CursorRecord::new(MESSAGE, heard.clone());
        assert_eq!(Heard::from(record), *heard);
    }
    insta::assert_json_snapshot!(
        "cursors",
        heard.map(|heard| round(CursorRecord::new(MESSAGE, heard)))
    );
    let before_there_was_a_lead = r#"{"account":"AAAAAAAAAAA","cursor":7,"heard_at":5}"#;
    let record: CursorRecord = serde_json::from_str(before_there_was_a_lead).unwrap();
    assert_eq!(Heard::from(record).clocks, Clocks::default());
}

#[test]
fn views() {
    let records = [Some(CLOCKS), None].map(|clocks| {
        let view = KeptView { at: AT, clocks };
        let record = round(ViewRecord::new(MESSAGE.to_owned(), view));
        assert_eq!(KeptView::from(record.clone()), view);
        record
    });
    insta::assert_json_snapshot!("views", records);
}

#[test]
fn what_lies_in_local_storage() {
    let given = NewAccount {
        account: "BBBBBBBBBBB".to_owned(),
        key: "a2V5".to_owned(),
        api_token: "token".to_owned(),
    };
    assert_eq!(NewAccount::from(AccountRecord::from(given.clone())), given);
    let former = FormerRecord {
        backend: "https://kaifu.example.org".to_owned(),
        given: given.clone().into(),
    };
    insta::assert_json_snapshot!("former_account", round(former));
    insta::assert_json_snapshot!("account", round(AccountRecord::from(given)));
    insta::assert_json_snapshot!(
        "settings",
        round(SettingsRecord {
            backend: "https://kaifu.example.org".to_owned(),
            track_by_default: true,
            mode: Some("both".to_owned()),
            tells_not: true,
            strict: true,
            mark_untracked: true,
            keep_days: Some(365),
            track_days: Some(30),
            notices: Some(NoticesRecord::new(
                Wishes {
                    again: Again::Quiet,
                    quiet: Some(Quiet {
                        from: 1_320,
                        until: 420,
                    }),
                    ..Wishes::default()
                },
                true,
            )),
        })
    );
    insta::assert_json_snapshot!(
        "asked",
        [
            Asked {
                muted: true,
                reminder: None,
            },
            Asked {
                muted: false,
                reminder: Some(Reminder {
                    missing: Missing::Open,
                    at: AT,
                }),
            },
        ]
        .map(|asked| {
            let record = round(AskedRecord::new(MESSAGE.to_owned(), asked));
            assert_eq!(Asked::from(&record), asked);
            record
        })
    );
    let consents = [Standing::Declined, Standing::Asked, Standing::Agreed].map(|consent| {
        let record = round(ConsentRecord::new(
            "anna@example.com".to_owned(),
            consent,
            MESSAGE.to_owned(),
            AT,
        ));
        assert_eq!(record.consent, consent.name());
        record
    });
    insta::assert_json_snapshot!("consents", consents);
    let of_a_later_version = r#"{"address":"a","consent":"maybe","message":"AAAAAAAAAAA","at":5}"#;
    let record: ConsentRecord = serde_json::from_str(of_a_later_version).unwrap();
    assert!(
        Standing::WISHES
            .iter()
            .all(|wish| wish.name() != record.consent)
    );
    let before_there_were_such_marks = r#"{"backend":"https://a.example","track_by_default":true}"#;
    let record: SettingsRecord = serde_json::from_str(before_there_were_such_marks).unwrap();
    assert!(record.track_by_default && !record.mark_untracked);
    assert!(!record.tells_not && !record.strict);
    assert_eq!((record.keep_days, record.track_days), (None, None));
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

fn message() -> KeptMessage {
    KeptMessage {
        message: MESSAGE.to_owned(),
        account: Some("BBBBBBBBBBB".to_owned()),
        mode: Mode::Receipt,
        draft: GmailId::parse("msg-a:r-12"),
        thread: GmailId::parse("thread-f:1700000000000000001"),
        legacy_thread: GmailId::parse("1797cbc1a2000001"),
        mailbox: Some("me@example.org".to_owned()),
        mailbox_path: "u/0".to_owned(),
        alias: Some("office@example.org".to_owned()),
        subject: "Plan".to_owned(),
        recipients: vec![Recipient {
            address: "anna@example.com".to_owned(),
            name: "Anna".to_owned(),
        }],
        sent_at: AT,
        outcome: Some(Outcome::Scheduled),
        signal: Some(Signal::Wire),
        settled_at: AT.plus(-60_000),
        clocks: Some(CLOCKS),
    }
}

#[test]
fn messages() {
    let untracked = KeptMessage {
        message: MESSAGE.to_owned(),
        sent_at: AT,
        ..KeptMessage::default()
    };
    insta::assert_json_snapshot!(
        "messages",
        [message(), untracked].map(|kept| round(MessageRecord::from(kept)))
    );
}

#[test]
fn every_outcome_is_read_as_it_was_kept() {
    let outcomes = OUTCOMES.iter().map(|(outcome, _)| Some(*outcome));
    let signals = codes::SIGNALS.iter().map(|(signal, _)| Some(*signal));
    for outcome in outcomes.chain([None]) {
        for signal in signals.clone().chain([None]) {
            let kept = KeptMessage {
                outcome,
                signal,
                ..message()
            };
            let record = MessageRecord::from(kept.clone());
            // What the versions before this one kept was the wire's form of these.
            let wire = [
                serde_json::to_value(outcome.map(kaifu_protocol::content::Outcome::from)).unwrap(),
                serde_json::to_value(signal.map(kaifu_protocol::content::Signal::from)).unwrap(),
            ];
            let json = serde_json::to_value(&record).unwrap();
            assert_eq!([&json["outcome"], &json["signal"]], [&wire[0], &wire[1]]);
            assert_eq!(KeptMessage::from(record), kept);
        }
    }
}

#[test]
fn what_a_message_cannot_say_is_not_known_and_no_error() {
    let mut json = serde_json::to_value(MessageRecord::from(message())).unwrap();
    json["outcome"] = "teleported".into();
    json["thread"] = "no id of Gmail's".into();
    let kept: KeptMessage = serde_json::from_value::<MessageRecord>(json)
        .unwrap()
        .into();
    let expected = KeptMessage {
        outcome: None,
        thread: None,
        ..message()
    };
    assert_eq!(kept, expected);
    let of_the_first_version = r#"{"message":"AAAAAAAAAAA","mailbox_index":0,"subject":"Of before",
        "recipients":[{"address":"anna@example.com"}],"sent_at":5}"#;
    let record: MessageRecord = serde_json::from_str(of_the_first_version).unwrap();
    let kept = KeptMessage::from(record);
    assert_eq!((kept.sent_at, kept.settled_at), (Millis(5), Millis(0)));
    assert_eq!(kept.recipients[0].address, "anna@example.com");
}

#[test]
fn drafts() {
    let choice = |how, at| Some(Choice { how, at });
    let pressed = Manner {
        mode: Mode::Both,
        line: Some(true),
        language: Language::new("ja"),
    };
    let kept = KeptDraft {
        draft: GmailId::parse("msg-a:r-12").unwrap(),
        choices: Choices {
            chosen: choice(None, AT.plus(-5)),
            pressed: choice(Some(pressed), AT.plus(-9)),
        },
        message: Some(MESSAGE.to_owned()),
        left_at: Some(AT),
    };
    let record = DraftRecord::new(kept.clone(), AT);
    assert_eq!(record.clone().kept(), Some(kept));
    let before_choices_had_a_time = r#"{"draft":"msg-a:r-12","track":true,"used_at":5}"#;
    let old: DraftRecord = serde_json::from_str(before_choices_had_a_time).unwrap();
    let chosen = old.kept().unwrap().choices.chosen;
    assert_eq!(chosen, choice(Some(Mode::Image.into()), Millis(5)));
    insta::assert_json_snapshot!("drafts", round(record));
}

/// Everything that the extension kept before the stored form had types of its own, written out by
/// that extension after emails were sent, read, scheduled and left untracked.
const BEFORE: &str = include_str!("before.json");

/// Says that each of the `records` is read, and written again as it was.
fn same<T: Serialize + DeserializeOwned>(records: &Value, again: impl Fn(T) -> T) {
    let records = records.as_array().unwrap();
    assert!(!records.is_empty());
    for before in records {
        let record: T = serde_json::from_value(before.clone()).unwrap();
        assert_eq!(&serde_json::to_value(again(record)).unwrap(), before);
    }
}

#[test]
fn what_was_kept_before_is_read_and_written_as_it_was() {
    let before: Value = serde_json::from_str(BEFORE).unwrap();
    let mut records = before["records"].clone();
    let message = |record: MessageRecord| KeptMessage::from(record).into();
    same::<MessageRecord>(&records["messages"], message);
    same::<MessageRecord>(&records["untracked"], message);
    same::<EventRecord>(&records["opens"], |record| KeptEvent::from(record).into());
    same::<CursorRecord>(&records["cursors"], |record| record);
    same::<ViewRecord>(&records["views"], |record| record);
    // Two fields of the wire's type came along, which never held anything there.
    for draft in records["drafts"].as_array_mut().unwrap() {
        let draft = draft.as_object_mut().unwrap();
        assert_eq!(draft.remove("scheduled"), Some(Value::Null));
        assert_eq!(draft.remove("cancelled"), Some(false.into()));
    }
    same::<DraftRecord>(&records["drafts"], |record| record);
    let local = &before["local"];
    let accounts = local["accounts"].as_object().unwrap().values().cloned();
    same::<AccountRecord>(&accounts.collect(), |record| {
        NewAccount::from(record).into()
    });
    same::<AccountsRecord>(&[local["accounts"].clone()].into_iter().collect(), |it| it);
    same::<SettingsRecord>(&[local["settings"].clone()].into_iter().collect(), |it| it);
    same::<LandmarksRecord>(&[local["unfamiliar"].clone()].into_iter().collect(), |it| {
        Landmarks::from(it).into()
    });
}

#[test]
fn the_same_id_is_the_same_event_of_its_account() {
    let kept = event(Telling::Done);
    let mut again = kept.event.clone();
    again.seq = 1 << 40;
    assert!(kept.is(&kept.account, &again));
    assert!(!kept.is("another", &again));
    again.id = "AgICAgICAgI".to_owned();
    assert!(!kept.is(&kept.account, &again));
    // Servers of before gave no ids: there the number is all there is.
    let mut nameless = kept.clone();
    nameless.event.id = String::new();
    assert!(nameless.is(&kept.account, &nameless.event));
    assert!(nameless.is(&kept.account, &kept.event));
    nameless.event.seq += 1;
    assert!(!nameless.is(&kept.account, &kept.event));
}
