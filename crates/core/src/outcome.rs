//! What became of a press of Send: all of it is decided here.
//!
//! A Gmail tab sees signs and reports what they come to ([`next`]); the worker holds each report
//! against what it knows ([`Known::after`]): the time that an email was scheduled for, what was said
//! before, when, and by whom.

use crate::time::Millis;

/// What became of a press of Send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Gmail said that it sent the email.
    Sent,
    /// Gmail said that it will send the email at a later time.
    Scheduled,
    /// Gmail refused; nothing left.
    Refused,
    /// The user took it back.
    Undone,
    /// It left without its image.
    Untracked,
    /// It was to be sent at a later time, and the user cancelled that.
    Cancelled,
}

impl Outcome {
    /// Whether the email left, or will at its time.
    #[must_use]
    pub const fn left(self) -> bool {
        matches!(self, Self::Sent | Self::Scheduled | Self::Untracked)
    }

    /// Whether the email was handed back to the user.
    #[must_use]
    pub const fn is_taken_back(self) -> bool {
        matches!(self, Self::Undone | Self::Cancelled)
    }
}

/// How it is known what became of a press of Send, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Gmail's own request, or the answer to it.
    Wire,
    /// Gmail's message that says so.
    Toast,
    /// The email itself, in Gmail's lists or in its conversation.
    List,
    /// The email's compose form, open again.
    Form,
    /// A dialog after the press.
    Dialog,
    /// The user went on writing.
    Typing,
    /// The image could not be put into the editor.
    Editor,
    /// Somebody fetched the image.
    Fetch,
}

/// When an email leaves, by what the user pressed or Gmail's server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// At once, or when the time for taking it back is over.
    Now,
    /// At a time that was chosen.
    Later,
}

impl When {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Now => Outcome::Sent,
            Self::Later => Outcome::Scheduled,
        }
    }
}

/// When a scheduled email leaves, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Later {
    /// At this time, which its request named.
    Timed(Millis),
    /// At a time that is not known.
    Untimed,
}

impl Later {
    /// Of an email that is to be sent `at`, and of which it was known `settled_at` that it is
    /// scheduled: a time before that is the one of the press.
    #[must_use]
    pub fn of(at: Millis, settled_at: Millis) -> Self {
        if at > settled_at {
            Self::Timed(at)
        } else {
            Self::Untimed
        }
    }
}

/// For how long after a send a page that took part in it may still see it taken back, in
/// milliseconds. Gmail offers to undo a send for up to 30 seconds.
const UNDO_MS: i64 = 120_000;

/// Who says what became of an email, the most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Gmail's server, in its answer to a request.
    Server,
    /// The page that the email was sent from.
    Sender,
    /// Any other page: it may be behind, and show as a draft what has left.
    Other,
}

/// A report about an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// What became of the email.
    pub outcome: Outcome,
    /// How that is known.
    pub signal: Signal,
    /// Who says so.
    pub origin: Origin,
    /// As of when: of an answer, when its request was made.
    pub at: Millis,
    /// When the page that says so was loaded: what it shows is no older.
    pub since: Millis,
}

/// What is known of an email that was handed to Gmail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// What became of it, where that is known.
    pub outcome: Option<Outcome>,
    /// When it was handed over, or the time that it is scheduled for.
    pub sent_at: Millis,
    /// When its outcome became known.
    pub settled_at: Millis,
}

impl Known {
    /// When the email leaves if it is scheduled.
    #[must_use]
    pub fn later(&self) -> Later {
        Later::of(self.sent_at, self.settled_at)
    }

    /// What became of the email by `statement`; `None` where that says nothing new.
    #[must_use]
    pub fn after(&self, statement: Statement) -> Option<Outcome> {
        if !self.is_open_to(statement) {
            return None;
        }
        let Statement {
            outcome,
            signal,
            at,
            ..
        } = statement;
        let state = self.outcome.map_or(State::Unknown, State::Settled);
        next(state, Sign::reported(outcome, signal, self.later(), at))?.outcome()
    }

    /// Whether `statement` can say anything about what is known.
    fn is_open_to(&self, statement: Statement) -> bool {
        let Statement { origin, at, .. } = statement;
        let is_soon = at.since(self.settled_at) <= UNDO_MS;
        match (self.outcome, statement.outcome) {
            // An answer to what was asked before the user took the email back, or before it was sent
            // without its image.
            (Some(known), Outcome::Sent | Outcome::Scheduled)
                if known.is_taken_back() || known == Outcome::Untracked =>
            {
                at >= self.settled_at
            }
            (_, Outcome::Sent | Outcome::Scheduled | Outcome::Untracked)
            | (Some(Outcome::Refused | Outcome::Undone | Outcome::Cancelled), _) => true,
            (Some(Outcome::Sent | Outcome::Untracked), _) => match origin {
                Origin::Server => at > self.settled_at,
                Origin::Sender => is_soon,
                Origin::Other => false,
            },
            // Gmail's other pages are a little behind, unless they were loaded since.
            (Some(Outcome::Scheduled), _) => {
                origin != Origin::Other
                    || statement.signal != Signal::Form
                    || !is_soon
                    || statement.since > self.settled_at
            }
            // Gmail has a draft of it until it has sent it.
            (None, _) => match origin {
                // The answer to another page's request may be of before the send.
                Origin::Server => at.since(self.sent_at) > UNDO_MS,
                Origin::Sender => true,
                Origin::Other => false,
            },
        }
    }

    /// From when on a load that is not the sender's own proves that the email left after all; `None`
    /// for one that is known to have left. No statement that it did not leave is final.
    #[must_use]
    pub const fn disproved_from(&self) -> Option<Millis> {
        match self.outcome {
            Some(Outcome::Refused | Outcome::Untracked) => Some(self.sent_at),
            // Its draft was saved without the image.
            Some(Outcome::Undone | Outcome::Cancelled) => Some(self.settled_at),
            Some(Outcome::Sent | Outcome::Scheduled) | None => None,
        }
    }

    /// What is known of the email when it is handed to Gmail at `now` to be delivered at `delivery`,
    /// once more where `before` is known of it. A repeated request, or a press that follows an email
    /// which has left, never moves the time of sending: it would come behind what was judged by it.
    #[must_use]
    pub fn handed(before: Option<Self>, delivery: Millis, now: Millis) -> Self {
        let fresh = Self {
            outcome: None,
            sent_at: delivery,
            settled_at: Millis::default(),
        };
        let Some(before) = before else { return fresh };
        if before.sent_at > now || delivery > now {
            // Its time has not come: it may be given another one.
            return fresh;
        }
        match before.outcome {
            Some(Outcome::Sent | Outcome::Scheduled) => before,
            Some(Outcome::Refused | Outcome::Undone | Outcome::Cancelled) => fresh,
            // What is handed over has its image: whatever left without one is not all that leaves.
            Some(Outcome::Untracked) | None => Self {
                sent_at: before.sent_at.min(delivery),
                ..fresh
            },
        }
    }
}

/// How things stand with an email after the press of Send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Gmail has it in hand, and may still refuse it.
    Pressed(When),
    /// Gmail's request for it was seen: it does not refuse any more.
    Requested(When),
    /// Gmail refused it, and its image is out again. It may leave all the same, when Gmail's dialog
    /// is answered: with its image where the request is seen, else without.
    Refused(When),
    /// Nothing is known, and nothing is waited for.
    Unknown,
    /// It is known what became of it.
    Settled(Outcome),
}

impl State {
    /// What became of the email, where that is known.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Pressed(_) | Self::Requested(_) | Self::Unknown => None,
            Self::Refused(_) => Some(Outcome::Refused),
            Self::Settled(outcome) => Some(outcome),
        }
    }

    /// What a Gmail tab reports of it. A tab does not know the times of scheduled emails, so it
    /// never says by itself that one was cancelled, only that it was taken back.
    #[must_use]
    pub const fn reported(self) -> Option<Outcome> {
        match self.outcome() {
            Some(Outcome::Cancelled) => Some(Outcome::Undone),
            outcome => outcome,
        }
    }
}

/// Something that tells what became of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// Gmail's page sends its request for it.
    Request,
    /// Gmail said no, or the user goes on writing it.
    Refusal,
    /// The page shows that it left, and neither when it does so nor with what in it.
    Left,
    /// Gmail has it: for sending, or for a later time.
    Accepted(When),
    /// It carries no image, and none can be added.
    ImageMissing,
    /// It is a draft.
    Draft,
    /// It has gone from the list of scheduled emails in the moment in which Gmail offered to undo
    /// something about it.
    Unlisted,
    /// It has gone from there so, and its time has come.
    UnlistedWhenDue,
}

impl Sign {
    /// The sign that a Gmail tab reports at `now` as an outcome, of an email that would be sent at
    /// `later` if it were scheduled.
    #[must_use]
    pub fn reported(outcome: Outcome, signal: Signal, later: Later, now: Millis) -> Self {
        match (outcome, signal, later) {
            (Outcome::Sent, ..) => Self::Accepted(When::Now),
            (Outcome::Scheduled, ..) => Self::Accepted(When::Later),
            (Outcome::Refused, ..) => Self::Refusal,
            (Outcome::Untracked, ..) => Self::ImageMissing,
            (Outcome::Undone, Signal::Toast, Later::Timed(at)) if at <= now => {
                Self::UnlistedWhenDue
            }
            (Outcome::Undone, Signal::Toast, _) => Self::Unlisted,
            (Outcome::Undone | Outcome::Cancelled, ..) => Self::Draft,
        }
    }
}

/// How things stand after `sign`; `None` where it says nothing about them.
#[must_use]
pub const fn next(state: State, sign: Sign) -> Option<State> {
    use State::{Pressed, Refused, Requested, Settled, Unknown};
    match sign {
        Sign::Request => match state {
            Pressed(when) | Refused(when) => Some(Requested(when)),
            _ => None,
        },
        Sign::Refusal => match state {
            Pressed(when) => Some(Refused(when)),
            // Gmail refuses before it makes its request, and once.
            Requested(_) | Refused(_) => None,
            Unknown | Settled(_) => Some(Settled(Outcome::Refused)),
        },
        Sign::Left => match state {
            Pressed(when) | Requested(when) => Some(Settled(when.outcome())),
            Refused(_) => Some(Settled(Outcome::Untracked)),
            Unknown | Settled(_) => None,
        },
        Sign::Accepted(said) => match state {
            // The labels in an answer are less certain than what the user pressed.
            Pressed(When::Later) | Requested(When::Later) | Refused(When::Later) => {
                Some(Settled(Outcome::Scheduled))
            }
            _ => Some(Settled(said.outcome())),
        },
        Sign::ImageMissing => Some(Settled(Outcome::Untracked)),
        // At its time it leaves Gmail's list as one that is cancelled does.
        Sign::UnlistedWhenDue if matches!(state, Settled(Outcome::Scheduled)) => None,
        Sign::Draft | Sign::Unlisted | Sign::UnlistedWhenDue => taken_back(state),
    }
}

const fn taken_back(state: State) -> Option<State> {
    use Outcome::{Cancelled, Scheduled, Sent, Undone, Untracked};
    match state {
        // Gmail saves the draft on the way to sending it, too.
        State::Pressed(_) | State::Requested(_) => None,
        // It stays one.
        State::Refused(_) => Some(State::Settled(Outcome::Refused)),
        State::Settled(outcome) => match outcome {
            Sent | Untracked => Some(State::Settled(Undone)),
            Scheduled => Some(State::Settled(Cancelled)),
            // What did not leave cannot be taken back.
            Outcome::Refused | Undone | Cancelled => None,
        },
        State::Unknown => Some(State::Settled(Undone)),
    }
}

/// What the list of scheduled emails shows of one, and whether Gmail offers to undo something in
/// its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// It is there.
    Listed,
    /// It is there, and so is the offer: that is about the scheduling itself, or something else.
    ListedWithUndo,
    /// It is not there.
    Gone,
    /// It is not there, and the offer is.
    GoneWithUndo,
}

impl Row {
    /// What it tells that the list shows this and showed `before` when last looked at. A row alone
    /// goes for many reasons.
    #[must_use]
    pub const fn sign(self, before: Self) -> Option<Sign> {
        match (before, self) {
            (Self::Listed, Self::GoneWithUndo) => Some(Sign::Unlisted),
            (Self::Gone | Self::GoneWithUndo, Self::Listed | Self::ListedWithUndo) => {
                Some(Sign::Accepted(When::Later))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
