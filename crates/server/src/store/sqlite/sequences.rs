//! The numbers that an account's events get in one transaction.

use kaifu_core::id::AccountId;
use rusqlite::{OptionalExtension as _, Transaction};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Where the events of one transaction go, by account; `None` where there is no such account.
pub(super) struct Sequences {
    /// No number may be as low as this one.
    least: i64,
    places: HashMap<AccountId, Option<Place>>,
    /// Accounts that are deleted.
    gone: Vec<AccountId>,
}

/// An account's row, and the number of its last event before and after this transaction.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: i64,
    stored: i64,
    pub(super) last: i64,
}

impl Sequences {
    /// Nothing is known yet; numbers are of this era.
    pub(super) fn of_era(era: i64) -> Self {
        Self {
            least: era << 32,
            places: HashMap::new(),
            gone: Vec::new(),
        }
    }

    /// An account may be there now that was not when it was looked for.
    pub(super) fn forget(&mut self, account: AccountId) {
        self.places.remove(&account);
    }

    /// The account is deleted.
    pub(super) fn end(&mut self, account: AccountId) {
        self.places.insert(account, None);
        self.gone.push(account);
    }

    /// Where the account's events go, if there is such an account.
    pub(super) fn find(
        &mut self,
        transaction: &Transaction<'_>,
        account: AccountId,
    ) -> rusqlite::Result<Option<Place>> {
        Ok(match self.places.entry(account) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let select = "SELECT account, last_seq FROM accounts WHERE id = ?1";
                let found = transaction
                    .prepare_cached(select)?
                    .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                *unknown.insert(found.map(|(row, last)| Place {
                    row,
                    stored: last,
                    last,
                }))
            }
        })
    }

    /// The number of one more event of an account that was found.
    pub(super) fn next(&mut self, account: AccountId) -> i64 {
        match self.places.get_mut(&account) {
            Some(Some(place)) => {
                place.last = place.last.max(self.least) + 1;
                place.last
            }
            _ => unreachable!("only events of accounts that were found are numbered"),
        }
    }

    /// Writes the last numbers that rose, and returns whom that concerns.
    pub(super) fn save(self, transaction: &Transaction<'_>) -> rusqlite::Result<Vec<AccountId>> {
        let mut update =
            transaction.prepare_cached("UPDATE accounts SET last_seq = ?2 WHERE account = ?1")?;
        let mut news = self.gone;
        for (account, place) in self.places {
            if let Some(place) = place.filter(|place| place.last > place.stored) {
                update.execute([place.row, place.last])?;
                news.push(account);
            }
        }
        Ok(news)
    }
}
