//! What the extension's pages and the worker say to each other.

use crate::api::event;
use crate::{round, round_requests};
use kaifu_protocol::api::Claim;
use kaifu_protocol::call::Failure;
use kaifu_protocol::content::{Landmarks, Recipient, Signal};
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::{
    Again, Agree, BringBack, Check, Confirmed, Connection, CountKept, Erase, Export, First, Forget,
    ForgetConsent, Import, Later, ListConsents, Looked, Message, Missing, Mute, Notices,
    OpenConversation, Overview, Pack, PageRequest, Problem, Reach, Readers, Refresh, RegisterAgain,
    Remind, Reminder, SaveSettings, Seen, Settings, TakeOver, TestNotice, WatchFirst,
    WatchMessages, WatchSettings,
};
use kaifu_protocol::state::{Kind, State};

fn settings() -> Settings {
    Settings {
        backend: "https://kaifu.example.org".to_owned(),
        track_by_default: true,
        mode: "receipt".to_owned(),
        tells: true,
        strict: false,
        mark_untracked: false,
        keep_days: 730,
        track_days: 90,
        notices: Notices {
            again: Again::Quiet,
            quiet: Some([1_320, 420]),
            ..Notices::default()
        },
    }
}

#[test]
fn requests() {
    insta::assert_json_snapshot!(
        "page_requests",
        round_requests!(
            PageRequest,
            vec![
                PageRequest::from(WatchMessages {
                    revision: 3,
                    limit: 100,
                    mailbox: Some("me@example.org".to_owned()),
                    text: "plan".to_owned(),
                    kind: Kind::Unseen,
                }),
                SaveSettings {
                    settings: settings(),
                }
                .into(),
                OpenConversation {
                    message: "AAAAAAAAAAA".to_owned(),
                }
                .into(),
                WatchSettings { revision: 3 }.into(),
                WatchFirst { revision: 3 }.into(),
                Agree {
                    backend: "https://kaifu.example.org".to_owned(),
                    mode: "receipt".to_owned(),
                    tells: true,
                    strict: false,
                }
                .into(),
                Looked {
                    messages: vec!["AAAAAAAAAAA".to_owned()],
                }
                .into(),
                Refresh {}.into(),
                RegisterAgain {}.into(),
                ListConsents {}.into(),
                Check { since: 3 }.into(),
                ForgetConsent {
                    address: "anna@example.com".to_owned(),
                    consent: "declined".to_owned(),
                }
                .into(),
                Mute {
                    messages: vec!["AAAAAAAAAAA".to_owned()],
                    muted: true,
                }
                .into(),
                Remind {
                    message: "AAAAAAAAAAA".to_owned(),
                    reminder: Some(Reminder {
                        missing: Missing::Open,
                        at: 1_790_000_000_000,
                    }),
                }
                .into(),
                Forget {
                    messages: vec!["AAAAAAAAAAA".to_owned()],
                }
                .into(),
                BringBack {}.into(),
                CountKept {}.into(),
                Erase { here_only: false }.into(),
                Export {}.into(),
                Pack {}.into(),
                TakeOver {
                    text: "{}".to_owned(),
                }
                .into(),
                Import {
                    text: "{}".to_owned(),
                }
                .into(),
                TestNotice {}.into(),
            ]
        )
    );
}

#[test]
fn settings_of_before_there_were_such_marks_leave_them_off() {
    let saved = r#"{"backend":"https://kaifu.example.org","track_by_default":true}"#;
    let expected = Settings {
        notices: Notices::default(),
        mode: String::new(),
        ..settings()
    };
    assert_eq!(serde_json::from_str::<Settings>(saved).unwrap(), expected);
}

#[test]
fn replies() {
    let first = Seen {
        open: event(),
        claim: Claim::Likely,
        reason: "browser".to_owned(),
        repeats: None,
    };
    let repeat = Seen {
        repeats: Some(0),
        ..first.clone()
    };
    insta::assert_json_snapshot!(
        "overview",
        round(Held {
            revision: 4,
            pause_ms: 0,
            value: Overview {
                messages: vec![Message {
                    message: "AAAAAAAAAAA".to_owned(),
                    subject: "Plan".to_owned(),
                    recipients: vec![Recipient {
                        address: "anna@example.com".to_owned(),
                        name: String::new(),
                    }],
                    mailbox: Some("me@example.org".to_owned()),
                    alias: Some("office@example.org".to_owned()),
                    sent_at: 1_789_999_000_000,
                    later: Some(Later::Timed),
                    sent_by: Some(Signal::Wire),
                    state: State::Opened,
                    reason: "image_loaded".to_owned(),
                    news: true,
                    muted: false,
                    reminder: None,
                    views: 1,
                    to_self: true,
                    away: vec![1_790_000_000_000, 1_790_000_600_000],
                    confirmed: Some(Confirmed {
                        presses: 2,
                        names: vec!["Sato".to_owned()],
                    }),
                    readers: Some(Readers {
                        estimate: 1,
                        beyond_recipients: false,
                    }),
                    decided_by: Some(0),
                    opens: vec![first, repeat],
                }],
                total: 1,
                mailboxes: vec!["me@example.org".to_owned()],
                connection: Connection {
                    account: true,
                    last_news_at: Some(1_790_000_000_000),
                    problem: Some(Problem::Unreachable),
                    reach: Reach::Public,
                },
                unfamiliar: Some(Landmarks {
                    missing: vec!["send button".to_owned()],
                    skeleton: "div.M9".to_owned(),
                }),
            }
        })
    );
}

#[test]
fn the_first_page() {
    insta::assert_json_snapshot!(
        "first",
        round(First {
            agreed: true,
            backend: "https://kaifu.example.org".to_owned(),
            connection: Connection {
                account: true,
                last_news_at: None,
                problem: None,
                reach: Reach::Public,
            },
        })
    );
}

#[test]
fn names() {
    insta::assert_json_snapshot!(
        "problems",
        round(vec![
            Problem::Unreachable,
            Problem::Rejected,
            Problem::Busy,
            Problem::Unintelligible,
            Problem::Insecure,
            Problem::Storage,
            Problem::Full,
            Problem::NotAgreed,
        ])
    );
    insta::assert_json_snapshot!(
        "reaches",
        round(vec![Reach::Public, Reach::Insecure, Reach::Private])
    );
    insta::assert_json_snapshot!("states", round(State::ALL.to_vec()));
    insta::assert_json_snapshot!(
        "failures",
        round(vec![
            Failure::Malformed,
            Failure::Unanswered,
            Failure::NotEmpty,
            Failure::Storage("the disk is full".to_owned()),
            Failure::InvalidBackend,
            Failure::HostNotGranted,
        ])
    );
}

#[test]
fn an_own_event_is_known_by_its_reason() {
    for (reason, own) in [
        ("own_view", true),
        ("before_send", true),
        ("too_early", false),
        ("browser", false),
    ] {
        let seen = Seen {
            open: event(),
            claim: Claim::No,
            reason: reason.to_owned(),
            repeats: None,
        };
        assert_eq!(seen.is_own(), own, "{reason}");
    }
}
