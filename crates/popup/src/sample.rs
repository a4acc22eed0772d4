//! A sample of what the popup shows, for those who have sent nothing yet. It plays by itself: an email is
//! opened, then confirmed. Nobody is asked and nothing is kept.

use kaifu_core::fetch::Reason;
use kaifu_core::state::{EventReason, StateReason};
use kaifu_core::time::{DAY, HOUR, Millis, SECOND};
use kaifu_l10n::Words;
use kaifu_protocol::api::{Claim, Class, Event, Kind, Source};
use kaifu_protocol::content::{Recipient, Signal};
use kaifu_protocol::pages::{Confirmed, Connection, Message, Overview, Reach, Seen};
use kaifu_protocol::state::State;

/// What the page's address ends with where it is to show the sample.
pub const HASH: &str = "#sample";

/// How many answers there are, one after the other.
pub const STEPS: i64 = 3;

/// How long each is shown before the next one comes, in milliseconds.
pub const STEP_MS: u32 = 4_000;

/// The answer of that number, from 0 on, where the sample began to play at `began`.
#[must_use]
pub fn overview(step: i64, began: Millis, words: &impl Words) -> Overview {
    let messages = vec![
        offer(step, began, words),
        lease(began.plus(-DAY), words),
        invoice(began.plus(-2 * DAY), words),
    ];
    Overview {
        total: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        messages,
        mailboxes: Vec::new(),
        connection: Connection {
            account: true,
            last_news_at: Some(began.0),
            problem: None,
            reach: Reach::Public,
        },
        unfamiliar: None,
    }
}

/// An email that is opened in the first step, and confirmed in the second.
fn offer(step: i64, began: Millis, words: &impl Words) -> Message {
    let at = |step: i64| began.plus(step * i64::from(STEP_MS));
    let loaded = || fetched(at(1), Class::GmailProxy, Some("Gmail"), Reason::GmailProxy);
    let confirmed = || pressed(at(2), Kind::Read, EventReason::ReadPressed);
    let (state, reason, opens) = match step {
        0 => (State::Unseen, StateReason::NothingSeen, Vec::new()),
        1 => (State::Opened, StateReason::ImageLoaded, vec![loaded()]),
        _ => (
            State::Confirmed,
            StateReason::ReadPressed,
            vec![loaded(), confirmed()],
        ),
    };
    let message = message("sample_offer", "sample_offer_to", began.plus(-HOUR), words);
    let message = Message {
        news: step > 0,
        confirmed: (state == State::Confirmed).then(|| Confirmed {
            presses: 1,
            names: vec![words.text("sample_name")],
        }),
        opens,
        ..message
    };
    decided(message, state, reason)
}

/// An email whose recipient declined.
fn lease(sent_at: Millis, words: &impl Words) -> Message {
    let refused = EventReason::RefusePressed;
    let message = Message {
        opens: vec![pressed(sent_at.plus(3 * HOUR), Kind::Refuse, refused)],
        ..message("sample_lease", "sample_lease_to", sent_at, words)
    };
    decided(message, State::Refused, StateReason::RefusePressed)
}

/// An email that only a scanner looked at.
fn invoice(sent_at: Millis, words: &impl Words) -> Message {
    let scanned_at = sent_at.plus(20 * SECOND);
    let message = Message {
        opens: vec![fetched(
            scanned_at,
            Class::Scanner,
            None,
            Reason::ScannerNetwork,
        )],
        ..message("sample_invoice", "sample_invoice_to", sent_at, words)
    };
    decided(message, State::Machine, StateReason::OnlyMachines)
}

/// An email, by the keys of its subject and of its recipient's name, of which nothing is known.
fn message(subject: &str, to: &str, sent_at: Millis, words: &impl Words) -> Message {
    Message {
        message: subject.to_owned(),
        subject: words.text(subject),
        recipients: vec![Recipient {
            address: "to@example.com".to_owned(),
            name: words.text(to),
        }],
        mailbox: None,
        alias: None,
        sent_at: sent_at.0,
        later: None,
        sent_by: Some(Signal::Wire),
        state: State::Unseen,
        reason: String::new(),
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

/// `message` with what its events come to.
fn decided(message: Message, state: State, reason: StateReason) -> Message {
    let likely = |seen: &&Seen| seen.open.kind == Kind::Pixel && seen.claim == Claim::Likely;
    let views = message.opens.iter().filter(likely).count();
    Message {
        state,
        reason: reason.code().to_owned(),
        views: u32::try_from(views).unwrap_or(u32::MAX),
        decided_by: u32::try_from(message.opens.len())
            .ok()
            .and_then(|len| len.checked_sub(1)),
        ..message
    }
}

fn fetched(at: Millis, class: Class, client: Option<&str>, reason: Reason) -> Seen {
    let reason = EventReason::Fetch(reason);
    seen(at, Kind::Pixel, class, client, reason)
}

fn pressed(at: Millis, kind: Kind, reason: EventReason) -> Seen {
    seen(at, kind, Class::Human, None, reason)
}

fn seen(at: Millis, kind: Kind, class: Class, client: Option<&str>, reason: EventReason) -> Seen {
    let claim = match class {
        Class::Scanner => Claim::No,
        _ => Claim::Likely,
    };
    Seen {
        open: Event {
            seq: 0,
            id: String::new(),
            message: "AAAAAAAAAAA".to_owned(),
            kind,
            at: at.0,
            source: Source {
                class,
                client: client.map(str::to_owned),
                device: None,
                country: None,
                reader: None,
            },
            claim,
            reason: reason.code().to_owned(),
            repeats: 0,
            sealed: None,
            of: None,
        },
        claim,
        reason: reason.code().to_owned(),
        repeats: None,
    }
}
