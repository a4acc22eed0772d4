//! What recipients refused and erased and which accounts were deleted, in a file beside the database:
//! a restored copy does not know of it, and none of it may come back.
//!
//! A line each: a letter, the time in milliseconds, and whose it is. What was erased or deleted is
//! named by a hash alone. The file is made with its first line.

use crate::data_dir::{private_file, replace_private, sync_parent};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is hashed before an account's id.
pub(super) const ACCOUNT: &str = "kaifu/journal/account/v1";

/// What is hashed before an account's id and a message's.
pub(super) const MESSAGE: &str = "kaifu/journal/message/v1";

/// The first 16 bytes of a hash of an account's id, or of a message's with its account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name([u8; 16]);

impl Name {
    /// The name of an account.
    pub(super) fn of_account(account: AccountId) -> Self {
        Self::of(ACCOUNT, &[&account.0])
    }

    /// The name of a message.
    pub(super) fn of_message(account: AccountId, message: MessageId) -> Self {
        Self::of(MESSAGE, &[&account.0, &message.0])
    }

    /// The hash.
    pub(super) const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn of(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new_with_prefix(purpose);
        for part in parts {
            hash.update(part);
        }
        let mut name = [0; 16];
        name.copy_from_slice(&hash.finalize()[..16]);
        Self(name)
    }
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The message was refused. It is named, as the copy may not know it yet.
    Refusal {
        at: Millis,
        account: AccountId,
        message: MessageId,
    },
    /// The message's refusal was lifted.
    Lift {
        at: Millis,
        account: AccountId,
        message: MessageId,
    },
    /// The message's events were erased.
    Erasure { at: Millis, message: Name },
    /// The account was deleted.
    Deletion { at: Millis, account: Name },
}

impl Entry {
    /// When it was done.
    pub(super) const fn at(&self) -> Millis {
        match self {
            Self::Refusal { at, .. }
            | Self::Lift { at, .. }
            | Self::Erasure { at, .. }
            | Self::Deletion { at, .. } => *at,
        }
    }

    /// The message that was refused, or is not any more.
    const fn refusable(&self) -> Option<(AccountId, MessageId)> {
        match self {
            Self::Refusal {
                account, message, ..
            }
            | Self::Lift {
                account, message, ..
            } => Some((*account, *message)),
            Self::Erasure { .. } | Self::Deletion { .. } => None,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal {
                at,
                account,
                message,
            } => write!(f, "R {} {account} {message}", at.0),
            Self::Lift {
                at,
                account,
                message,
            } => write!(f, "A {} {account} {message}", at.0),
            Self::Erasure { at, message } => write!(f, "E {} {:032x}", at.0, number(*message)),
            Self::Deletion { at, account } => write!(f, "D {} {:032x}", at.0, number(*account)),
        }
    }
}

fn number(name: Name) -> u128 {
    u128::from_be_bytes(name.0)
}

/// A line that this version cannot read, or that was not written to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreadable;

impl FromStr for Entry {
    type Err = Unreadable;

    fn from_str(line: &str) -> Result<Self, Unreadable> {
        let mut words = line.split(' ');
        let mut next = || words.next().ok_or(Unreadable);
        let (letter, at, first) = (next()?, next()?, next()?);
        let at = Millis(at.parse().map_err(|_| Unreadable)?);
        let name = || {
            let is_whole = first.len() == 32;
            let number = u128::from_str_radix(first, 16).ok().filter(|_| is_whole);
            number.map(|it| Name(it.to_be_bytes())).ok_or(Unreadable)
        };
        match letter {
            "R" => Ok(Self::Refusal {
                at,
                account: first.parse().map_err(|_| Unreadable)?,
                message: next()?.parse().map_err(|_| Unreadable)?,
            }),
            "A" => Ok(Self::Lift {
                at,
                account: first.parse().map_err(|_| Unreadable)?,
                message: next()?.parse().map_err(|_| Unreadable)?,
            }),
            "E" => Ok(Self::Erasure {
                at,
                message: name()?,
            }),
            "D" => Ok(Self::Deletion {
                at,
                account: name()?,
            }),
            _ => Err(Unreadable),
        }
    }
}

/// The file.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// The journal of the database at `path`.
    pub(super) fn beside(path: &Path) -> Self {
        Self::at(path.with_extension("journal"))
    }

    /// The journal in the file at `path`.
    pub(super) const fn at(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Adds `entries`, which are on the disk when this returns.
    pub(super) fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let file = private_file().create(true).append(true).open(&self.path)?;
            sync_parent(&self.path)?;
            self.file.insert(file)
        };
        let text = lines(entries);
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// All that can be read, oldest first; `None` where there is no file.
    pub(super) fn read(&self) -> io::Result<Option<Vec<Entry>>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(
                text.lines().filter_map(|line| line.parse().ok()).collect(),
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The accounts that it names, and does not say to be deleted.
    pub(super) fn named(&self) -> io::Result<HashSet<AccountId>> {
        let entries = self.read()?.unwrap_or_default();
        let deleted = deleted_in(&entries);
        let named = entries.iter().filter_map(Entry::refusable);
        let named = named.map(|(account, _)| account);
        Ok(named
            .filter(|account| !deleted.contains(&Name::of_account(*account)))
            .collect())
    }

    /// Forgets erasures and deletions of before `before`, which no event can outlive, refusals that
    /// another one or their end followed, and whatever names an account that is deleted, or one of
    /// `ended`, which are gone as well.
    pub(super) fn compact(&mut self, before: Millis, ended: &[AccountId]) -> io::Result<()> {
        let Some(entries) = self.read()? else {
            return Ok(());
        };
        let mut deleted = deleted_in(&entries);
        deleted.extend(ended.iter().copied().map(Name::of_account));
        // Of a message's refusals and their ends only the last one holds.
        let last: HashMap<_, _> = (entries.iter().enumerate())
            .filter_map(|(place, entry)| Some((entry.refusable()?, place)))
            .collect();
        let is_needed = |(place, entry): &(usize, &Entry)| match entry {
            Entry::Refusal {
                account, message, ..
            }
            | Entry::Lift {
                account, message, ..
            } => {
                let is_last = last.get(&(*account, *message)) == Some(place);
                is_last && !deleted.contains(&Name::of_account(*account))
            }
            Entry::Erasure { at, .. } | Entry::Deletion { at, .. } => at.0 >= before.0,
        };
        let needed = entries.iter().enumerate().filter(is_needed);
        let needed: Vec<&Entry> = needed.map(|(_, entry)| entry).collect();
        if needed.len() < entries.len() {
            let text = lines(needed);
            self.file = None;
            replace_private(&self.path, text.as_bytes())?;
        }
        Ok(())
    }
}

fn deleted_in(entries: &[Entry]) -> HashSet<Name> {
    let deleted = entries.iter().filter_map(|entry| match entry {
        Entry::Deletion { account, .. } => Some(*account),
        _ => None,
    });
    deleted.collect()
}

fn lines<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> String {
    let lines: Vec<_> = entries.into_iter().map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_read_as_written_and_forgets_what_nobody_needs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        let mut journal = Journal::beside(&path);
        assert_eq!(journal.read().unwrap(), None);
        let (kept, gone) = (AccountId([1; 8]), AccountId([2; 8]));
        let message = MessageId([3; 8]);
        let refusal = |account| Entry::Refusal {
            at: Millis(5),
            account,
            message,
        };
        let erasure = |at| Entry::Erasure {
            at: Millis(at),
            message: Name::of_message(kept, message),
        };
        let deletion = Entry::Deletion {
            at: Millis(9),
            account: Name::of_account(gone),
        };
        let entries = [
            refusal(kept),
            refusal(gone),
            erasure(5),
            erasure(9),
            deletion,
        ];
        journal.append(&entries[..2]).unwrap();
        journal.append(&entries[2..]).unwrap();
        assert_eq!(journal.read().unwrap().unwrap(), entries);
        // The power failed within a line.
        let file = path.with_extension("journal");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, &text[..text.len() - 5]).unwrap();
        assert_eq!(journal.read().unwrap().unwrap(), entries[..4]);
        std::fs::write(&file, text).unwrap();

        assert_eq!(journal.named().unwrap(), [kept].into());
        journal.compact(Millis(8), &[]).unwrap();
        let left = [refusal(kept), erasure(9), deletion];
        assert_eq!(journal.read().unwrap().unwrap(), left);
        journal.append(&[erasure(10)]).unwrap();
        assert_eq!(journal.read().unwrap().unwrap().len(), 4);

        // Of a refusal, its end and the next one, the last is left.
        let allowed = Entry::Lift {
            at: Millis(11),
            account: kept,
            message,
        };
        journal.append(&[allowed]).unwrap();
        journal.compact(Millis(10), &[]).unwrap();
        assert_eq!(journal.read().unwrap().unwrap(), [erasure(10), allowed]);
        journal.append(&[refusal(kept)]).unwrap();
        journal.compact(Millis(10), &[]).unwrap();
        assert_eq!(
            journal.read().unwrap().unwrap(),
            [erasure(10), refusal(kept)]
        );
        // Another server deleted the account.
        journal.compact(Millis(10), &[kept]).unwrap();
        assert_eq!(journal.read().unwrap().unwrap(), [erasure(10)]);
    }
}
