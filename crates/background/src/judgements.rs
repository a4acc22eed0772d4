//! Messages as they are judged from everything that is kept about them.

use crate::accounts;
use crate::error::WorkerError;
use crate::store::kept::{Heard, KeptEvent, KeptMessage, KeptView, Summary};
use crate::store::records::FORM;
use crate::store::{self, Store, cursors, events, views};
use idb::Transaction;
use js_sys::JsString;
use kaifu_chrome::clock;
use kaifu_chrome::navigator::user_agent;
use kaifu_core::clock::Clocks;
use kaifu_core::fetch::{RULES_VERSION as FETCHING, chromium};
use kaifu_core::outcome::{Later, Outcome};
use kaifu_core::report::Traces;
use kaifu_core::state::{
    Event, Judgement, Program, RULES_VERSION as JUDGING, Sent, UNDO_MAX, View, judge,
};
use kaifu_core::time::Millis;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::state::State;

/// One look at everything that messages are judged from, in one transaction: what it returns
/// fits together, and many messages cost little more than one.
///
/// While it is in use, nothing but what it returns may be awaited: the browser ends a transaction
/// that is asked for nothing.
pub(crate) struct Snapshot {
    /// Reads every store that messages are judged from.
    pub(crate) transaction: Transaction,
    heard: Vec<(String, Heard)>,
    followed: Vec<String>,
    own_browser: Option<Program>,
}

/// What is known about a message, and what it comes to.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The events that this version can read, oldest first.
    pub(crate) kept: Vec<KeptEvent>,
    /// The same events as core judges them.
    pub(crate) events: Vec<Event>,
    /// When they were by the browser's clock as it goes now, in the same order.
    pub(crate) shown: Vec<Millis>,
    /// Those that are only counted, each with the place of the event that stands for them.
    pub(crate) counted: Vec<Counted>,
    /// Those that it cannot read, as a newer server told of them, and when they were.
    pub(crate) unread: Vec<(KeptEvent, Millis)>,
    /// Whether an earlier version kept nothing of the clocks of some of it.
    has_unknown_clocks: bool,
    /// What they come to; its events stand in the same order.
    pub(crate) judgement: Judgement,
}

/// Events that are not kept, as there are too many of their message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// The place of the event that says the same.
    pub(crate) place: usize,
    /// How many they are.
    pub(crate) count: u64,
    /// When the last of them was, by the browser's clock as it goes now.
    pub(crate) last: Millis,
}

impl Judged {
    /// Whether the email of `record` is thought not to have left, or not with its image, and did:
    /// somebody else fetched its image since.
    pub(crate) fn left_after_all(&self, record: &KeptMessage) -> bool {
        let Some(from) = record.known().disproved_from() else {
            return false;
        };
        let is_since = |event: &Event| event.clocks.shown(event.at, event.clocks) > from;
        let mut events = self.events.iter().zip(&self.judgement.events);
        events.any(|(event, judged)| !judged.reason.is_own() && is_since(event))
    }
}

impl Snapshot {
    /// Begins to look.
    pub(crate) async fn open(store: &Store) -> Result<Self, WorkerError> {
        let followed = accounts::followed().await?;
        Self::of(store::reading_all(store)?, followed).await
    }

    /// Begins to look, and to keep what messages come to.
    pub(crate) async fn open_to_write(store: &Store) -> Result<Self, WorkerError> {
        let followed = accounts::followed().await?;
        Self::of(store::writing_all(store)?, followed).await
    }

    async fn of(transaction: Transaction, followed: Vec<String>) -> Result<Self, WorkerError> {
        let heard = cursors::heard(&transaction).await?;
        Ok(Self {
            transaction,
            heard,
            followed,
            own_browser: own_browser(),
        })
    }

    /// What was heard from the server of `account`.
    pub(crate) fn heard(&self, account: &str) -> Option<&Heard> {
        let found = self.heard.iter().find(|(known, _)| known == account);
        found.map(|(_, heard)| heard)
    }

    /// When the server of `record` did not answer since that was sent, while its image could be loaded.
    pub(crate) fn absences(&self, record: &KeptMessage) -> Vec<i64> {
        let account = record.account.as_ref().filter(|_| record.mode.has_image());
        account
            .and_then(|account| self.heard(account))
            .map_or_else(Vec::new, |heard| {
                heard.absences.clone().since(record.sent_at)
            })
    }

    /// Judges the message of `record` from its events and the sender's own views.
    pub(crate) async fn judged(&self, record: &KeptMessage) -> Result<Judged, WorkerError> {
        let (kept, views) = futures_util::future::try_join(
            events::of_message(&self.transaction, &record.message),
            views::of_message(&self.transaction, &record.message),
        )
        .await?;
        let now = self.clocks(record);
        let has_unknown_clocks = kept.iter().any(|kept| kept.clocks.is_none())
            || views.iter().any(|view| view.clocks.is_none());
        let views: Vec<View> = views
            .into_iter()
            .map(|view| self.view(record, view))
            .collect();
        let mut judged = Judged {
            kept: Vec::with_capacity(kept.len()),
            events: Vec::with_capacity(kept.len()),
            shown: Vec::with_capacity(kept.len()),
            counted: Vec::new(),
            unread: Vec::new(),
            has_unknown_clocks,
            judgement: judge(&Sent::default(), &[], &[]),
        };
        for kept in kept {
            let clocks = kept.clocks.unwrap_or(now);
            let at = clocks.shown(Millis(kept.event.at), now);
            let Ok(event) = Event::try_from(&kept.event) else {
                judged.unread.push((kept, at));
                continue;
            };
            judged.shown.push(at);
            if kept.more > 0 {
                judged.counted.push(Counted {
                    place: judged.kept.len(),
                    count: kept.more,
                    last: clocks.shown(kept.more_at, now),
                });
            }
            judged.kept.push(kept);
            judged.events.push(Event { clocks, ..event });
        }
        judged.judgement = judge(&self.sent(record), &judged.events, &views);
        Ok(judged)
    }

    /// What the message of `record` comes to, to be kept.
    pub(crate) async fn summary(&self, record: KeptMessage) -> Result<Summary, WorkerError> {
        let judged = self.judged(&record).await?;
        let is_by_now = record.clocks.is_none() || judged.has_unknown_clocks;
        let last = judged.shown.iter().zip(&judged.judgement.events);
        let last = last
            .filter(|(_, judged)| !judged.reason.is_own())
            .map(|(at, _)| *at);
        let mut state = State::from(&judged.judgement);
        if !record.mode.has_image() {
            state = state.when_asking();
        }
        Ok(Summary {
            state,
            traces: Traces::of(&judged.events, &judged.judgement),
            words: words_of(&record),
            activity: last.max().unwrap_or_else(|| self.sent_at(&record)),
            as_of: is_by_now.then(|| self.clocks(&record)),
            kept: record,
        })
    }

    /// Whether a summary still holds where it hangs on what is known of the clocks now.
    pub(crate) fn bears_out(&self, summary: &Summary) -> bool {
        let clocks = self.clocks(&summary.kept);
        let of = |clocks: Clocks| (clocks.lead, clocks.run);
        summary.as_of.is_none_or(|as_of| of(as_of) == of(clocks))
    }

    /// The state of the message of `record`, which came to `judgement`.
    pub(crate) fn state(&self, record: &KeptMessage, judgement: &Judgement) -> State {
        self.state_now(record, State::from(judgement))
    }

    /// The state of the message of `record`, which came to `state`: that says, too, whether it is still
    /// to be sent, and whether its account is still followed.
    pub(crate) fn state_now(&self, record: &KeptMessage, mut state: State) -> State {
        if !record.mode.has_image() {
            state = state.when_asking();
        }
        let account = record.account.as_deref();
        state_now(&self.followed, account, record.later(), state)
    }

    /// When the message of `record` was sent, by the browser's clock as it goes now.
    pub(crate) fn sent_at(&self, record: &KeptMessage) -> Millis {
        match record.clocks {
            Some(clocks) if record.later().is_none() => {
                clocks.shown_own(record.sent_at, self.clocks(record))
            }
            _ => record.sent_at,
        }
    }

    /// What is known of the clocks now: also of the moments of which an earlier version kept nothing.
    pub(crate) fn clocks(&self, record: &KeptMessage) -> Clocks {
        let account = record.account.as_ref();
        let heard = account.and_then(|account| self.heard(account));
        Clocks {
            answers: None,
            ..heard.map(|heard| heard.clocks).unwrap_or_default()
        }
    }

    fn view(&self, record: &KeptMessage, view: KeptView) -> View {
        View {
            at: view.at,
            clocks: view.clocks.unwrap_or_else(|| self.clocks(record)),
        }
    }

    fn sent(&self, record: &KeptMessage) -> Sent {
        let clocks = record.clocks.unwrap_or_else(|| self.clocks(record));
        let is_scheduled = record.outcome == Some(Outcome::Scheduled);
        Sent {
            at: record.sent_at,
            // How long Gmail held it back is not known, only the longest that it may be.
            undo: if is_scheduled { 0 } else { UNDO_MAX },
            recipients: u32::try_from(record.recipients.len()).unwrap_or(u32::MAX),
            clocks: if is_scheduled { clocks.named() } else { clocks },
            tracked: record.outcome != Some(Outcome::Untracked),
            own_browser: self.own_browser,
        }
    }
}

/// The state of an email that came to `state`, where it is sent `later` and only the emails of the
/// accounts that are `followed` are.
pub(crate) fn state_now(
    followed: &[String],
    account: Option<&str>,
    later: Option<Later>,
    mut state: State,
) -> State {
    let waits = match later {
        Some(Later::Timed(at)) => at > clock::now(),
        Some(Later::Untimed) => true,
        None => false,
    };
    if waits {
        state = state.when_scheduled();
    }
    match account {
        Some(account) if !followed.iter().any(|it| it == account) => state.when_unfollowed(),
        _ => state,
    }
}

/// What is looked for in an email.
fn words_of(record: &KeptMessage) -> String {
    let mut all = record.subject.clone();
    for Recipient { address, name } in &record.recipients {
        for part in [name, address] {
            all.push('\n');
            all.push_str(part);
        }
    }
    lower_case(&all)
}

/// `text` in lower case. The tables for it are large, and the browser has its own.
pub(crate) fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// Names everything that judgements are made by but what is judged.
pub(crate) fn stamp() -> String {
    let browser = own_browser().map_or(0, Program::number);
    format!("{FORM}/{JUDGING}/{FETCHING}/{browser}")
}

/// The browser that this runs in, as the server would name it.
fn own_browser() -> Option<Program> {
    let (client, device) = chromium(&user_agent()?)?;
    Some(Program::new(client, device))
}
