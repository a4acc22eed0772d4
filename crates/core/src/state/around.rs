//! What stands around an event: the send, the sender's own views, and the message's other fetches.

use super::event::{Event, EventKind, Reader};
use super::own_views::OwnViews;
use super::reason::EventReason;
use super::sent::{Sent, View};
use crate::clock::{Holds, Lapse};
use crate::fetch::{Claim, Class, Reason};
use crate::id::EventId;
use crate::sort::{Rank, in_order, sorted};
use crate::time::{Millis, SECOND};

/// A Gmail proxy's fetch sooner than this after the delivery may have come with it. Sources disagree
/// on whether any does (<https://github.com/mautic/mautic/issues/7884>,
/// <https://bird.com/en-us/blog/gmail-prefetching-images>).
const EARLY: i64 = 5 * SECOND;
/// A load by the sender's kind of browser sooner than this after sending is the sender's: Gmail holds
/// every email back for at least five seconds, so that its sender can undo the send
/// (<https://support.google.com/mail/answer/2819488>), and the press puts the image before the
/// sender's own browser. The rest is for clocks that differ.
const AT_SEND: i64 = 3 * SECOND;
/// Two links within this time of another fetch are a burst
/// (<https://github.com/warmbly/warmbly/issues/410>).
const BURST: i64 = 2 * SECOND;
/// A time in milliseconds that is later than any that is meant.
const LATEST: i64 = 1 << 56;
/// For how long a machine's fetch casts doubt on what the same reader fetches after it
/// (<https://github.com/warmbly/warmbly/issues/410>): a scanner comes back at once under another
/// name, a person behind its address does not.
const NEAR_MACHINE: i64 = 10 * SECOND;

/// The events of a message, arranged for looking around each of them.
pub(super) struct Around<'a> {
    message: &'a Sent,
    /// The events' indexes in the order of time.
    order: Vec<usize>,
    views: OwnViews,
    fetches: Fetches,
    /// Which reader did when what only machines do.
    machines: Vec<Rank>,
    /// The presses that were taken back.
    undone: Vec<EventId>,
}

/// Where an event stands among the others: by its time, and where that is the same, by what it is, so
/// that it does not matter in which order they came.
fn by_time(event: &Event) -> Rank {
    let reason = event.reason.map_or(0, |reason| reason as i64 + 1);
    let reader = (event.reader).map_or(0, |reader| reader.number() & 0xffff_ffff_ffff);
    let is = (event.kind as i64) << 58 | (event.claim as i64) << 56 | reason << 48 | reader;
    (event.at.0, is)
}

/// Where what a reader did at some time stands among what readers did.
const fn of_reader(reader: Reader, at: Millis) -> Rank {
    (reader.number(), at.0)
}

/// The server's own reason.
fn reported(event: &Event) -> EventReason {
    (event.reason).map_or(EventReason::Reported, EventReason::Fetch)
}

impl<'a> Around<'a> {
    /// Arranges the events of `message`, in whatever order they came.
    pub(super) fn new(message: &'a Sent, events: &'a [Event], own_views: &[View]) -> Self {
        let mut around = Self {
            message,
            order: sorted(&events.iter().map(by_time).collect::<Vec<_>>()),
            views: OwnViews::new(own_views),
            fetches: Fetches::new(events),
            machines: Vec::new(),
            undone: (events.iter())
                .filter(|event| event.kind == EventKind::Undo)
                .filter_map(|event| event.of)
                .collect(),
        };
        around.machines = events
            .iter()
            .filter(|event| event.kind.is_fetch() && !event.class.is_proxy())
            .filter(|event| is_machine(event) || around.is_burst(event))
            .filter_map(|event| Some(of_reader(event.reader?, event.at)))
            .collect();
        around.machines = in_order(&around.machines);
        around
    }

    /// The events' indexes in the order of time.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// What may be claimed from `event`, and why.
    pub(super) fn weigh(&self, event: &Event) -> (Claim, EventReason) {
        match event.kind {
            EventKind::Undo => (Claim::No, EventReason::UndoPressed),
            _ if self.is_undone(event) => (Claim::No, EventReason::TakenBack),
            // A refusal counts even when a clock is wrong.
            EventKind::Refuse => (Claim::Likely, EventReason::RefusePressed),
            EventKind::Read | EventKind::Agree => self.weigh_press(event),
            EventKind::Pixel | EventKind::Link => self.weigh_fetch(event),
        }
    }

    /// What may be claimed from a press of a button that only the recipient's page has.
    fn weigh_press(&self, event: &Event) -> (Claim, EventReason) {
        match self.since_send(event).is_below(0) {
            Holds::Yes => (Claim::No, EventReason::BeforeSend),
            Holds::Perhaps => (Claim::Unknown, EventReason::ClocksDiffer),
            // One that came too fast for a person is worth what the server says.
            Holds::No if event.reason == Some(Reason::QuickPress) => {
                (event.worth().min(Claim::Unknown), reported(event))
            }
            Holds::No if event.kind == EventKind::Agree => {
                (Claim::Likely, EventReason::AgreePressed)
            }
            Holds::No => (Claim::Likely, EventReason::ReadPressed),
        }
    }

    /// What may be claimed from a fetch.
    fn weigh_fetch(&self, event: &Event) -> (Claim, EventReason) {
        let worth = event.worth();
        match self.own(event, worth) {
            Some((reason, Holds::Yes)) => (Claim::No, reason),
            _ if worth != Claim::No && self.is_burst(event) => (Claim::No, EventReason::Burst),
            // What a machine did is no open, whenever it was.
            Some(_) if worth != Claim::No => (Claim::Unknown, EventReason::ClocksDiffer),
            _ if worth == Claim::Likely && self.is_early(event) => {
                (Claim::Unknown, EventReason::TooEarly)
            }
            _ if worth == Claim::Likely && self.is_near_machine(event) => {
                (Claim::Unknown, EventReason::NearMachine)
            }
            _ => (worth, reported(event)),
        }
    }

    fn since_send(&self, event: &Event) -> Lapse {
        let sent = (self.message.at, self.message.clocks);
        Lapse::between(sent, (event.at, event.clocks))
    }

    /// How `event` may be the sender's own, and whether it is; `None` where it is not. What is certain
    /// goes before what hangs on clocks.
    fn own(&self, event: &Event, worth: Claim) -> Option<(EventReason, Holds)> {
        let since_send = self.since_send(event);
        let unless_machine = |holds| if worth == Claim::No { Holds::No } else { holds };
        let ways = [
            (EventReason::BeforeSend, since_send.is_below(0)),
            (
                EventReason::OwnView,
                unless_machine(self.is_own_view(event)),
            ),
            (
                EventReason::AtSend,
                unless_machine(self.is_at_send(event, since_send)),
            ),
        ];
        let find = |wanted| ways.into_iter().find(|&(_, holds)| holds == wanted);
        find(Holds::Yes).or_else(|| find(Holds::Perhaps))
    }

    /// Whether the recipient took the press back.
    fn is_undone(&self, event: &Event) -> bool {
        !event.kind.is_fetch() && event.id.is_some_and(|id| self.undone.contains(&id))
    }

    /// The sender reads email in Gmail, so only Gmail's proxy or a program of their own can be them.
    fn is_own_view(&self, event: &Event) -> Holds {
        let may_be = matches!(
            event.class,
            Class::GmailProxy | Class::Human | Class::Unknown
        );
        if may_be {
            self.views.explain(event)
        } else {
            Holds::No
        }
    }

    /// Whether the sender's own browser loaded the image itself in the moment of the send.
    fn is_at_send(&self, event: &Event, since_send: Lapse) -> Holds {
        let is_senders = event.reason == Some(Reason::SenderAddress)
            || event
                .program
                .is_some_and(|program| self.message.own_browser == Some(program));
        if is_senders && event.kind == EventKind::Pixel && !event.class.is_proxy() {
            since_send.is_below(AT_SEND)
        } else {
            Holds::No
        }
    }

    /// Whether two links were followed at the same time as `event`, by what may be the same reader.
    fn is_burst(&self, event: &Event) -> bool {
        if !event.kind.is_fetch() || event.class.is_proxy() {
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

    /// Whether Gmail's proxy may have come with the delivery, which is the latest that it can be.
    fn is_early(&self, event: &Event) -> bool {
        event.kind == EventKind::Pixel
            && event.class == Class::GmailProxy
            && self.since_send(event).is_below(self.message.undo + EARLY) != Holds::No
    }

    /// Whether the same reader was a machine shortly before. What comes later takes nothing back that
    /// was told: a person's open stays one, whatever scans the message after it.
    fn is_near_machine(&self, event: &Event) -> bool {
        let Some(reader) = event.reader.filter(|_| !event.class.is_proxy()) else {
            return false;
        };
        // Several recipients may share an address with one scanner.
        let window = if self.message.recipients > 1 {
            BURST
        } else {
            NEAR_MACHINE
        };
        let first = of_reader(reader, event.at.plus(-window));
        let start = self.machines.partition_point(|machine| *machine < first);
        self.machines
            .get(start)
            .is_some_and(|machine| *machine <= of_reader(reader, event.at))
    }
}

/// Whether what made an event is a machine, whatever it did.
fn is_machine(event: &Event) -> bool {
    event.worth() == Claim::No && event.reason.is_some_and(Reason::names_machine)
}

/// The fetches that no proxy made, arranged for counting them.
struct Fetches {
    all: Vec<Rank>,
    by_reader: Vec<Rank>,
}

impl Fetches {
    fn new(events: &[Event]) -> Self {
        let counted: Vec<&Event> = events
            .iter()
            .filter(|event| event.kind.is_fetch() && !event.class.is_proxy())
            .collect();
        let ranks = |rank: fn(&Event) -> Rank| {
            let ranks: Vec<Rank> = counted.iter().map(|event| rank(event)).collect();
            in_order(&ranks)
        };
        Self {
            all: ranks(|event| fetched(event.kind, event.at)),
            by_reader: ranks(|event| fetched_by(event.reader, event.kind, event.at)),
        }
    }

    /// How many fetches of `kind` came in the same moment as `event`.
    fn near(&self, event: &Event, kind: EventKind) -> usize {
        let (first, last) = moment(event);
        count(&self.all, fetched(kind, first), fetched(kind, last))
    }

    /// How many of them came from what may be its reader.
    fn of_reader_near(&self, event: &Event, kind: EventKind) -> usize {
        let (first, last) = moment(event);
        let of = |reader| {
            let (first, last) = (
                fetched_by(reader, kind, first),
                fetched_by(reader, kind, last),
            );
            count(&self.by_reader, first, last)
        };
        match event.reader {
            Some(reader) => of(Some(reader)) + of(None),
            None => self.near(event, kind),
        }
    }
}

/// What is one moment with `event`, as far as bursts go.
const fn moment(event: &Event) -> (Millis, Millis) {
    (event.at.plus(-BURST), event.at.plus(BURST))
}

/// Where a fetch stands among those of its kind.
const fn fetched(kind: EventKind, at: Millis) -> Rank {
    (kind as i64, at.0)
}

/// Where a fetch stands among those of its reader, of which there are two kinds.
fn fetched_by(reader: Option<Reader>, kind: EventKind, at: Millis) -> Rank {
    let reader = reader.map_or(i64::MIN, Reader::number);
    // A time that no clock shows would be among those of the other kind.
    let at = at.0.clamp(-LATEST, LATEST);
    (reader, kind as i64 * 4 * LATEST + at)
}

/// How many entries of a sorted list lie from `first` to `last`.
fn count(sorted: &[Rank], first: Rank, last: Rank) -> usize {
    sorted.partition_point(|entry| *entry <= last) - sorted.partition_point(|entry| *entry < first)
}
