//! What the writer can be asked.

use super::segments::Key;
use crate::store::journal::{Entry, Name};
use crate::store::{AccountRow, CredentialHash, NewEvent, Recorded, Reply, StoreError};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use tokio::sync::oneshot;

/// What the writer can be asked.
pub(super) enum Command {
    Record(NewEvent, Reply<Recorded>),
    /// Lifts a refusal, which the event says.
    Allow(NewEvent, Reply<Recorded>),
    CreateAccount {
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
        reply: Reply<bool>,
    },
    /// Makes an account's tokens dead; its events are to be removed.
    DeleteAccount(AccountRow, Reply<()>),
    /// Hides what was recorded about a message; its events are to be removed.
    Erase(AccountId, MessageId, Reply<()>),
    /// Removes the events with these keys and returns their number.
    Remove(Vec<Key>, Reply<u64>),
    /// Forgets an account whose events are removed.
    CloseGrave(i64, Reply<()>),
    /// Forgets an erasure up to a number whose events are removed.
    FinishErasing {
        account: i64,
        message: MessageId,
        up_to: i64,
        reply: Reply<()>,
    },
    /// Makes events of the counts of minutes before this one and returns their number; one slice.
    Settle(i64, Reply<u64>),
    /// Lets the store's hour go on, and returns it.
    Advance(Reply<i64>),
    /// Notes that a segment has no events from before that hour.
    Purged {
        segment: i64,
        before: i64,
        reply: Reply<()>,
    },
    /// Notes that accounts have asked for their events.
    Asked(Vec<AccountId>, Reply<()>),
    /// Has accounts of which nothing is known begin their time now, and returns their number.
    BeginTimes(Reply<u64>),
    /// Forgets those of these accounts whose time is over, and returns their number.
    EndAccounts(Vec<AccountRow>, Reply<u64>),
    /// Forgets these refusals, of messages of accounts, and returns their number.
    EndRefusals(Vec<(i64, MessageId)>, Reply<u64>),
    /// Gives that many free pages back to the file system, and returns how many are left.
    Shrink(u32, Reply<u64>),
    /// Forgets what the journal need not keep, of before that time.
    Compact(Millis, Reply<()>),
    /// Copies the rest of the log into the database.
    Checkpoint(Reply<()>),
    Check(Reply<()>),
    /// Takes no more commands, finishes those that wait, and stops.
    Close(oneshot::Sender<()>),
}

/// What came of a command.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Applied {
    /// The rows that were changed.
    pub(super) rows: u64,
    /// What else there is to tell.
    pub(super) value: i64,
}

impl Command {
    /// Whether what it removes is to leave the log as well.
    pub(super) const fn removes(&self) -> bool {
        matches!(
            self,
            Self::DeleteAccount(..)
                | Self::Erase(..)
                | Self::CloseGrave(..)
                | Self::FinishErasing { .. }
        )
    }

    /// What the journal is to know of it.
    pub(super) fn entry(&self, at: Millis) -> Option<Entry> {
        match self {
            Self::Record(event, _) if event.kind == EventKind::Refuse => Some(Entry::Refusal {
                at: event.at,
                account: event.account,
                message: event.message,
            }),
            Self::Allow(event, _) => Some(Entry::Lift {
                at: event.at,
                account: event.account,
                message: event.message,
            }),
            Self::Erase(account, message, _) => Some(Entry::Erasure {
                at,
                message: Name::of_message(*account, *message),
            }),
            Self::DeleteAccount(account, _) => Some(Entry::Deletion {
                at,
                account: Name::of_account(account.id),
            }),
            _ => None,
        }
    }

    /// Tells whoever asked what came of it; they may have gone away.
    pub(super) fn answer(self, applied: Result<Applied, StoreError>) {
        let rows = applied.as_ref().map_or(0, |applied| applied.rows);
        let value = applied.as_ref().map_or(0, |applied| applied.value);
        let outcome = applied.map(|_| ());
        match self {
            Self::Record(_, reply) | Self::Allow(_, reply) => {
                let recorded = if rows == 0 {
                    Recorded::Dropped
                } else {
                    Recorded::Kept
                };
                drop(reply.send(outcome.map(|()| recorded)));
            }
            Self::CreateAccount { reply, .. } => drop(reply.send(outcome.map(|()| rows > 0))),
            Self::Remove(_, reply)
            | Self::Settle(_, reply)
            | Self::BeginTimes(reply)
            | Self::EndAccounts(_, reply)
            | Self::EndRefusals(_, reply) => {
                drop(reply.send(outcome.map(|()| rows)));
            }
            Self::Advance(reply) => drop(reply.send(outcome.map(|()| value))),
            Self::Shrink(_, reply) => {
                let left = u64::try_from(value).unwrap_or_default();
                drop(reply.send(outcome.map(|()| left)));
            }
            Self::DeleteAccount(_, reply)
            | Self::Erase(_, _, reply)
            | Self::CloseGrave(_, reply)
            | Self::FinishErasing { reply, .. }
            | Self::Asked(_, reply)
            | Self::Purged { reply, .. }
            | Self::Compact(_, reply)
            | Self::Checkpoint(reply)
            | Self::Check(reply) => drop(reply.send(outcome)),
            Self::Close(reply) => drop(reply.send(())),
        }
    }
}
