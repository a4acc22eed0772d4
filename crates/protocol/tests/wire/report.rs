//! What the report page and the worker say to each other.

use crate::round;
use kaifu_core::report::Standing;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::PageRequest;
use kaifu_protocol::report::{
    Contact, Email, Figures, FirstOpens, Load, Question, Report, Spread, WatchReport, Week,
};
use kaifu_protocol::state::State;

#[test]
fn a_question() {
    insta::assert_json_snapshot!(
        "question",
        round(vec![PageRequest::from(WatchReport {
            revision: 3,
            question: Question {
                days: Some(30),
                mailbox: Some("me@example.org".to_owned()),
                which: "hour:2:9".to_owned(),
                text: "plan".to_owned(),
                order: "activity".to_owned(),
                reversed: true,
                limit: 50,
            },
        })])
    );
}

#[test]
fn an_answer() {
    insta::assert_json_snapshot!(
        "report",
        round(Held {
            revision: 4,
            pause_ms: 0,
            value: Report {
                kept: 2,
                mailboxes: vec!["me@example.org".to_owned()],
                figures: Figures {
                    standings: [0, 1, 0, 0, 1, 0, 0, 0, 0, 0],
                    automated: 3,
                    own: 1,
                    quiet: 1,
                },
                first_opens: FirstOpens {
                    emails: 1,
                    quartiles: Some([900_000, 3_600_000, 86_400_000]),
                    within: [1, 0, 0, 0, 0],
                },
                hours: vec![0, 1],
                spread: Spread::ByChance,
                weeks: vec![Week {
                    monday: 20_787,
                    tracked: 2,
                    opened: 1,
                }],
                people: vec![Contact {
                    key: "anna@example.com".to_owned(),
                    name: "Anna".to_owned(),
                    emails: 2,
                    opened: 1,
                    last_at: Some(1_790_000_000_000),
                }],
                domains: Vec::new(),
                emails: vec![Email {
                    message: "AAAAAAAAAAA".to_owned(),
                    subject: "Plan".to_owned(),
                    recipients: vec![Recipient {
                        address: "anna@example.com".to_owned(),
                        name: String::new(),
                    }],
                    mailbox: Some("me@example.org".to_owned()),
                    sent_at: 1_789_999_000_000,
                    state: State::Opened,
                    opens: 1,
                    first_open_at: Some(1_790_000_000_000),
                    last_at: Some(1_790_000_000_000),
                    first_week: vec![Load {
                        at: 1_790_000_000_000,
                        counts: true,
                    }],
                }],
                matching: 1,
            },
        })
    );
    insta::assert_json_snapshot!(
        "spreads",
        round(vec![Spread::TooFew, Spread::ByChance, Spread::Uneven])
    );
}

#[test]
fn a_state_and_where_an_email_stands_are_called_the_same() {
    for standing in Standing::ALL {
        assert_eq!(State::from(standing).name(), standing.name());
        assert_eq!(Standing::from(State::from(standing)), standing);
    }
    // What was not asked to be tracked is as good as untracked.
    assert_eq!(Standing::from(State::Off), Standing::Untracked);
}
