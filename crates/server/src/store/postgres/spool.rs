//! Where events wait while PostgreSQL is away: a small SQLite file in the data directory.
//!
//! Each server numbers its batches, and PostgreSQL remembers the last one of each server. A batch
//! of which nobody knows whether it was stored waits here under its number, so that it is never
//! stored twice. How far the spool is drained stands in a file of its own: on a full disk, nothing
//! in this one can be changed.

mod file;

use super::position::{Position, PositionFile, Sent};
use crate::logging::log;
use crate::store::StoreError;
use crate::store::row::{COLUMNS, Row, WIDTH};
use file::{connect, has_content, stand_in};
use rusqlite::{Connection, OptionalExtension as _, ToSql, TransactionBehavior, params_from_iter};
use std::path::{Path, PathBuf};

/// The batch of events of which is known that they are not stored.
const AGAIN: i64 = -1;

pub(super) struct Spool {
    path: PathBuf,
    connection: Connection,
    file: PositionFile,
    position: Position,
    /// How many events wait.
    len: u64,
    /// The last event that was put in.
    last: i64,
    /// Why the files could not be made, as on a full disk: nothing waits then, and nothing can.
    closed: Option<StoreError>,
}

impl Spool {
    /// Opens the spool. A disk without room keeps nobody from starting: where nothing waits, the spool
    /// is made as soon as there is room.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        match Self::open_files(path) {
            Err(error) if error.is_about_disk() && !has_content(path) => {
                log!(
                    Error,
                    "{}: {error}; images are served, and while the database is away no event is \
                     kept until this can be written",
                    path.display()
                );
                Self::without_files(path, error)
            }
            opened => opened,
        }
    }

    fn open_files(path: &Path) -> Result<Self, StoreError> {
        let (file, position) = PositionFile::open(&path.with_extension("position"))?;
        let mut spool = Self {
            connection: connect(path, position.done)?,
            path: path.to_owned(),
            file,
            position,
            len: 0,
            last: 0,
            closed: None,
        };
        spool.name_server()?;
        spool.count()?;
        Ok(spool)
    }

    fn without_files(path: &Path, reason: StoreError) -> Result<Self, StoreError> {
        let place = path.with_extension("position");
        let (file, position) = PositionFile::open(&place).unwrap_or_default();
        let mut spool = Self {
            connection: stand_in()?,
            path: path.to_owned(),
            file,
            last: position.done,
            position,
            len: 0,
            closed: Some(reason),
        };
        if spool.position.server.is_none() {
            spool.position.server = Some(draw_name()?);
        }
        Ok(spool)
    }

    /// Makes the files that could not be made at the start, before anything is kept.
    fn reopen(&mut self) -> Result<(), StoreError> {
        if self.closed.is_none() {
            return Ok(());
        }
        let (file, _) = PositionFile::open(&self.path.with_extension("position"))?;
        file.write(&mut self.position)?;
        self.file = file;
        self.connection = connect(&self.path, self.position.done)?;
        self.closed = None;
        log!(Info, "events can wait in {} now", self.path.display());
        Ok(())
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// The name under which PostgreSQL knows this server.
    pub(super) fn server(&self) -> [u8; 16] {
        self.position.server.unwrap_or_default()
    }

    /// The last batch of which this server knew that it was stored.
    pub(super) const fn acknowledged(&self) -> i64 {
        self.position.acknowledged
    }

    /// Notes that batch `batch` is stored.
    pub(super) fn acknowledge(&mut self, batch: i64) -> Result<(), StoreError> {
        if self.position.acknowledged != batch {
            self.position.acknowledged = batch;
            self.file.write(&mut self.position)?;
        }
        Ok(())
    }

    /// Makes the server's name up, at the first start. Earlier versions kept it elsewhere.
    fn name_server(&mut self) -> Result<(), StoreError> {
        if self.position.server.is_some() {
            return Ok(());
        }
        let select = "SELECT id FROM server";
        let known = self.connection.query_row(select, [], |row| row.get(0));
        let server = if let Some(known) = known.optional()? {
            known
        } else {
            draw_name()?
        };
        self.position.server = Some(server);
        Ok(self.file.write(&mut self.position)?)
    }

    /// Keeps `rows`, which were sent as batch `batch` and may have been stored.
    pub(super) fn append<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a Row>,
        batch: Option<i64>,
    ) -> Result<(), StoreError> {
        self.reopen()?;
        // What was sent is not to be changed any more.
        let free = (self.position.sent).map_or(self.position.done, |sent| sent.last);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut added = 0;
        {
            let mut add = transaction.prepare_cached(
                "UPDATE events SET times = times + ?1 WHERE event = (
                    SELECT event FROM events WHERE account = ?2 AND message = ?3 AND minute = ?4
                        AND kind = ?5 AND class = ?6 AND batch IS NULL AND times > 0 AND event > ?7
                    LIMIT 1)",
            )?;
            let mut insert = transaction.prepare_cached(&insert())?;
            for row in rows {
                let minute = row.minute();
                if row.times > 0 && batch.is_none() {
                    let flood: [&dyn ToSql; 7] = [
                        &row.times,
                        &row.account,
                        &row.message,
                        &minute,
                        &row.kind,
                        &row.class,
                        &free,
                    ];
                    if add.execute(&flood[..])? > 0 {
                        continue;
                    }
                }
                let first: [&dyn ToSql; 4] = [&batch, &row.account, &minute, &row.times];
                insert.execute(params_from_iter(first.into_iter().chain(row.values())))?;
                added += 1;
            }
        }
        let last = transaction.last_insert_rowid();
        transaction.commit()?;
        self.len += added;
        if added > 0 {
            self.last = last;
        }
        Ok(())
    }

    /// Makes a batch numbered `batch` of the oldest events, at most `limit`. That they are sent is on
    /// the disk when this returns.
    pub(super) fn take(&mut self, batch: i64, limit: usize) -> Result<Vec<Row>, StoreError> {
        let (mut rows, mut last) = (Vec::new(), self.position.done);
        {
            let select = format!(
                "SELECT event, batch, account, times, minute, {COLUMNS} FROM events
                 WHERE event > ?1 ORDER BY event"
            );
            let mut select = self.connection.prepare_cached(&select)?;
            let mut found = select.query([self.position.done])?;
            while rows.len() < limit
                && let Some(found) = found.next()?
            {
                last = found.get(0)?;
                let sent: Option<i64> = found.get(1)?;
                let is_stored = sent
                    .filter(|batch| *batch >= 0)
                    .and_then(|batch| self.position.is_stored(last, batch));
                if is_stored != Some(true) {
                    let mut row = Row::read(found.get(2)?, found, 5)?;
                    row.times = found.get(3)?;
                    let minute: i64 = found.get(4)?;
                    row.until = (row.minute() != minute).then_some(minute);
                    rows.push(row);
                }
            }
        }
        self.position.sent = Some(Sent { batch, last });
        self.file.write(&mut self.position)?;
        Ok(rows)
    }

    /// The batch that [`Self::take`] made last is not stored, and is taken anew.
    pub(super) fn release(&mut self) -> Result<(), StoreError> {
        self.position.sent = None;
        Ok(self.file.write(&mut self.position)?)
    }

    /// Sets the batch that [`Self::take`] made last aside: PostgreSQL refuses it, for `reason`.
    pub(super) fn set_aside(&mut self, reason: &str) -> Result<(), StoreError> {
        let Some(sent) = self.position.sent else {
            return Ok(());
        };
        let note = "INSERT OR REPLACE INTO refused VALUES (?1, ?2)";
        self.connection.execute(note, (sent.last, reason))?;
        self.position.done = sent.last;
        self.position.sent = None;
        self.file.write(&mut self.position)?;
        self.len = self.len.saturating_sub(1);
        Ok(())
    }

    /// Forgets batches up to `last`, which are stored; later ones were not and wait again.
    ///
    /// # Errors
    ///
    /// When that cannot be noted on the disk; until the process ends it is known all the same. On a
    /// full disk it can be noted.
    pub(super) fn settle(&mut self, last: i64) -> Result<(), StoreError> {
        let sent = self.position.sent.take();
        if let Some(sent) = sent
            && sent.batch <= last
        {
            self.position.done = sent.last;
        }
        self.position.acknowledged = last;
        if self.len == 0 && sent.is_none() {
            // Nothing waits, so a disk that is full or read-only harms nobody.
            return Ok(());
        }
        if self.mark(last).is_err() {
            self.position.rule(self.last, last)?;
        } else {
            self.position.rulings.clear();
        }
        self.file.write(&mut self.position)?;
        self.count()?;
        if self.len == 0 && self.last > 0 {
            self.clear();
        }
        Ok(())
    }

    /// Notes the same in the spool itself, which then need not keep what is stored.
    fn mark(&mut self, last: i64) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let refused = "event NOT IN (SELECT event FROM refused)";
        let done = format!("DELETE FROM events WHERE event <= ?1 AND {refused}");
        transaction
            .prepare_cached(&done)?
            .execute([self.position.done])?;
        for ruling in &self.position.rulings {
            transaction
                .prepare_cached("DELETE FROM events WHERE batch BETWEEN 0 AND ?1 AND event <= ?2")?
                .execute([ruling.batch, ruling.event])?;
            transaction
                .prepare_cached("UPDATE events SET batch = ?2 WHERE batch >= 0 AND event <= ?1")?
                .execute([ruling.event, AGAIN])?;
        }
        transaction
            .prepare_cached("DELETE FROM events WHERE batch BETWEEN 0 AND ?1")?
            .execute([last])?;
        transaction
            .prepare_cached("UPDATE events SET batch = ?2 WHERE batch > ?1 AND batch >= 0")?
            .execute([last, AGAIN])?;
        transaction.commit()
    }

    /// Leaves nothing behind of what is stored: the log still holds what was here, be it of accounts
    /// that are deleted by now. Where nothing can be removed, all files make way for new ones.
    fn clear(&mut self) {
        let empty = || -> rusqlite::Result<bool> {
            let rows = "SELECT count(*) FROM events WHERE event NOT IN (SELECT event FROM refused)";
            let rows: i64 = self.connection.query_row(rows, [], |row| row.get(0))?;
            let truncate = "PRAGMA wal_checkpoint(truncate)";
            let busy: i64 = self.connection.query_row(truncate, [], |row| row.get(0))?;
            Ok(rows == 0 && busy == 0)
        };
        if empty().is_ok_and(|is_empty| is_empty) {
            return;
        }
        let mut anew = || -> Result<Connection, StoreError> {
            // On closing, SQLite removes its log by name, so it has to go before the next one comes.
            drop(std::mem::replace(
                &mut self.connection,
                Connection::open_in_memory()?,
            ));
            for suffix in ["-wal", "-shm", ""] {
                let mut name = self.path.as_os_str().to_owned();
                name.push(suffix);
                match std::fs::remove_file(&name) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(error.into());
                    }
                    _ => {}
                }
            }
            connect(&self.path, self.position.done)
        };
        match anew() {
            Ok(connection) => self.connection = connection,
            Err(error) => log!(
                Error,
                "the spool is drained, but cannot be emptied: {error}"
            ),
        }
    }

    /// Whether events can be kept, which only writing shows: on a full disk all else works.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        self.reopen()?;
        Ok(self.connection.pragma_update(None, "user_version", 0)?)
    }

    /// Counts the events that wait.
    fn count(&mut self) -> Result<(), StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT event, batch FROM events WHERE event > ?1 AND batch >= 0")?;
        let mut numbered = select.query([self.position.done])?;
        let mut stored = 0;
        while let Some(row) = numbered.next()? {
            let is_stored = self.position.is_stored(row.get(0)?, row.get(1)?);
            stored += u64::from(is_stored == Some(true));
        }
        let (all, last): (u64, Option<i64>) = self
            .connection
            .prepare_cached("SELECT count(*), max(event) FROM events WHERE event > ?1")?
            .query_row([self.position.done], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.len = all.saturating_sub(stored);
        self.last = last.unwrap_or(self.position.done);
        Ok(())
    }
}

/// A name for this server.
fn draw_name() -> Result<[u8; 16], StoreError> {
    let mut drawn = [0; 16];
    getrandom::fill(&mut drawn).map_err(std::io::Error::from)?;
    Ok(drawn)
}

/// Takes `batch, account, minute, times` and then the columns.
fn insert() -> String {
    let places: Vec<_> = (1..=4 + WIDTH).map(|place| format!("?{place}")).collect();
    let places = places.join(", ");
    format!("INSERT INTO events (batch, account, minute, times, {COLUMNS}) VALUES ({places})")
}

#[cfg(test)]
mod tests;
