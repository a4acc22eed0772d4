//! What is done seldom: changing whole messages and accounts, and forgetting.

use super::batch::Age;
use super::change::{Change, Done};
use super::journal::ServerJournal;
use super::recent::RecentChanges;
use super::schema;
use super::session::{Address, Session, tell, within};
use super::slices::rest;
use crate::clock::Clock;
use crate::logging::log;
use crate::store::clock::Allowance;
use crate::store::journal::{Entry, Name};
use crate::store::row::{Eight, REFUSE, Row};
use crate::store::{AccountRow, CredentialHash, NewEvent, StoreError};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Millis;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a piece of the work may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many rows one statement removes, so that it delays nobody.
pub(super) const SLICE: i64 = 5_000;

/// How many counts become events at once.
const SETTLED: i64 = 500;

const SETTLE: &str = "
    WITH gone AS (
        DELETE FROM floods WHERE minute < $1
            AND account IN (SELECT account FROM accounts WHERE id = ANY ($2))
        RETURNING *
    ), kept AS (
        SELECT greatest(a.last_seq, s.era << 32)
                + row_number() OVER (PARTITION BY g.account ORDER BY g.at) AS seq,
            greatest(s.hour, floor(extract(epoch FROM now()) / 3600)::bigint - 438288) AS hour, g.*
        FROM gone g JOIN accounts a ON a.account = g.account, store s
    ), counted AS (
        UPDATE accounts a SET last_seq = k.last
        FROM (SELECT account, max(seq) AS last FROM kept GROUP BY account) k
        WHERE a.account = k.account
    )
    INSERT INTO events
        (account, seq, hour, id, message, kind, at, class, claim, reason, client, repeats)
    SELECT account, seq, hour, id, message, kind, at, class, claim, reason, client, times - 1
    FROM kept";

/// A connection for transactions that nobody's image waits for.
pub(super) struct Maintenance {
    pub(super) address: Address,
    session: Mutex<Option<Session>>,
    pub(super) clock: Clock,
    pub(super) changes: Arc<RecentChanges>,
    journal: Arc<ServerJournal>,
    pub(super) allowance: Mutex<Allowance>,
    /// One sweep at a time.
    turn: Mutex<()>,
}

impl Maintenance {
    pub(super) fn new(
        address: Address,
        clock: Clock,
        changes: Arc<RecentChanges>,
        journal: Arc<ServerJournal>,
    ) -> Self {
        Self {
            address,
            session: Mutex::default(),
            clock,
            changes,
            journal,
            allowance: Mutex::new(Allowance::new(Instant::now())),
            turn: Mutex::default(),
        }
    }

    /// Does `work` on the connection. After an error the connection is closed, and with it a
    /// transaction that is still open.
    pub(super) async fn with<T, F>(&self, work: impl FnOnce(Session) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<(T, Session), StoreError>>,
    {
        let mut place = self.session.lock().await;
        let known = place.take().filter(|session| !session.is_closed());
        let session = if let Some(session) = known {
            session
        } else {
            let session = Session::connect(&self.address).await?;
            // Numbers are given out here as well, so a database that went back has to be noticed by
            // whoever comes first.
            within(PATIENCE, schema::upgrade(&session)).await?;
            session
        };
        let (done, session) = within(PATIENCE, work(session)).await?;
        *place = Some(session);
        Ok(done)
    }

    pub(super) async fn create_account(
        &self,
        id: AccountId,
        credential: CredentialHash,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let account = Change::Account { id, credential, at };
        let created = self
            .with(async |session| {
                let done = account.apply(&session, Age::New).await?;
                Ok((done == Done::Changed, session))
            })
            .await?;
        if created {
            self.changes.remember(account);
        }
        Ok(created)
    }

    /// Makes the account's tokens dead; its events are to be removed.
    pub(super) async fn delete_account(&self, account: AccountRow) -> Result<(), StoreError> {
        let (id, at) = (account.id, self.clock.now());
        self.change(Change::Deletion { id, at }).await?;
        self.journal.note(&[Entry::Deletion {
            at,
            account: Name::of_account(id),
        }]);
        Ok(())
    }

    /// Lifts the message's refusal, which the event `undo` says; returns whether there was one.
    pub(super) async fn allow(&self, undo: &NewEvent) -> Result<bool, StoreError> {
        let lift = Change::Lift(Arc::new(Row::from(undo)));
        let is_lifted = self
            .with(async |session| {
                let done = lift.apply(&session, Age::New).await?;
                Ok((done == Done::Changed, session))
            })
            .await?;
        if is_lifted {
            self.changes.remember(lift);
            self.journal.note(&[Entry::Lift {
                at: undo.at,
                account: undo.account,
                message: undo.message,
            }]);
        }
        Ok(is_lifted)
    }

    /// Hides what was recorded about the message; its events are to be removed.
    pub(super) async fn erase(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<(), StoreError> {
        let (id, at) = (account, self.clock.now());
        self.change(Change::Erasure { id, message, at }).await?;
        self.journal.note(&[Entry::Erasure {
            at,
            message: Name::of_message(account, message),
        }]);
        Ok(())
    }

    /// Forgets what the journal need not keep, as no event is kept for longer than `retention`.
    pub(super) async fn forget_journal(&self, retention: Duration) {
        if let Err(error) = self.try_forget_journal(retention).await {
            log!(Warn, "the journal could not be made shorter: {error}");
        }
    }

    async fn try_forget_journal(&self, retention: Duration) -> Result<(), StoreError> {
        let named = self.journal.named()?;
        let ids: Vec<_> = named.iter().map(|account| Eight(account.0)).collect();
        let select = "SELECT id FROM unnest($1::bytea[]) AS named (id)
            JOIN gone ON hash = sha256(id)";
        let ended = self
            .with(async |session| {
                let rows = session.query(select, &[&ids]).await?;
                let ended = rows
                    .iter()
                    .map(|row| Ok(AccountId(row.try_get::<_, Eight>(0)?.0)));
                Ok((ended.collect::<Result<Vec<_>, StoreError>>()?, session))
            })
            .await?;
        let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let before = Millis(self.clock.now().0.saturating_sub(retention));
        self.journal.compact(before, &ended)
    }

    /// Notes that the message was erased, of which nothing is stored here: what waits in a server's
    /// spool is to be kept out. Nobody waits for that, as nothing that is stored is touched.
    pub(super) async fn erase_nothing(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<(), StoreError> {
        let (id, at) = (account, self.clock.now());
        // Whoever deletes the account is waited for, or waits.
        let note = "WITH held AS MATERIALIZED (
                SELECT account FROM accounts WHERE id = $1 FOR KEY SHARE
            )
            INSERT INTO erasures (account, message, at, last_seq, is_done)
            SELECT account, $2, $3, 0, TRUE FROM held
            ON CONFLICT (account, message) DO UPDATE SET at = greatest(erasures.at, excluded.at)";
        let values = [&Eight(account.0) as _, &Eight(message.0) as _, &at.0 as _];
        self.execute(note, &values).await?;
        self.changes.remember(Change::Erasure { id, message, at });
        Ok(())
    }

    async fn change(&self, change: Change) -> Result<(), StoreError> {
        self.with(async |session| {
            change.apply(&session, Age::New).await?;
            Ok(((), session))
        })
        .await?;
        self.changes.remember(change);
        Ok(())
    }

    /// Makes events of counts from before `minute`, and returns the accounts that have news; empty
    /// when there are no more. Accounts in `but` are left out, and one whose counts the database
    /// refuses is added to them.
    pub(super) async fn settle(
        &self,
        minute: i64,
        but: &mut Vec<Eight>,
    ) -> Result<Vec<AccountId>, StoreError> {
        let find = "SELECT DISTINCT a.id FROM
            (SELECT account FROM floods WHERE minute < $1 ORDER BY minute LIMIT $2) f
            JOIN accounts a ON a.account = f.account WHERE a.id <> ALL ($3) ORDER BY a.id";
        let skipped = but.clone();
        let ids: Vec<Eight> = self
            .with(async |session| {
                let values = [&minute as _, &SETTLED as _, &skipped as _];
                let found = session.query(find, &values).await?;
                let ids = found.iter().map(|row| row.try_get(0));
                Ok((ids.collect::<Result<_, _>>()?, session))
            })
            .await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        match self.settle_accounts(minute, &ids).await {
            Err(error) if error.is_about_content() => {}
            settled => return settled,
        }
        let mut news = Vec::new();
        for id in ids {
            match self.settle_accounts(minute, &[id]).await {
                Ok(settled) => news.extend(settled),
                Err(error) if error.is_about_content() => {
                    log!(Error, "an account's counts cannot become events: {error}");
                    but.push(id);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(news)
    }

    async fn settle_accounts(
        &self,
        minute: i64,
        ids: &[Eight],
    ) -> Result<Vec<AccountId>, StoreError> {
        let accounts: Vec<_> = ids.iter().map(|id| AccountId(id.0)).collect();
        self.with(async |session| {
            session.batch_execute("BEGIN").await?;
            let hold = "SELECT FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";
            session.query(hold, &[&ids]).await?;
            session.execute(SETTLE, &[&minute, &ids]).await?;
            tell(&session, &accounts).await?;
            session.batch_execute("COMMIT").await?;
            Ok(((), session))
        })
        .await?;
        Ok(accounts)
    }

    /// Whether there are counts that are no events yet.
    pub(super) async fn has_floods(&self) -> Result<bool, StoreError> {
        self.with(async |session| {
            let select = "SELECT EXISTS (SELECT FROM floods)";
            let found = session.query_one(select, &[]).await?.get(0);
            Ok((found, session))
        })
        .await
    }

    /// Removes what is hidden, in slices. What cannot be removed now is hidden still, and tried again
    /// at the next purge.
    pub(super) async fn try_sweep(&self) {
        let _turn = self.turn.lock().await;
        if let Err(error) = self.sweep().await {
            log!(
                Error,
                "what was erased is hidden, but could not be removed yet: {error}"
            );
        }
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let graves = "SELECT account FROM graves";
        let erasures = "SELECT account, message, last_seq FROM erasures WHERE NOT is_done";
        let (graves, erasures) = self
            .with(async |session| {
                let graves = session.query(graves, &[]).await?;
                let erasures = session.query(erasures, &[]).await?;
                Ok(((graves, erasures), session))
            })
            .await?;
        for grave in graves {
            let account: i64 = grave.get(0);
            self.remove(account, None, i64::MAX).await?;
            let close = "DELETE FROM graves WHERE account = $1";
            self.execute(close, &[&account]).await?;
        }
        for erasure in erasures {
            let (account, message, last): (i64, Eight, i64) =
                (erasure.get(0), erasure.try_get(1)?, erasure.get(2));
            self.remove(account, Some(message), last).await?;
            let finish = "UPDATE erasures SET is_done = TRUE
                WHERE account = $1 AND message = $2 AND last_seq = $3";
            self.execute(finish, &[&account, &message, &last]).await?;
        }
        Ok(())
    }

    pub(super) async fn execute(
        &self,
        sql: &str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        self.with(async |session| {
            let rows = session.execute(sql, values).await?;
            Ok((rows, session))
        })
        .await
    }

    /// Removes an account's events up to the number `last`: all, or those of a message but for its
    /// refusal.
    async fn remove(
        &self,
        account: i64,
        message: Option<Eight>,
        last: i64,
    ) -> Result<(), StoreError> {
        for table in ["opens", "events"] {
            let of = if message.is_some() {
                format!("account = $1 AND message = $4 AND kind <> {REFUSE}")
            } else {
                "account = $1 AND $4::bytea IS NULL".to_owned()
            };
            // In the order of an index, each slice behind the one before it: none looks at what is
            // removed again, and none at what is not to be removed.
            let slice = format!(
                "WITH old AS MATERIALIZED (
                    SELECT seq FROM {table} WHERE {of} AND seq > $5 AND seq <= $2
                    ORDER BY seq LIMIT $3
                ), gone AS (
                    DELETE FROM {table}
                    WHERE {of} AND seq > $5 AND seq <= (SELECT max(seq) FROM old)
                )
                SELECT max(seq) FROM old"
            );
            let mut from = Some(-1_i64);
            while let Some(behind) = from {
                let start = Instant::now();
                from = self
                    .with(async |session| {
                        let values = [
                            &account as _,
                            &last as _,
                            &SLICE as _,
                            &message as _,
                            &behind as _,
                        ];
                        let last = session.query_one(&slice, &values).await?.get(0);
                        Ok((last, session))
                    })
                    .await?;
                if from.is_some() {
                    rest(start).await;
                }
            }
        }
        Ok(())
    }
}
