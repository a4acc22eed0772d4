//! What is kept, as the rest of the worker speaks of it.

use kaifu_core::choice::Choices;
use kaifu_core::clock::Clocks;
use kaifu_core::gmail::id::{DraftId, LegacyId, ThreadId};
use kaifu_core::mail::mode::Mode;
use kaifu_core::outcome::{Known, Later, Outcome, Signal, Statement};
use kaifu_core::report::Traces;
use kaifu_core::time::{MINUTE, Millis};
use kaifu_protocol::api::Event;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::state::State;

/// An email that was handed to Gmail. Of one that is not tracked only Gmail's ids, the time and what
/// became of it are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeptMessage {
    /// The message: 8 bytes in base64url without padding.
    pub(crate) message: String,
    /// The account whose image it carries.
    pub(crate) account: Option<String>,
    /// How it is tracked.
    pub(crate) mode: Mode,
    /// Gmail's sync id of the draft.
    pub(crate) draft: Option<DraftId>,
    /// Gmail's sync id of the conversation.
    pub(crate) thread: Option<ThreadId>,
    /// The id by which the conversation can be opened.
    pub(crate) legacy_thread: Option<LegacyId>,
    /// The mailbox that sent it.
    pub(crate) mailbox: Option<String>,
    /// Where the mailbox was, such as `u/0`.
    pub(crate) mailbox_path: String,
    /// The address it was sent as, where that is not the mailbox's own.
    pub(crate) alias: Option<String>,
    /// The subject.
    pub(crate) subject: String,
    /// To, cc and bcc.
    pub(crate) recipients: Vec<Recipient>,
    /// When Send was last pressed, or the time that it was scheduled for.
    pub(crate) sent_at: Millis,
    /// What became of it, once that is known.
    pub(crate) outcome: Option<Outcome>,
    /// How that is known.
    pub(crate) signal: Option<Signal>,
    /// When that was: a scheduled email whose time is not later has no known time.
    pub(crate) settled_at: Millis,
    /// What was known of the clocks at the press; `None` where an earlier version kept nothing of it.
    pub(crate) clocks: Option<Clocks>,
}

impl KeptMessage {
    /// Whether it left, as far as anybody knows.
    pub(crate) fn left(&self) -> bool {
        self.outcome.is_none_or(Outcome::left)
    }

    /// When Gmail sends it, where it is scheduled.
    pub(crate) fn later(&self) -> Option<Later> {
        (self.outcome == Some(Outcome::Scheduled)).then(|| self.time())
    }

    /// When it leaves if it is scheduled.
    pub(crate) fn time(&self) -> Later {
        self.known().later()
    }

    /// What is known of what became of it.
    pub(crate) fn known(&self) -> Known {
        Known {
            outcome: self.outcome,
            sent_at: self.sent_at,
            settled_at: self.settled_at,
        }
    }

    /// Takes in what is said of what became of it, at `now`. True when that says anything.
    pub(crate) fn settle(&mut self, statement: Statement, now: Millis) -> bool {
        let Some(outcome) = self.known().after(statement) else {
            return false;
        };
        // One that was not cancelled after all still has the time that it had, or none.
        if self.outcome != Some(Outcome::Cancelled) {
            self.settled_at = now;
        }
        self.outcome = Some(outcome);
        self.signal = Some(statement.signal);
        true
    }
}

/// What an email came to when it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The email, without Gmail's ids, the alias and how its outcome is known.
    pub(crate) kept: KeptMessage,
    /// Its state, apart from what hangs on the time and its account.
    pub(crate) state: State,
    /// What came of it.
    pub(crate) traces: Traces,
    /// What is looked for in it: its subject, and its recipients' names and addresses, in lower case.
    pub(crate) words: String,
    /// When anything last happened, be it that it was sent.
    pub(crate) activity: Millis,
    /// What was known of the clocks when it was judged, where something in it was kept without its
    /// own: it holds only as long as that does.
    pub(crate) as_of: Option<Clocks>,
}

/// What the user asked about an email.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Whether no notification is shown of it.
    pub(crate) muted: bool,
    /// Of what the user is to be reminded.
    pub(crate) reminder: Option<Reminder>,
}

/// Reminds the user of an email of which something is missing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reminder {
    /// What is missing.
    pub(crate) missing: Missing,
    /// When that is looked at.
    pub(crate) at: Millis,
}

/// What may be missing of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A probable open.
    Open,
    /// The recipient's word that they read it.
    Confirmation,
}

/// What is remembered about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptDraft {
    /// Gmail's sync id of the draft.
    pub(crate) draft: DraftId,
    /// What was decided about it.
    pub(crate) choices: Choices,
    /// The message it stands for, once Send was pressed.
    pub(crate) message: Option<String>,
    /// When it was known to have left; `None` while it is a draft.
    pub(crate) left_at: Option<Millis>,
}

impl KeptDraft {
    /// `draft`, of which nothing is remembered yet.
    pub(crate) const fn new(draft: DraftId) -> Self {
        Self {
            draft,
            choices: Choices {
                chosen: None,
                pressed: None,
            },
            message: None,
            left_at: None,
        }
    }

    /// Whether nothing was decided about it.
    pub(crate) fn is_undecided(&self) -> bool {
        self.message.is_none() && self.choices == Choices::default()
    }

    /// Takes in what became of its email.
    pub(crate) fn settle(&mut self, outcome: Outcome, now: Millis) {
        match outcome {
            Outcome::Sent | Outcome::Untracked => self.left_at = Some(now),
            Outcome::Scheduled => self.left_at = None,
            // A draft again, about which Send will decide anew.
            Outcome::Refused | Outcome::Undone | Outcome::Cancelled => {
                self.left_at = None;
                self.choices.pressed = None;
            }
        }
    }
}

/// An event, and how far the user knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptEvent {
    /// The account it belongs to.
    pub(crate) account: String,
    /// The event itself.
    pub(crate) event: Event,
    /// How far the user knows of it.
    pub(crate) telling: Telling,
    /// How many further events like it came that are not kept, as there are too many of its message.
    pub(crate) more: u64,
    /// When the last of those was, by the server's clock; the epoch where there is none.
    pub(crate) more_at: Millis,
    /// What was known of the clocks when it was told; `None` where an earlier version kept nothing of it.
    pub(crate) clocks: Option<Clocks>,
}

/// The sender looked at their own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptView {
    /// When it came into view.
    pub(crate) at: Millis,
    /// What was known of the clocks then; `None` where an earlier version kept nothing of it.
    pub(crate) clocks: Option<Clocks>,
}

/// How far the user knows of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// They may still have to be told.
    Pending,
    /// They were told, and have not looked since.
    Fresh,
    /// They need not be told, or have looked.
    Done,
}

impl KeptEvent {
    /// Whether `event` says no more than this one does, so that counting it is enough.
    pub(crate) fn says(&self, event: &Event) -> bool {
        let of = |event: &Event| (event.kind, event.source.class, event.claim);
        of(&self.event) == of(event)
    }

    /// Whether the user was told of it, or need not be.
    pub(crate) fn is_handled(&self) -> bool {
        self.telling != Telling::Pending
    }

    /// Whether it is `event` of `account`, be it under another number: a server whose database went
    /// back stores what it lacks again. Where servers gave no ids, the number must do.
    pub(crate) fn is(&self, account: &str, event: &Event) -> bool {
        let same = if event.id.is_empty() || self.event.id.is_empty() {
            self.event.seq == event.seq
        } else {
            self.event.id == event.id
        };
        self.account == account && same
    }
}

/// The times in which a server was asked again and again and never answered: each from the first question
/// to the answer after it, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absences(pub(crate) Vec<[i64; 2]>);

impl Absences {
    /// How many are kept.
    const MOST: usize = 20;

    /// Longer without a question, and nobody knows what was meanwhile: the computer may have slept.
    const APART: i64 = 10 * MINUTE;

    /// The one that goes on at `now`, where the last answer came at `heard`.
    fn current(&mut self, heard: Millis, now: Millis) -> Option<&mut [i64; 2]> {
        let goes_on = |until: i64| until > heard.0 && (0..=Self::APART).contains(&(now.0 - until));
        self.0.last_mut().filter(|[_, until]| goes_on(*until))
    }

    /// A question was left without an answer.
    pub(crate) fn unanswered(&mut self, heard: Millis, now: Millis) {
        if let Some([_, until]) = self.current(heard, now) {
            *until = now.0;
            return;
        }
        self.drop_single();
        if self.0.len() == Self::MOST {
            self.0.remove(0);
        }
        self.0.push([now.0, now.0]);
    }

    /// The server answers again.
    pub(crate) fn answered(&mut self, heard: Millis, now: Millis) {
        self.drop_single();
        if let Some([_, until]) = self.current(heard, now) {
            *until = now.0;
        }
    }

    /// One question may fail for many reasons, the first after a sleep most of all.
    fn drop_single(&mut self) {
        self.0.pop_if(|[from, until]| from == until);
    }

    /// Those that did not end before an email was sent.
    pub(crate) fn since(mut self, sent_at: Millis) -> Vec<i64> {
        self.0
            .retain(|[from, until]| from < until && *until > sent_at.0);
        self.0.into_flattened()
    }
}

/// What was heard from an account's server, apart from events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The sequence number of the last event that is known, 0 for none.
    pub(crate) cursor: u64,
    /// When it last answered.
    pub(crate) at: Millis,
    /// What is known of its clock and this browser's.
    pub(crate) clocks: Clocks,
    /// When it did not answer.
    pub(crate) absences: Absences,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The absences that come of questions at these minutes: those with true were answered.
    fn asked(questions: &[(i64, bool)]) -> Vec<[i64; 2]> {
        let (mut absences, mut heard) = (Absences::default(), Millis(0));
        for &(minute, is_answered) in questions {
            let now = Millis(minute * MINUTE);
            if is_answered {
                absences.answered(heard, now);
                heard = now;
            } else {
                absences.unanswered(heard, now);
            }
        }
        let all = absences.since(Millis(0));
        let pairs = all.as_chunks().0.iter();
        pairs
            .map(|its: &[i64; 2]| its.map(|at| at / MINUTE))
            .collect()
    }

    #[test]
    fn a_server_is_absent_while_it_was_asked_in_vain_and_no_longer() {
        for (questions, expected) in [
            (&[(1, true), (2, true)][..], &[][..]),
            // One that failed says nothing.
            (&[(1, true), (2, false), (3, true), (4, true)], &[]),
            (
                &[(1, true), (2, false), (3, false), (5, true), (6, true)],
                &[[2, 5]],
            ),
            (&[(2, false), (3, false)], &[[2, 3]]),
            // Nobody asked for hours.
            (
                &[
                    (2, false),
                    (3, false),
                    (200, false),
                    (201, false),
                    (202, true),
                ],
                &[[2, 3], [200, 202]],
            ),
            (
                &[(2, false), (3, false), (200, true), (201, true)],
                &[[2, 3]],
            ),
            (&[(2, false), (200, false), (400, true)], &[]),
            // What came after an answer is another one.
            (
                &[
                    (2, false),
                    (3, false),
                    (4, true),
                    (5, false),
                    (6, false),
                    (7, true),
                ],
                &[[2, 4], [5, 7]],
            ),
            // The clock was set back.
            (
                &[(9, false), (10, false), (3, false), (4, false), (5, true)],
                &[[9, 10], [3, 5]],
            ),
        ] {
            assert_eq!(asked(questions), expected, "{questions:?}");
        }
    }

    #[test]
    fn only_the_last_absences_are_kept() {
        let questions: Vec<(i64, bool)> =
            (1..=300).map(|minute| (minute, minute % 3 == 0)).collect();
        let kept = asked(&questions);
        assert_eq!(kept.len(), Absences::MOST);
        assert_eq!(kept.last(), Some(&[298, 300]));
    }

    #[test]
    fn an_email_is_told_of_the_absences_since_it_was_sent() {
        let absences = Absences(vec![[10, 20], [30, 40], [50, 50]]);
        let since = |at| absences.clone().since(Millis(at));
        assert_eq!(since(5), [10, 20, 30, 40]);
        assert_eq!(since(15), [10, 20, 30, 40]);
        assert_eq!(since(20), [30, 40]);
        assert_eq!(since(40), [0; 0]);
    }
}
