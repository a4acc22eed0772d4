//! Sample answers of the worker, and checks of what is shown for them.

use crate::locale::Locale;
use kaifu_core::clock::Clocks;
use kaifu_core::fetch::{Fetch, classify};
use kaifu_core::state::{Event, Sent, StateReason, View, judge};
use kaifu_core::time::Millis;
use kaifu_popup::model::Model;
use kaifu_popup::view::view;
use kaifu_protocol::api::{self, Claim, Kind, Source};
use kaifu_protocol::content::{Recipient, Signal};
use kaifu_protocol::pages::{Connection, Message, Overview, Reach, Seen};
use kaifu_protocol::state::State;

/// When the samples are looked at.
pub(crate) const NOW: Millis = Millis(1_790_000_000_000);

/// A reader's own browser.
pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// Gmail's image proxy.
pub(crate) const GMAIL: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";

/// A popup that was told `overview`.
pub(crate) fn model(overview: Overview) -> Model {
    Model {
        overview: Some(overview),
        ..Model::new(NOW)
    }
}

/// What it shows in English.
pub(crate) fn shown(model: &Model) -> String {
    view(model, &Locale::english()).into_string()
}

/// Shows `model`, and finds all of `present` and nothing of `absent`.
#[track_caller]
pub(crate) fn check(model: &Model, present: &[&str], absent: &[&str]) {
    let html = shown(model);
    for text in present {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    for text in absent {
        assert!(!html.contains(text), "{text} should not be in {html}");
    }
}

pub(crate) fn recipient(name: &str, address: &str) -> Recipient {
    Recipient {
        address: address.to_owned(),
        name: name.to_owned(),
    }
}

/// A confirmed message to one recipient, sent an hour ago, without events.
pub(crate) fn message(id: &str, subject: &str, state: State) -> Message {
    Message {
        message: id.to_owned(),
        subject: subject.to_owned(),
        recipients: vec![recipient("", "anna@example.com")],
        mailbox: Some("me@example.org".to_owned()),
        alias: None,
        sent_at: NOW.0 - 3_600_000,
        later: None,
        sent_by: Some(Signal::Wire),
        state,
        reason: match state {
            State::Unseen | State::Scheduled | State::Unfollowed | State::Waiting => {
                StateReason::NothingSeen
            }
            State::Unsure => StateReason::CannotTell,
            State::Machine => StateReason::OnlyMachines,
            State::Opened => StateReason::ImageLoaded,
            State::Confirmed => StateReason::ReadPressed,
            State::Refused => StateReason::RefusePressed,
            State::Untracked => StateReason::NotTracked,
            State::Off => StateReason::NotAsked,
        }
        .code()
        .to_owned(),
        news: false,
        muted: false,
        reminder: None,
        views: 0,
        readers: None,
        to_self: false,
        away: Vec::new(),
        confirmed: None,
        decided_by: None,
        opens: Vec::new(),
    }
}

/// What the server would say about a fetch with that user agent.
pub(crate) fn seen(kind: Kind, user_agent: &str, at: i64) -> Seen {
    let verdict = classify(&Fetch {
        user_agent,
        ..Fetch::default()
    });
    Seen {
        open: api::Event {
            seq: 1,
            id: "AAAAAAAAAAE".to_owned(),
            message: "AAAAAAAAAAA".to_owned(),
            kind,
            at,
            source: Source {
                class: verdict.class.into(),
                client: verdict.client.map(str::to_owned),
                device: None,
                country: None,
                reader: None,
            },
            claim: Claim::from(verdict.claim),
            reason: verdict.reason.code().to_owned(),
            repeats: 0,
            sealed: None,
            of: None,
        },
        claim: Claim::from(verdict.claim),
        reason: verdict.reason.code().to_owned(),
        repeats: None,
    }
}

/// `message` with what it comes to when these `fetches` were made: each by a user agent, so many
/// milliseconds after it was sent; its sender looked at it at the times in `views`.
pub(crate) fn judged(mut message: Message, fetches: &[(&str, i64)], views: &[i64]) -> Message {
    let opens: Vec<api::Event> = fetches
        .iter()
        .map(|&(user_agent, after)| seen(Kind::Pixel, user_agent, message.sent_at + after).open)
        .collect();
    let events: Vec<Event> = opens.iter().map(|open| open.try_into().unwrap()).collect();
    let views: Vec<View> = views
        .iter()
        .map(|after| View {
            at: Millis(message.sent_at + after),
            clocks: Clocks::default(),
        })
        .collect();
    let sent = Sent {
        at: Millis(message.sent_at),
        recipients: u32::try_from(message.recipients.len()).unwrap(),
        ..Sent::default()
    };
    let judgement = judge(&sent, &events, &views);
    message.state = (&judgement).into();
    message.reason = judgement.reason.code().to_owned();
    message.views = u32::try_from(judgement.views).unwrap();
    message.decided_by = judgement
        .decided_by
        .map(|place| u32::try_from(place).unwrap());
    message.readers = judgement.readers.map(Into::into);
    message.opens = opens
        .into_iter()
        .zip(&judgement.events)
        .map(|(open, judged)| Seen::new(open, judged))
        .collect();
    message
}

pub(crate) fn overview(messages: Vec<Message>) -> Overview {
    Overview {
        total: u32::try_from(messages.len()).unwrap(),
        mailboxes: vec!["me@example.org".to_owned()],
        messages,
        connection: Connection {
            account: true,
            last_news_at: Some(NOW.0 - 60_000),
            problem: None,
            reach: Reach::Public,
        },
        unfamiliar: None,
    }
}
