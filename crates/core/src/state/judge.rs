//! What the events of a message come to together.

use super::around::Around;
use super::event::{Event, EventKind};
use super::fold::repeats;
use super::readers::{Readers, estimate};
use super::reason::{EventReason, State, StateReason};
use super::sent::{Sent, View};
use crate::fetch::Claim;

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
    let around = Around::new(message, events, own_views);
    let mut judged: Vec<JudgedEvent> = events
        .iter()
        .map(|event| around.weigh(event))
        .map(|(claim, reason)| JudgedEvent {
            claim,
            reason,
            folded_into: None,
        })
        .collect();
    let claims: Vec<Claim> = judged.iter().map(|judged| judged.claim).collect();
    for (repeat, first) in repeats(around.order(), events, &claims) {
        judged[repeat].folded_into = Some(first);
    }
    let claimed = || {
        events.iter().zip(&judged).filter_map(|(event, judged)| {
            let counts = judged.claim == Claim::Likely && judged.folded_into.is_none();
            (counts && event.kind.is_fetch() && !event.is_count()).then_some(event)
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
        // What was taken back is as if it had never been.
        (EventKind::Undo, ..) | (_, EventReason::TakenBack, _) => {
            (State::Unseen, StateReason::NothingSeen)
        }
        (EventKind::Refuse, ..) => (State::Refused, StateReason::RefusePressed),
        (_, reason, _) if reason.is_own() => (State::Unseen, StateReason::OnlyOwn),
        (EventKind::Read, _, Claim::Likely) => (State::Confirmed, StateReason::ReadPressed),
        (EventKind::Agree, _, Claim::Likely) => (State::Confirmed, StateReason::AgreePressed),
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
        StateReason::LinkFollowed | StateReason::ReadPressed => 2,
        _ => 1,
    }
}
