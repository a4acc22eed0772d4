//! What this server did of refusals, erasures and deletions, in a file beside its spool: a dump that
//! is restored does not know of it.

use super::session::{Address, Session};
use super::{replay, schema};
use crate::logging::log;
use crate::store::StoreError;
use crate::store::journal::{Entry, Journal};
use crate::store::row::Row;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::task::block_in_place;
use tokio_postgres::Config;

/// The journal of this server. Each of several has its own.
pub(super) struct ServerJournal(Mutex<Journal>);

impl ServerJournal {
    /// The one in the data directory.
    pub(super) fn within(data_dir: &Path) -> Self {
        Self(Mutex::new(Journal::at(data_dir.join("postgres.journal"))))
    }

    /// Adds `entries`, which the database has. They are on the disk when this returns, unless that
    /// cannot be: what is wished is done all the same where the disk is full.
    pub(super) fn note(&self, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        if let Err(error) = block_in_place(|| self.journal().append(entries)) {
            log!(
                Error,
                "a refusal, erasure or deletion is not in the journal: {error}"
            );
        }
    }

    /// Adds the refusals among `rows`, which are stored.
    pub(super) fn note_refusals(&self, rows: &[Row]) {
        let refusals = rows.iter().filter(|row| row.is_refusal());
        let entries = refusals.map(|row| Entry::Refusal {
            at: Millis(row.at),
            account: AccountId(row.account.0),
            message: MessageId(row.message.0),
        });
        self.note(&entries.collect::<Vec<_>>());
    }

    /// The accounts that it names.
    pub(super) fn named(&self) -> Result<Vec<AccountId>, StoreError> {
        Ok(block_in_place(|| self.journal().named())?
            .into_iter()
            .collect())
    }

    /// Forgets what no event can outlive that was stored before `before`, and what names accounts
    /// that have `ended`, be it by another server.
    pub(super) fn compact(&self, before: Millis, ended: &[AccountId]) -> Result<(), StoreError> {
        Ok(block_in_place(|| self.journal().compact(before, ended))?)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a new era in a restored database, and does again what the `journals` say; returns how much
/// of it the database did not know.
///
/// # Errors
///
/// [`StoreError::NoJournal`] when one of them is missing or something else; then nothing is done.
pub(crate) async fn restore(config: &Config, journals: &[PathBuf]) -> Result<usize, StoreError> {
    let mut entries = Vec::new();
    for path in journals {
        entries.extend(read(path)?);
    }
    // Of several servers: what one refused, another one may have allowed again.
    entries.sort_by_key(Entry::at);
    let session = Session::connect(&Address::new(config.clone())?).await?;
    session.batch_execute("SET statement_timeout = 0").await?;
    schema::upgrade(&session).await?;
    schema::raise_era(&session).await?;
    replay::replay(&session, &entries).await
}

fn read(path: &Path) -> Result<Vec<Entry>, StoreError> {
    let failed = |reason: io::Error| StoreError::NoJournal {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let entries = Journal::at(path.to_owned()).read().map_err(failed)?;
    let entries = entries.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let is_something_else = entries.is_empty() && std::fs::metadata(path)?.len() > 0;
    if is_something_else {
        return Err(failed(io::Error::other("it has none of a journal's lines")));
    }
    Ok(entries)
}
