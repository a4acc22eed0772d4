//! What the events of a message are worth together.

use super::event::{Event, EventKind, Program, Reader};
use super::readers::{Readers, estimate};
use super::reason::{EventReason, State, StateReason};
use crate::fetch::{Claim, Class, Reason};
use crate::time::Millis;

/// A Gmail proxy's fetch sooner than this after sending may have come with the delivery. Sources
/// disagree on whether it does (<https://github.com/mautic/mautic/issues/7884>,
/// <https://bird.com/en-us/blog/gmail-prefetching-images>); people are seen from 19 s on.
const EARLY_MILLIS: i64 = 5_000;
/// A repeat of a too early fetch within this time is still the same load.
const EARLY_REPEAT_MILLIS: i64 = 5_000;
/// A load by the sender's kind of browser sooner than this after sending is the sender's: Gmail holds
/// every mail back for at least five seconds, so that its sender can undo the send
/// (<https://support.google.com/mail/answer/2819488>), and the press puts the image before the
/// sender's own browser. The rest is for clocks that differ.
const AT_SEND_MILLIS: i64 = 3_000;
/// How long before and after a reported own view its image may be fetched.
const VIEW_BEFORE_MILLIS: i64 = 3_000;
const VIEW_AFTER_MILLIS: i64 = 10_000;
/// Two links within this time of another fetch are a burst
/// (<https://github.com/warmbly/warmbly/issues/410>).
const BURST_MILLIS: i64 = 2_000;
/// How near in time a reader's machine-like fetch casts doubt on their others.
const NEAR_MACHINE_MILLIS: i64 = 60_000;
/// Repeats of a view with less than this between them are one view.
const FOLD_MILLIS: i64 = 30_000;

/// What the sender's browser knows about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When the mail left, or is to leave, by the browser's clock.
    pub at: Millis,
    /// How many people it went to; at least 1.
    pub recipients: u32,
    /// By how many milliseconds the server's clock is ahead of the browser's; 0 when not known.
    pub server_ahead: i64,
    /// Whether the mail left with its image.
    pub tracked: bool,
    /// The browser that the sender's extension runs in, where it can be told.
    pub own_browser: Option<Program>,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            at: Millis(0),
            recipients: 1,
            server_ahead: 0,
            tracked: true,
            own_browser: None,
        }
    }
}

/// The sender looked at the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// When it came into view, by the browser's clock.
    pub at: Millis,
}

/// What one event is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedEvent {
    /// What may be claimed.
    pub claim: Claim,
    /// Why.
    pub reason: EventReason,
    /// The index of the event that this one only repeats; such a repeat is no view of its own.
    pub folded_into: Option<usize>,
}

/// What is known about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its state.
    pub state: State,
    /// Why it is in that state.
    pub reason: StateReason,
    /// The index of the newest event that alone would make the message what it is; `None` where
    /// none does.
    pub decided_by: Option<usize>,
    /// One judgement for each event, in the order in which the events were given.
    pub events: Vec<JudgedEvent>,
    /// How many views may be claimed: probable opens and followed links, without repeats.
    pub views: usize,
    /// How many people may have read it; `None` when nothing may be claimed at all.
    pub readers: Option<Readers>,
}

/// Judges a message by its events and the sender's own views of it, in whatever order they came.
///
/// No event ever raises what another one is worth, so that no number of machines makes an open.
#[must_use]
pub fn judge(message: &Sent, events: &[Event], own_views: &[View]) -> Judgement {
    let context = Context::new(message, events, own_views);
    let mut judged: Vec<JudgedEvent> = events.iter().map(|event| context.judge(event)).collect();
    for (repeat, first) in repeats(&context.order, events, &judged) {
        judged[repeat].folded_into = Some(first);
    }
    let claimed = || {
        events.iter().zip(&judged).filter_map(|(event, judged)| {
            let counts = judged.claim == Claim::Likely && judged.folded_into.is_none();
            (counts && is_fetch(event)).then_some(event)
        })
    };
    let (state, reason) = if message.tracked {
        events
            .iter()
            .zip(&judged)
            .map(|(event, judged)| standing(event, judged))
            .max_by_key(|&(state, reason)| (state, strength(reason)))
            .unwrap_or((State::Unseen, StateReason::NothingSeen))
    } else {
        (State::Untracked, StateReason::NotTracked)
    };
    let decides = |&index: &usize| {
        let (event, judged) = (&events[index], &judged[index]);
        judged.folded_into.is_none() && standing(event, judged) == (state, reason)
    };
    let decided_by = (0..events.len())
        .filter(decides)
        .max_by_key(|&index| (events[index].at, judged[index].reason.code()));
    Judgement {
        state,
        reason,
        decided_by,
        views: claimed().count(),
        readers: estimate(claimed(), message.recipients),
        events: judged,
    }
}

/// What an event alone makes of its message.
fn standing(event: &Event, judged: &JudgedEvent) -> (State, StateReason) {
    match (event.kind, judged.reason, judged.claim) {
        (EventKind::Refuse, ..) => (State::Refused, StateReason::RefusePressed),
        (_, reason, _) if reason.is_own() => (State::Unseen, StateReason::OnlyOwn),
        (EventKind::Read, ..) => (State::Confirmed, StateReason::ReadPressed),
        (EventKind::Pixel, _, Claim::Likely) => (State::Opened, StateReason::ImageLoaded),
        (EventKind::Link, _, Claim::Likely) => (State::Opened, StateReason::LinkFollowed),
        (_, _, Claim::Unknown) => (State::Machine, StateReason::CannotTell),
        (_, _, Claim::No) => (State::Machine, StateReason::OnlyMachines),
    }
}

/// Which of two reasons for the same state is told.
const fn strength(reason: StateReason) -> u8 {
    match reason {
        StateReason::NothingSeen | StateReason::OnlyMachines => 0,
        StateReason::LinkFollowed => 2,
        _ => 1,
    }
}

const fn is_fetch(event: &Event) -> bool {
    matches!(event.kind, EventKind::Pixel | EventKind::Link)
}

/// The events of a message, arranged for looking around each of them.
struct Context<'a> {
    message: &'a Sent,
    /// The events' indexes in the order of time.
    order: Vec<usize>,
    views: Vec<Millis>,
    fetches: Fetches,
    /// When Gmail's proxy came too early.
    early: Vec<Millis>,
    /// Which reader did when what only machines do.
    machines: Vec<(Reader, Millis)>,
}

impl<'a> Context<'a> {
    fn new(message: &'a Sent, events: &'a [Event], own_views: &[View]) -> Self {
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|&index| {
            let event = &events[index];
            (
                event.at,
                event.kind,
                event.claim,
                event.reason,
                event.reader,
                index,
            )
        });
        // The server's clock is the one that all the times are compared in.
        let mut views: Vec<Millis> = own_views
            .iter()
            .map(|view| view.at.plus(message.server_ahead))
            .collect();
        views.sort_unstable();
        let mut context = Self {
            message,
            order,
            views,
            fetches: Fetches::new(events),
            early: Vec::new(),
            machines: Vec::new(),
        };
        context.early = context
            .order
            .iter()
            .map(|&index| &events[index])
            .filter(|event| context.is_early(event))
            .map(|event| event.at)
            .collect();
        context.machines = events
            .iter()
            .filter(|event| is_fetch(event) && !event.class.is_proxy())
            .filter(|event| event.worth() == Claim::No || context.is_burst(event))
            .filter_map(|event| Some((event.reader?, event.at)))
            .collect();
        context.machines.sort_unstable();
        context
    }

    fn judge(&self, event: &Event) -> JudgedEvent {
        let (claim, reason) = self.weigh(event);
        JudgedEvent {
            claim,
            reason,
            folded_into: None,
        }
    }

    fn weigh(&self, event: &Event) -> (Claim, EventReason) {
        let worth = event.worth();
        match event.kind {
            // A refusal counts even when a clock is wrong.
            EventKind::Refuse => (Claim::Likely, EventReason::RefusePressed),
            _ if event.at < self.sent_at() => (Claim::No, EventReason::BeforeSend),
            EventKind::Read => (Claim::Likely, EventReason::ReadPressed),
            _ if worth != Claim::No && self.is_own_view(event) => (Claim::No, EventReason::OwnView),
            _ if worth != Claim::No && self.is_at_send(event) => (Claim::No, EventReason::AtSend),
            _ if worth != Claim::No && self.is_burst(event) => (Claim::No, EventReason::Burst),
            _ if worth == Claim::Likely && self.is_early_or_repeat(event) => {
                (Claim::Unknown, EventReason::TooEarly)
            }
            _ if worth == Claim::Likely && self.is_near_machine(event) => {
                (Claim::Unknown, EventReason::NearMachine)
            }
            _ => (
                worth,
                event
                    .reason
                    .map_or(EventReason::Reported, EventReason::Fetch),
            ),
        }
    }

    fn sent_at(&self) -> Millis {
        self.message.at.plus(self.message.server_ahead)
    }

    /// The sender reads mail in Gmail, so only Gmail's proxy or a program of their own can be them.
    fn is_own_view(&self, event: &Event) -> bool {
        matches!(
            event.class,
            Class::GmailProxy | Class::Human | Class::Unknown
        ) && within(
            &self.views,
            event.at.plus(-VIEW_AFTER_MILLIS),
            event.at.plus(VIEW_BEFORE_MILLIS),
        )
    }

    /// Whether the sender's own browser loaded the image itself in the moment of the send.
    fn is_at_send(&self, event: &Event) -> bool {
        let is_senders = event.reason == Some(Reason::SenderAddress)
            || event
                .program
                .is_some_and(|program| self.message.own_browser == Some(program));
        is_senders
            && event.kind == EventKind::Pixel
            && !event.class.is_proxy()
            && event.at.since(self.sent_at()) < AT_SEND_MILLIS
    }

    /// Whether two links were followed at the same time as `event`, by what may be the same reader.
    fn is_burst(&self, event: &Event) -> bool {
        if !is_fetch(event) || event.class.is_proxy() {
            return false;
        }
        // One person does not read at two addresses at once, but a scanner may well do so.
        let near = |kind| {
            if self.message.recipients > 1 {
                self.fetches.of_reader_near(event, kind)
            } else {
                self.fetches.near(event, kind)
            }
        };
        match event.kind {
            EventKind::Pixel => near(EventKind::Link) >= 2,
            // The event itself is one of the links.
            _ => near(EventKind::Link) + near(EventKind::Pixel) >= 3,
        }
    }

    fn is_early(&self, event: &Event) -> bool {
        event.kind == EventKind::Pixel
            && event.class == Class::GmailProxy
            && event.at >= self.sent_at()
            && event.at.since(self.sent_at()) < EARLY_MILLIS
    }

    fn is_early_or_repeat(&self, event: &Event) -> bool {
        event.kind == EventKind::Pixel
            && event.class == Class::GmailProxy
            && within(&self.early, event.at.plus(-EARLY_REPEAT_MILLIS), event.at)
    }

    fn is_near_machine(&self, event: &Event) -> bool {
        let Some(reader) = event.reader.filter(|_| !event.class.is_proxy()) else {
            return false;
        };
        let first = (reader, event.at.plus(-NEAR_MACHINE_MILLIS));
        let start = self.machines.partition_point(|machine| *machine < first);
        self.machines.get(start).is_some_and(|&(other, at)| {
            other == reader && at.since(event.at) <= NEAR_MACHINE_MILLIS
        })
    }
}

/// The fetches that no proxy made, arranged for counting them.
struct Fetches {
    all: Vec<(EventKind, Millis)>,
    by_reader: Vec<(Option<Reader>, EventKind, Millis)>,
}

impl Fetches {
    fn new(events: &[Event]) -> Self {
        let mut by_reader: Vec<_> = events
            .iter()
            .filter(|event| is_fetch(event) && !event.class.is_proxy())
            .map(|event| (event.reader, event.kind, event.at))
            .collect();
        by_reader.sort_unstable();
        let mut all: Vec<_> = by_reader.iter().map(|&(_, kind, at)| (kind, at)).collect();
        all.sort_unstable();
        Self { all, by_reader }
    }

    /// How many fetches of `kind` came in the same moment as `event`.
    fn near(&self, event: &Event, kind: EventKind) -> usize {
        let (first, last) = moment(event);
        count(&self.all, &(kind, first), &(kind, last))
    }

    /// How many of them came from what may be its reader.
    fn of_reader_near(&self, event: &Event, kind: EventKind) -> usize {
        let (first, last) = moment(event);
        let of = |reader| {
            count(
                &self.by_reader,
                &(reader, kind, first),
                &(reader, kind, last),
            )
        };
        match event.reader {
            Some(reader) => of(Some(reader)) + of(None),
            None => self.near(event, kind),
        }
    }
}

/// What is one moment with `event`, as far as bursts go.
const fn moment(event: &Event) -> (Millis, Millis) {
    (event.at.plus(-BURST_MILLIS), event.at.plus(BURST_MILLIS))
}

/// How many entries of a sorted list lie from `first` to `last`.
fn count<T: Ord>(sorted: &[T], first: &T, last: &T) -> usize {
    sorted.partition_point(|entry| entry <= last) - sorted.partition_point(|entry| entry < first)
}

/// Whether a sorted list has a time from `first` to `last`.
fn within(times: &[Millis], first: Millis, last: Millis) -> bool {
    times
        .get(times.partition_point(|&at| at < first))
        .is_some_and(|&at| at <= last)
}

/// The events that only repeat an earlier one, each with that one.
fn repeats(order: &[usize], events: &[Event], judged: &[JudgedEvent]) -> Vec<(usize, usize)> {
    type Key = (EventKind, Class, Claim, Option<Reader>);
    let mut open: std::collections::HashMap<Key, (Millis, usize)> =
        std::collections::HashMap::new();
    let mut repeats = Vec::new();
    for &index in order {
        let event = &events[index];
        if !is_fetch(event) {
            continue;
        }
        // A proxy asks from many addresses for one view.
        let reader = event.reader.filter(|_| !event.class.is_proxy());
        let key = (event.kind, event.class, judged[index].claim, reader);
        let entry = open.entry(key).or_insert((event.at, index));
        if entry.1 != index {
            if event.at.since(entry.0) <= FOLD_MILLIS {
                repeats.push((index, entry.1));
            } else {
                entry.1 = index;
            }
        }
        entry.0 = event.at;
    }
    repeats
}
