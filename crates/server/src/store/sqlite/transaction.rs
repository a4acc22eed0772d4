//! What one transaction of the writer does.

use super::command::{Applied, Command};
use super::graves::bury;
use super::schema;
use super::segments::{self, Current, Key, PURGE_SLICE};
use super::sequences::Sequences;
use crate::store::clock::{self, Allowance};
use crate::store::row::{COLUMNS, Row, WIDTH};
use crate::store::{AccountRow, CredentialHash, NewEvent};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use rusqlite::{ToSql, Transaction, params, params_from_iter};
use std::time::Instant;

/// What the writer knows from one transaction to the next.
#[derive(Clone)]
pub(super) struct State {
    /// The segment that takes new events.
    pub(super) segment: Current,
    /// A segment and the earliest hour that is noted of its events.
    pub(super) earliest: Option<(i64, i64)>,
    /// How far the store's hour may go on.
    pub(super) allowance: Allowance,
}

/// The commands of one transaction.
pub(super) struct Batch<'a> {
    transaction: &'a Transaction<'a>,
    state: &'a mut State,
    sequences: Sequences,
    /// What the clock says, as an hour.
    pub(super) clock: i64,
    /// The store's hour.
    pub(super) hour: i64,
}

impl<'a> Batch<'a> {
    pub(super) fn begin(
        transaction: &'a Transaction<'a>,
        state: &'a mut State,
        now: Millis,
    ) -> rusqlite::Result<Self> {
        let select = "SELECT era, hour FROM state";
        let (era, hour): (i64, i64) = transaction
            .prepare_cached(select)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            transaction,
            state,
            sequences: Sequences::of_era(era),
            clock: clock::hour(now),
            hour,
        })
    }

    /// Writes what is left to write; returns the accounts that have news or are gone.
    pub(super) fn finish(self) -> rusqlite::Result<Vec<AccountId>> {
        self.sequences.save(self.transaction)
    }

    pub(super) fn apply(&mut self, command: &Command) -> rusqlite::Result<Applied> {
        let rows = match command {
            Command::Record(event, _) => self.record(event)?,
            Command::Allow(event, _) => self.allow(event)?,
            Command::Settle(minute, _) => self.settle(*minute)?,
            Command::Erase(account, message, _) => self.erase(*account, *message)?,
            Command::CreateAccount {
                id, credential, at, ..
            } => self.create_account(*id, *credential, *at)?,
            Command::DeleteAccount(account, _) => self.delete_account(*account)?,
            Command::Remove(keys, _) => self.remove(keys)?,
            Command::CloseGrave(account, _) => {
                self.execute("DELETE FROM graves WHERE account = ?1", &[account])?
            }
            Command::FinishErasing {
                account,
                message,
                up_to,
                ..
            } => {
                let delete = "DELETE FROM erasures
                    WHERE of_account = ?1 AND of_message = ?2 AND up_to = ?3";
                self.execute(delete, &[account, &message.0, up_to])?
            }
            Command::Asked(accounts, _) => self.note_asked(accounts)?,
            Command::BeginTimes(_) => self.begin_times()?,
            Command::EndAccounts(accounts, _) => self.end_accounts(accounts)?,
            Command::EndRefusals(refusals, _) => self.end_refusals(refusals)?,
            Command::Purged {
                segment, before, ..
            } => self.note_purged(*segment, *before)?,
            Command::Advance(_) => return self.advance(),
            Command::Shrink(pages, _) => return self.shrink(*pages),
            // Only writing shows whether it can be done: on a full disk all else works.
            Command::Check(_) => schema::touch(self.transaction).map(|()| 0)?,
            Command::Compact(..) | Command::Checkpoint(_) | Command::Close(_) => 0,
        };
        Ok(Applied { rows, value: 0 })
    }

    pub(super) fn execute(&self, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<u64> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.execute(values)? as u64)
    }

    pub(super) fn exists(&self, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<bool> {
        self.transaction.prepare_cached(sql)?.exists(values)
    }

    fn create_account(
        &mut self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> rusqlite::Result<u64> {
        // It may have been looked for in this very transaction, when it was not there.
        self.sequences.forget(id);
        let insert = "INSERT INTO accounts (id, credential, created_at, used, has_asked)
            VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (id) DO NOTHING";
        let now = self.clock.max(self.hour);
        self.execute(insert, &[&id.0, &credential.0, &at.0, &now])
    }

    /// Events behind this one in the batch find no account, and its polls are woken.
    pub(super) fn delete_account(&mut self, account: AccountRow) -> rusqlite::Result<u64> {
        self.sequences.end(account.id);
        Ok(bury(self.transaction, account.row)?.into())
    }

    /// What is counted goes at once, so no count can become an event of before the erasure.
    fn erase(&mut self, account: AccountId, message: MessageId) -> rusqlite::Result<u64> {
        let Some(place) = self.sequences.find(self.transaction, account)? else {
            return Ok(0);
        };
        let (row, last) = (place.row, place.last);
        let delete = "DELETE FROM floods WHERE account = ?1 AND message = ?2";
        let counts = self.execute(delete, &[&row, &message.0])?;
        let insert = "INSERT INTO erasures VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET up_to = max(up_to, excluded.up_to)";
        self.execute(insert, &[&row, &message.0, &last])?;
        Ok(counts)
    }

    fn remove(&self, keys: &[Key]) -> rusqlite::Result<u64> {
        keys.iter().try_fold(0, |removed, key| {
            let rows = segments::rows(key.segment);
            let delete = format!("DELETE FROM {rows} AND account = ?2 AND seq = ?3");
            let values: [&dyn ToSql; 3] = [&key.segment, &key.account, &key.seq];
            Ok(removed + self.execute(&delete, &values)?)
        })
    }

    fn advance(&mut self) -> rusqlite::Result<Applied> {
        let allowance = &mut self.state.allowance;
        self.hour = allowance.advance(self.hour, self.clock, Instant::now());
        let update = "UPDATE state SET hour = ?1 WHERE hour <> ?1";
        let rows = self.execute(update, &[&self.hour])?;
        let value = self.hour;
        Ok(Applied { rows, value })
    }

    fn shrink(&self, pages: u32) -> rusqlite::Result<Applied> {
        let give = format!("PRAGMA incremental_vacuum({pages})");
        let mut give = self.transaction.prepare(&give)?;
        let mut steps = give.query([])?;
        while steps.next()?.is_some() {}
        let left =
            (self.transaction).pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        Ok(Applied {
            rows: 0,
            value: left,
        })
    }

    /// Notes that a segment has nothing from before `hour`, or nothing at all and will not again.
    fn note_purged(&self, segment: i64, hour: i64) -> rusqlite::Result<u64> {
        let is_full = segment < self.state.segment.number();
        if is_full && segments::forget_empty(self.transaction, segment)? {
            return Ok(1);
        }
        let insert = "INSERT INTO segment_hours VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET earliest = excluded.earliest";
        self.execute(insert, &[&segment, &hour])
    }

    /// The segment and hour of one more event.
    fn place(&mut self) -> rusqlite::Result<(i64, i64)> {
        let segment = self.state.segment.take(self.transaction)?;
        let hour = self.clock.max(self.hour);
        let is_noted =
            (self.state.earliest).is_some_and(|(of, noted)| of == segment && noted <= hour);
        if !is_noted {
            let insert = "INSERT INTO segment_hours VALUES (?1, ?2)
                ON CONFLICT DO UPDATE SET earliest = min(earliest, excluded.earliest)";
            self.execute(insert, &[&segment, &hour])?;
            self.state.earliest = Some((segment, hour));
        }
        Ok((segment, hour))
    }

    fn record(&mut self, event: &NewEvent) -> rusqlite::Result<u64> {
        let Some(place) = self.sequences.find(self.transaction, event.account)? else {
            return Ok(0);
        };
        let account = place.row;
        if !self.is_wanted(account, event)? {
            return Ok(0);
        }
        let row = Row::from(event);
        if event.counted.is_some() {
            // A count stands for many, who need not have a device, place and reader in common.
            let insert = "INSERT INTO floods
                (account, minute, id, message, kind, at, class, claim, reason, client, times)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)
                ON CONFLICT DO UPDATE SET times = times + 1";
            let minute = row.minute();
            let values: [&dyn ToSql; 10] = [
                &account,
                &minute,
                &row.id,
                &row.message,
                &row.kind,
                &row.at,
                &row.class,
                &row.claim,
                &row.reason,
                &row.client,
            ];
            return self.execute(insert, &values);
        }
        self.insert(event.account, account, &row)
    }

    /// Stores an event of the account, which is in row `account`.
    fn insert(&mut self, id: AccountId, account: i64, row: &Row) -> rusqlite::Result<u64> {
        let seq = self.sequences.next(id);
        let (segment, hour) = self.place()?;
        let mut insert = self.transaction.prepare_cached(insert_event())?;
        let place: [&dyn ToSql; 4] = [&segment, &account, &seq, &hour];
        let values = place.into_iter().chain(row.values());
        Ok(insert.execute(params_from_iter(values))? as u64)
    }

    /// Lifts a refusal, if there is one, and stores the event that says so.
    fn allow(&mut self, undo: &NewEvent) -> rusqlite::Result<u64> {
        let Some(place) = self.sequences.find(self.transaction, undo.account)? else {
            return Ok(0);
        };
        let delete = "DELETE FROM refusals WHERE account = ?1 AND message = ?2";
        if self.execute(delete, &[&place.row, &undo.message.0])? == 0 {
            return Ok(0);
        }
        self.insert(undo.account, place.row, &Row::from(undo))
    }

    /// Whether the recipient lets it be stored. A first refusal is noted.
    fn is_wanted(&self, account: i64, event: &NewEvent) -> rusqlite::Result<bool> {
        if event.kind == EventKind::Refuse {
            let insert = "INSERT INTO refusals (account, message, at, until)
                VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let until = event.until.0;
            let values: [&dyn ToSql; 4] = [&account, &event.message.0, &event.at.0, &until];
            if self.execute(insert, &values)? > 0 {
                return Ok(true);
            }
            let longer = "UPDATE refusals SET until = ?3
                WHERE account = ?1 AND message = ?2 AND until < ?3";
            self.execute(longer, &[&account, &event.message.0, &until])?;
            return Ok(false);
        }
        if event.kind == EventKind::Undo {
            return Ok(true);
        }
        let select = "SELECT 1 FROM refusals WHERE account = ?1 AND message = ?2";
        let mut select = self.transaction.prepare_cached(select)?;
        Ok(!select.exists(params![account, event.message.0])?)
    }

    fn settle(&mut self, minute: i64) -> rusqlite::Result<u64> {
        type Count = (i64, i64, AccountId, [u8; 8], i64, i64);
        let select = "SELECT minute, account, accounts.id, message, kind, class
            FROM floods JOIN accounts USING (account) WHERE minute < ?1 ORDER BY 1 LIMIT ?2";
        let counts: Vec<Count> = self
            .transaction
            .prepare_cached(select)?
            .query_map(params![minute, PURGE_SLICE], |row| {
                let id = AccountId(row.get(2)?);
                let (message, kind, class) = (row.get(3)?, row.get(4)?, row.get(5)?);
                Ok((row.get(0)?, row.get(1)?, id, message, kind, class))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut settled = 0;
        for (minute, row, account, message, kind, class) in counts {
            if self.sequences.find(self.transaction, account)?.is_none() {
                continue;
            }
            let seq = self.sequences.next(account);
            let (segment, hour) = self.place()?;
            let insert = "INSERT INTO opens (bundle, account, seq, hour, id, message, kind, at,
                    class, claim, reason, client, repeats)
                SELECT ?6, account, ?7, ?8, id, message, kind, at, class, claim, reason, client,
                    times - 1
                FROM floods
                WHERE (minute, account, message, kind, class) = (?1, ?2, ?3, ?4, ?5)";
            let key: [&dyn ToSql; 5] = [&minute, &row, &message, &kind, &class];
            let place: [&dyn ToSql; 3] = [&segment, &seq, &hour];
            self.execute(insert, &[&key[..], &place].concat())?;
            let delete = "DELETE FROM floods
                WHERE (minute, account, message, kind, class) = (?1, ?2, ?3, ?4, ?5)";
            settled += self.execute(delete, &key)?;
        }
        Ok(settled)
    }
}

/// Takes `bundle, account, seq, hour` and then the columns.
fn insert_event() -> &'static str {
    use std::sync::OnceLock;
    static INSERT: OnceLock<String> = OnceLock::new();
    INSERT.get_or_init(|| {
        let places: Vec<_> = (1..=4 + WIDTH).map(|place| format!("?{place}")).collect();
        let places = places.join(", ");
        format!("INSERT INTO opens (bundle, account, seq, hour, {COLUMNS}) VALUES ({places})")
    })
}
