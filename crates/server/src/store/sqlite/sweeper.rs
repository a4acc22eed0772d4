//! Removing in slices what is hidden already or past its time. The readers look for it, as that
//! can take long in a large database, and the writer is asked for little at a time.

use super::command::Command;
use super::ends;
use super::reader::{self, Remains};
use super::readers::Readers;
use super::segments::{self, Key, PURGE_SLICE};
use crate::logging::log;
use crate::store::{StoreError, ask};
use kaifu_core::id::MessageId;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};

/// How many pages one transaction gives back to the file system.
const SHRINK: u32 = 256;

/// How many free pages the file may keep.
const SPARE: u64 = 256;

/// For how many times as long as a slice took the writer is then left to others: most images do not
/// meet one.
const REST: u32 = 3;

/// How long that is at most.
const LONGEST_REST: Duration = Duration::from_millis(500);

pub(super) struct Sweeper {
    writer: mpsc::Sender<Command>,
    readers: Readers,
    /// One at a time.
    turn: Mutex<()>,
}

impl Sweeper {
    pub(super) fn new(writer: mpsc::Sender<Command>, readers: Readers) -> Self {
        let turn = Mutex::default();
        Self {
            writer,
            readers,
            turn,
        }
    }

    /// Removes all that is hidden. What cannot be removed now is hidden still, and tried again at
    /// the next purge.
    pub(super) async fn sweep(self: Arc<Self>) {
        let _turn = self.turn.lock().await;
        if let Err(error) = self.try_sweep().await {
            log!(
                Error,
                "what was erased is hidden, but could not be removed yet: {error}"
            );
        }
    }

    async fn try_sweep(&self) -> Result<(), StoreError> {
        let remains = self.readers.read(reader::remains).await?;
        let has_graves = remains.iter().any(|it| matches!(it, Remains::Grave(_)));
        for it in remains {
            self.remove(&it).await?;
        }
        if has_graves {
            self.shrink().await?;
        }
        Ok(())
    }

    async fn remove(&self, remains: &Remains) -> Result<(), StoreError> {
        for segment in self.readers.read(segments::all).await? {
            let mut from = -1;
            loop {
                let what = remains.clone();
                let find = move |connection: &rusqlite::Connection| {
                    reader::keys_of(connection, segment, &what, from, PURGE_SLICE)
                };
                let keys = self.readers.read(find).await?;
                let Some(last) = keys.last() else { break };
                from = last.seq;
                self.remove_slice(keys).await?;
            }
        }
        match *remains {
            Remains::Grave(account) => {
                ask(&self.writer, |reply| Command::CloseGrave(account, reply)).await
            }
            Remains::Erasure {
                account,
                message,
                up_to,
            } => {
                let finish = |reply| Command::FinishErasing {
                    account,
                    message,
                    up_to,
                    reply,
                };
                ask(&self.writer, finish).await
            }
        }
    }

    /// Removes events, and rests where they are not the last ones.
    async fn remove_slice(&self, keys: Vec<Key>) -> Result<u64, StoreError> {
        let (start, is_full) = (Instant::now(), keys.len() >= usize::from(PURGE_SLICE));
        let removed = ask(&self.writer, |reply| Command::Remove(keys, reply)).await?;
        if is_full {
            rest(start).await;
        }
        Ok(removed)
    }

    /// Removes all events from before the hour `before` and returns their number.
    pub(super) async fn purge(&self, before: i64) -> Result<u64, StoreError> {
        let _turn = self.turn.lock().await;
        let find =
            move |connection: &rusqlite::Connection| reader::segments_before(connection, before);
        let mut removed = 0;
        for segment in self.readers.read(find).await? {
            let mut from = (0, 0);
            loop {
                let find = move |connection: &rusqlite::Connection| {
                    reader::events_before(connection, segment, before, from, PURGE_SLICE)
                };
                let old = self.readers.read(find).await?;
                let Some(last) = old.last() else { break };
                from = (last.account, last.seq);
                removed += self.remove_slice(old).await?;
            }
            let note = |reply| Command::Purged {
                segment,
                before,
                reply,
            };
            ask(&self.writer, note).await?;
        }
        if removed > 0 {
            self.shrink().await?;
        }
        Ok(removed)
    }

    /// Ends accounts and refusals whose time is over at `hour`; returns how many of each.
    pub(super) async fn end(&self, hour: i64) -> Result<(u64, u64), StoreError> {
        if self.readers.read(ends::has_unknown).await? {
            ask(&self.writer, Command::BeginTimes).await?;
        }
        let (mut accounts, mut from) = (0, 0);
        loop {
            let find =
                move |connection: &rusqlite::Connection| ends::accounts(connection, hour, from);
            let over = self.readers.read(find).await?;
            let Some(last) = over.last() else { break };
            from = last.row;
            accounts += ask(&self.writer, |reply| Command::EndAccounts(over, reply)).await?;
        }
        let (mut refusals, mut from) = (0, (0, MessageId([0; 8])));
        loop {
            let find = move |connection: &rusqlite::Connection| {
                ends::refusals(connection, hour.div_euclid(24), from)
            };
            let over = self.readers.read(find).await?;
            let Some(last) = over.last() else { break };
            from = *last;
            refusals += ask(&self.writer, |reply| Command::EndRefusals(over, reply)).await?;
        }
        Ok((accounts, refusals))
    }

    /// Gives free pages back to the file system; nothing in a file of before, which cannot shrink
    /// but offline.
    async fn shrink(&self) -> Result<(), StoreError> {
        let mut left = u64::MAX;
        loop {
            let start = Instant::now();
            let now = ask(&self.writer, |reply| Command::Shrink(SHRINK, reply)).await?;
            if now <= SPARE || now >= left {
                return Ok(());
            }
            left = now;
            rest(start).await;
        }
    }
}

/// Leaves the writer to others after what has begun at `start`.
async fn rest(start: Instant) {
    tokio::time::sleep((REST * start.elapsed()).min(LONGEST_REST)).await;
}
