//! The one thread that writes. Everyone who waits shares a transaction and so a sync of the disk:
//! under load this stores events far faster than the disk can sync.

use super::bundles::{self, Current, Key};
use super::{PURGE_SLICE, schema};
use crate::metrics::Metrics;
use crate::store::{AccountRow, CredentialHash, NewEvent, Recorded, Reply, StoreError, code};
use crate::waiters::Waiters;
use kaifu_core::fetch::Country;
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many commands one transaction takes.
const BATCH: usize = 1_024;

/// How long to wait for readers before the log is left as it is.
const BRIEFLY: Duration = Duration::from_millis(50);

/// What the writer can be asked.
pub(super) enum Command {
    Record(NewEvent, Reply<Recorded>),
    CreateAccount {
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
        reply: Reply<bool>,
    },
    DeleteAccount(AccountRow, Reply<()>),
    /// Removes the events with these keys and gives their number.
    Remove(Vec<Key>, Reply<u64>),
    /// Makes events of the counts of minutes before this one and gives their number; one slice.
    Settle(i64, Reply<u64>),
    /// Forgets what was only counted of a message.
    FinishErasing(AccountId, MessageId, Reply<()>),
    Check(Reply<()>),
    /// Takes no more commands, finishes those that wait, and stops.
    Close(oneshot::Sender<()>),
}

impl Command {
    /// Tells whoever asked how many rows were changed; they may have gone away.
    fn answer(self, changed: Result<u64, StoreError>) {
        match self {
            Self::Record(_, reply) => {
                let recorded = |rows| {
                    if rows == 0 {
                        Recorded::Dropped
                    } else {
                        Recorded::Kept
                    }
                };
                drop(reply.send(changed.map(recorded)));
            }
            Self::CreateAccount { reply, .. } => drop(reply.send(changed.map(|rows| rows > 0))),
            Self::Remove(_, reply) | Self::Settle(_, reply) => drop(reply.send(changed)),
            Self::DeleteAccount(_, reply)
            | Self::FinishErasing(_, _, reply)
            | Self::Check(reply) => {
                drop(reply.send(changed.map(|_| ())));
            }
            Self::Close(reply) => drop(reply.send(())),
        }
    }
}

/// Starts the thread.
pub(super) fn start(
    connection: Connection,
    commands: mpsc::Receiver<Command>,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
    failing: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let writer = Writer {
        bundle: Current::find(&connection)?,
        connection,
        waiters,
        metrics,
        failing,
    };
    std::thread::Builder::new()
        .name("store-writer".into())
        .spawn(|| writer.run(commands))?;
    Ok(())
}

struct Writer {
    connection: Connection,
    bundle: Current,
    waiters: Arc<Waiters>,
    metrics: Arc<Metrics>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut closing = Vec::new();
        while let Some(first) = commands.blocking_recv() {
            // Whoever is about to send a command may do so first, which makes larger batches; with
            // nobody about, this returns at once.
            std::thread::yield_now();
            let mut batch = Vec::with_capacity(64);
            let mut next = Some(first);
            while let Some(command) = next {
                if matches!(command, Command::Close(_)) {
                    commands.close();
                    closing.push(command);
                } else {
                    batch.push(command);
                }
                next = (batch.len() < BATCH)
                    .then(|| commands.try_recv().ok())
                    .flatten();
            }
            self.write(batch);
        }
        // A close leaves one plain file behind; what fails here is mended at the next start.
        let _ = truncate_log(&self.connection);
        drop(self.connection);
        for command in closing {
            command.answer(Ok(0));
        }
    }

    /// Writes `batch` in one transaction and answers everyone.
    fn write(&mut self, batch: Vec<Command>) {
        if batch.is_empty() {
            return;
        }
        let deletes = batch.iter().any(|command| {
            matches!(
                command,
                Command::DeleteAccount(..) | Command::FinishErasing(..)
            )
        });
        let start = Instant::now();
        let written = self.transact(&batch);
        self.failing.store(written.is_err(), Ordering::Relaxed);
        let took = start.elapsed();
        if deletes && written.is_ok() {
            // The log still holds what was deleted. A reader may be in the way; then a later
            // checkpoint clears it.
            let _ = truncate_log(&self.connection);
        }
        match written {
            Ok((changed, accounts)) => {
                self.metrics.commit(batch.len(), took);
                self.waiters.wake(accounts);
                for (command, rows) in batch.into_iter().zip(changed) {
                    command.answer(Ok(rows));
                }
            }
            Err(error) => {
                let error = StoreError::from(error);
                for command in batch {
                    command.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Writes `batch`; gives the rows that each command changed and the accounts that have news.
    fn transact(
        &mut self,
        batch: &[Command],
    ) -> rusqlite::Result<(Vec<u64>, impl Iterator<Item = AccountId> + use<>)> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut sequences = Sequences::default();
        let mut changed = Vec::with_capacity(batch.len());
        for command in batch {
            changed.push(apply(
                &transaction,
                &mut sequences,
                &mut self.bundle,
                command,
            )?);
        }
        sequences.save(&transaction)?;
        transaction.commit()?;
        Ok((changed, sequences.0.into_keys()))
    }
}

fn apply(
    transaction: &Transaction<'_>,
    sequences: &mut Sequences,
    bundle: &mut Current,
    command: &Command,
) -> rusqlite::Result<u64> {
    match command {
        Command::Record(open, _) => record(transaction, sequences, bundle, open),
        Command::Settle(minute, _) => settle(transaction, sequences, bundle, *minute),
        Command::FinishErasing(account, message, _) => {
            let delete = "DELETE FROM floods WHERE message = ?2
                AND account = (SELECT account FROM accounts WHERE id = ?1)";
            Ok(transaction.execute(delete, params![account.0, message.0])? as u64)
        }
        Command::CreateAccount {
            id, credential, at, ..
        } => {
            // It may have been looked for in vain in this very transaction.
            sequences.0.remove(id);
            let insert = "INSERT INTO accounts (id, credential, created_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (id) DO NOTHING";
            let values = params![id.0, credential.0, at.0];
            Ok(transaction.prepare_cached(insert)?.execute(values)? as u64)
        }
        Command::DeleteAccount(account, _) => {
            // Events behind this one in the batch find no account, and its polls are woken.
            sequences.0.insert(account.id, None);
            for bundle in bundles::all(transaction)? {
                let delete = format!("DELETE FROM {} AND account = ?2", bundles::rows(bundle));
                let mut delete = transaction.prepare_cached(&delete)?;
                delete.execute([bundle, account.row])?;
            }
            for table in ["floods", "refusals"] {
                let delete = format!("DELETE FROM {table} WHERE account = ?1");
                transaction.execute(&delete, [account.row])?;
            }
            Ok(
                transaction.execute("DELETE FROM accounts WHERE account = ?1", [account.row])?
                    as u64,
            )
        }
        Command::Remove(keys, _) => keys.iter().try_fold(0, |removed, key| {
            let delete = format!(
                "DELETE FROM {} AND account = ?2 AND seq = ?3",
                bundles::rows(key.bundle)
            );
            let mut delete = transaction.prepare_cached(&delete)?;
            Ok(removed + delete.execute([key.bundle, key.account, key.seq])? as u64)
        }),
        // Only writing shows whether it can be done: on a full disk all else works.
        Command::Check(_) => schema::touch(transaction).map(|()| 0),
        Command::Close(_) => Ok(0),
    }
}

fn record(
    transaction: &Transaction<'_>,
    sequences: &mut Sequences,
    bundle: &mut Current,
    open: &NewEvent,
) -> rusqlite::Result<u64> {
    let Some((row, last)) = sequences.find(transaction, open.account)? else {
        return Ok(0);
    };
    let verdict = &open.verdict;
    let kept = if open.kind == EventKind::Refuse {
        let insert = "INSERT INTO refusals (account, message) VALUES (?1, ?2)
            ON CONFLICT DO NOTHING";
        let values = params![*row, open.message.0];
        transaction.prepare_cached(insert)?.execute(values)? > 0
    } else {
        let select = "SELECT 1 FROM refusals WHERE account = ?1 AND message = ?2";
        let values = params![*row, open.message.0];
        !transaction.prepare_cached(select)?.exists(values)?
    };
    if !kept {
        return Ok(0);
    }
    let (insert, number) = if open.counted_only {
        // A count stands for many, who need not have a device, place and reader in common.
        let insert = "INSERT INTO floods
            (account, minute, message, kind, at, class, claim, reason, client, times)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)
            ON CONFLICT DO UPDATE SET times = times + 1";
        (insert, open.at.minute())
    } else {
        *last += 1;
        let insert = "INSERT INTO opens
            (account, seq, message, kind, at, class, claim, reason, client, device, country, reader,
             bundle)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        (insert, *last)
    };
    let mut insert = transaction.prepare_cached(insert)?;
    let common = params![
        *row,
        number,
        open.message.0,
        code::of_kind(open.kind),
        open.at.0,
        code::of_class(verdict.class),
        code::of_claim(verdict.claim),
        verdict.reason.code(),
        verdict.client,
    ];
    let changed = if open.counted_only {
        insert.execute(common)?
    } else {
        let country = verdict.country.as_ref().map(Country::as_str);
        let more = params![
            verdict.device.and_then(code::of_device),
            country,
            open.reader.map(|reader| reader.0),
            bundle.take(transaction)?,
        ];
        insert.execute(&[common, more].concat()[..])?
    };
    Ok(changed as u64)
}

fn settle(
    transaction: &Transaction<'_>,
    sequences: &mut Sequences,
    bundle: &mut Current,
    minute: i64,
) -> rusqlite::Result<u64> {
    type Key = (i64, i64, AccountId, [u8; 8], i64, i64);
    let select = "SELECT minute, account, id, message, kind, class
        FROM floods JOIN accounts USING (account) WHERE minute < ?1 ORDER BY 1 LIMIT ?2";
    let keys: Vec<Key> = transaction
        .prepare_cached(select)?
        .query_map(params![minute, PURGE_SLICE], |row| {
            let id = AccountId(row.get(2)?);
            let (message, kind, class) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok((row.get(0)?, row.get(1)?, id, message, kind, class))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut settled = 0;
    for (minute, row, account, message, kind, class) in keys {
        let Some((_, last)) = sequences.find(transaction, account)? else {
            continue;
        };
        *last += 1;
        let insert = "INSERT INTO opens
            (bundle, account, seq, message, kind, at, class, claim, reason, client, repeats)
            SELECT ?7, account, ?6, message, kind, at, class, claim, reason, client, times - 1
            FROM floods
            WHERE (minute, account, message, kind, class) = (?1, ?2, ?3, ?4, ?5)";
        let place = bundle.take(transaction)?;
        let values = params![minute, row, message, kind, class, *last, place];
        transaction.prepare_cached(insert)?.execute(values)?;
        let delete = "DELETE FROM floods
            WHERE (minute, account, message, kind, class) = (?1, ?2, ?3, ?4, ?5)";
        let values = params![minute, row, message, kind, class];
        settled += transaction.prepare_cached(delete)?.execute(values)? as u64;
    }
    Ok(settled)
}

/// Where the events of one transaction go: for each account its row and its last event's number, or
/// `None` where there is no such account.
#[derive(Default)]
struct Sequences(HashMap<AccountId, Option<(i64, i64)>>);

impl Sequences {
    /// The account's row and the number of its last event, which the caller raises for each new one.
    fn find(
        &mut self,
        transaction: &Transaction<'_>,
        account: AccountId,
    ) -> rusqlite::Result<Option<&mut (i64, i64)>> {
        let place = match self.0.entry(account) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let select = "SELECT account, last_seq FROM accounts WHERE id = ?1";
                let found = transaction
                    .prepare_cached(select)?
                    .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                unknown.insert(found)
            }
        };
        Ok(place.as_mut())
    }

    fn save(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut update =
            transaction.prepare_cached("UPDATE accounts SET last_seq = ?2 WHERE account = ?1")?;
        self.0
            .values()
            .flatten()
            .try_for_each(|place| update.execute(*place).map(|_| ()))
    }
}

/// Empties the write-ahead log, unless a reader is in the way.
fn truncate_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BRIEFLY)?;
    let truncated = connection.query_row("PRAGMA wal_checkpoint(truncate)", [], |_| Ok(()));
    connection.busy_timeout(schema::BUSY)?;
    truncated
}
