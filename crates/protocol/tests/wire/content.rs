//! What a Gmail tab and the worker say to each other.

use crate::{round, round_requests};
use kaifu_core::gmail::id::GmailId;
use kaifu_protocol::content::{
    Choice, Choose, ContentRequest, Credentials, Draft, Landmarks, Locate, LookUp, Mark, Marks,
    OpenFirstPage, Origin, Outcome, Press, PressUntracked, Recipient, Server, Session, Settle,
    Signal, Viewed, Watch, Wish,
};
use kaifu_protocol::held::Held;
use kaifu_protocol::state::State;

const MESSAGE: &str = "AAAAAAAAAAA";
const THREAD: &str = "thread-f:1700000000000000001";
const DRAFT: &str = "msg-a:r-12";
const AT: i64 = 1_790_000_000_000;

fn id<T: GmailId>(text: &str) -> T {
    T::parse(text).unwrap()
}

#[test]
fn requests() {
    let press = Press {
        message: MESSAGE.to_owned(),
        mode: "image".to_owned(),
        draft: Some(id(DRAFT)),
        thread: Some(id(THREAD)),
        account_label: Some("Me (me@example.org)".to_owned()),
        from: Some("office@example.org".to_owned()),
        subject: "Plan".to_owned(),
        recipients: vec![Recipient {
            address: "anna@example.com".to_owned(),
            name: "Anna".to_owned(),
        }],
        at: AT,
        delivery: AT + 60_000,
        replaces: Some("BBBBBBBBBBA".to_owned()),
    };
    insta::assert_json_snapshot!(
        "content_requests",
        round_requests!(
            ContentRequest,
            vec![
                ContentRequest::from(Watch {
                    revision: 3,
                    runtime: "wasm".to_owned(),
                }),
                Choose {
                    draft: id(DRAFT),
                    choice: Choice {
                        mode: Some("receipt".to_owned()),
                        at: AT,
                    },
                }
                .into(),
                Press {
                    draft: None,
                    thread: None,
                    account_label: None,
                    from: None,
                    replaces: None,
                    ..press.clone()
                }
                .into(),
                press.into(),
                PressUntracked {
                    message: MESSAGE.to_owned(),
                    draft: id(DRAFT),
                    thread: id(THREAD),
                    at: Some(AT),
                }
                .into(),
                Settle {
                    message: MESSAGE.to_owned(),
                    outcome: Outcome::Sent,
                    signal: Signal::Wire,
                    origin: Origin::Server,
                    at: Some(AT),
                    since: AT,
                }
                .into(),
                Locate {
                    thread: id(THREAD),
                    legacy: id("1797cbc1a2000001"),
                }
                .into(),
                Wish {
                    said: "never 1 anna@example.com".to_owned(),
                }
                .into(),
                LookUp {
                    threads: vec![id(THREAD)],
                }
                .into(),
                Viewed {
                    messages: vec![MESSAGE.to_owned()],
                    at: AT,
                }
                .into(),
                Landmarks {
                    missing: vec!["send button".to_owned()],
                    skeleton: "div.M9".to_owned(),
                }
                .into(),
                OpenFirstPage {}.into(),
            ]
        )
    );
    insta::assert_json_snapshot!(
        "outcomes",
        round(vec![
            Outcome::Sent,
            Outcome::Refused,
            Outcome::Undone,
            Outcome::Untracked,
            Outcome::Scheduled,
            Outcome::Cancelled,
        ])
    );
}

#[test]
fn replies() {
    insta::assert_json_snapshot!(
        "update",
        round(Held {
            revision: 4,
            pause_ms: 250,
            value: Session {
                account: Some(Credentials {
                    backend: "https://kaifu.example.org".to_owned(),
                    account: MESSAGE.to_owned(),
                    key: "a2V5".to_owned(),
                }),
                server: Server::Unreachable,
                own_images: vec!["https://kaifu.example.org/p/AQECAwQFBgcI".to_owned()],
                message_key: "a2V5".to_owned(),
                seal_key: "a2V5".to_owned(),
                track_by_default: false,
                mode: "image".to_owned(),
                tells: true,
                lines: vec!["en".to_owned(), "the".to_owned(), "See [here].".to_owned()],
                strict: true,
                track_days: 30,
                people: vec!["declined anna@example.com".to_owned()],
                mark_untracked: true,
                marks_revision: 3,
                drafts: vec![Draft {
                    draft: id(DRAFT),
                    chosen: Some(Choice {
                        mode: Some("both/ja".to_owned()),
                        at: AT,
                    }),
                    pressed: Some(Choice {
                        mode: None,
                        at: AT + 1,
                    }),
                    message: Some(MESSAGE.to_owned()),
                    thread: Some(id(THREAD)),
                    scheduled: true,
                    cancelled: true,
                    open_at: Some(AT),
                }],
            },
        })
    );
    insta::assert_json_snapshot!(
        "marks",
        round(Marks {
            marks: vec![Mark {
                thread: id(THREAD),
                draft: Some(id(DRAFT)),
                message: MESSAGE.to_owned(),
                state: State::Opened,
                reason: "image_loaded".to_owned(),
                label: "Probably opened".to_owned(),
                title: "Probably opened · 2 views".to_owned(),
                count: "2".to_owned(),
                last_at: Some(AT),
            }],
        })
    );
}
