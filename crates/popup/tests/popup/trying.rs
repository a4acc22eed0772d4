//! The sample that is shown to those who have sent nothing yet.

use crate::locale::Locale;
use crate::sample::{NOW, shown};
use kaifu_core::fetch::Reason;
use kaifu_core::state::{Event, Sent, judge};
use kaifu_core::time::Millis;
use kaifu_popup::model::Model;
use kaifu_popup::sample::{STEPS, overview};
use kaifu_protocol::pages::Message;
use kaifu_protocol::state::State;

fn messages(step: i64) -> Vec<Message> {
    overview(step, NOW, &Locale::english()).messages
}

/// It must not promise what Kaifu would not say.
#[test]
fn the_sample_says_what_would_be_said_of_such_emails() {
    for message in (0..STEPS).flat_map(messages) {
        let opens = message.opens.iter().map(|seen| &seen.open);
        let events: Vec<Event> = opens.map(|open| open.try_into().unwrap()).collect();
        for event in &events {
            let claim = event.reason.map(Reason::claim);
            assert!(claim.is_none_or(|claim| claim == event.claim), "{event:?}");
        }
        let sent = Sent {
            at: Millis(message.sent_at),
            recipients: 1,
            ..Sent::default()
        };
        let judgement = judge(&sent, &events, &[]);
        assert_eq!(message.state, State::from(&judgement), "{message:?}");
        assert_eq!(message.reason, judgement.reason.code(), "{message:?}");
        assert_eq!(message.views as usize, judgement.views, "{message:?}");
        let decided_by = message.decided_by.map(|place| place as usize);
        assert_eq!(decided_by, judgement.decided_by, "{message:?}");
        for (seen, judged) in message.opens.iter().zip(&judgement.events) {
            assert_eq!(seen.reason, judged.reason.code());
            assert_eq!(seen.claim, judged.claim.into());
        }
    }
}

#[test]
fn it_plays_from_no_open_to_a_confirmation_and_changes_nothing() {
    let states: Vec<State> = (0..STEPS).map(|step| messages(step)[0].state).collect();
    assert_eq!(states, [State::Unseen, State::Opened, State::Confirmed]);
    let model = Model {
        overview: Some(overview(2, NOW, &Locale::english())),
        sample: true,
        ..Model::new(NOW)
    };
    let html = shown(&model);
    assert!(html.contains("data-notice=\"sample\""), "{html}");
    for action in ["show", "mute", "forget", "remind"] {
        assert!(
            !html.contains(&format!("data-action=\"{action}\"")),
            "{action}"
        );
    }
}
