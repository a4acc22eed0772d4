//! What is done seldom: reading and changing whole messages and accounts, and forgetting.

use super::session::{Address, CHANNEL, Session, payloads, within};
use crate::store::{AccountRow, CredentialHash, StoreError, code};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long a chore may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many rows one statement removes, so that it delays nobody.
const SLICE: i64 = 5_000;

/// How many counts become events at once.
const SETTLED: i64 = 500;

const SETTLE: &str = "
    WITH gone AS (
        DELETE FROM floods WHERE minute < $1
            AND account IN (SELECT account FROM accounts WHERE id = ANY ($2))
        RETURNING *
    ), kept AS (
        SELECT a.last_seq + row_number() OVER (PARTITION BY g.account ORDER BY g.at) AS seq, g.*
        FROM gone g JOIN accounts a ON a.account = g.account
    ), counted AS (
        UPDATE accounts a SET last_seq = k.last
        FROM (SELECT account, max(seq) AS last FROM kept GROUP BY account) k
        WHERE a.account = k.account
    )
    INSERT INTO opens (account, seq, message, kind, at, class, claim, reason, client, repeats)
    SELECT account, seq, message, kind, at, class, claim, reason, client, times - 1 FROM kept";

/// A connection for transactions that nobody's image waits for.
pub(super) struct Chores {
    address: Address,
    session: Mutex<Option<Session>>,
}

impl Chores {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            session: Mutex::default(),
        }
    }

    /// Does `work` on the connection. After an error the connection is closed, and with it a
    /// transaction that is still open.
    async fn with<T, F>(&self, work: impl FnOnce(Session) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<(T, Session), StoreError>>,
    {
        let mut place = self.session.lock().await;
        let session = match place.take().filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => Session::connect(&self.address).await?,
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
        self.with(async |session| {
            let insert = "INSERT INTO accounts (id, credential, created_at) VALUES ($1, $2, $3)
                ON CONFLICT (id) DO NOTHING";
            let values = [
                &id.0.as_slice() as _,
                &credential.0.as_slice() as _,
                &at.0 as _,
            ];
            let created = session.execute(insert, &values).await?;
            Ok((created > 0, session))
        })
        .await
    }

    pub(super) async fn delete_account(&self, account: AccountRow) -> Result<(), StoreError> {
        self.with(async |session| {
            session.batch_execute("BEGIN").await?;
            // Whoever stores events of the account right now is waited for.
            let row = account.row;
            let hold = "SELECT FROM accounts WHERE account = $1 FOR UPDATE";
            session.query(hold, &[&row]).await?;
            for table in ["opens", "floods", "refusals", "accounts"] {
                let delete = format!("DELETE FROM {table} WHERE account = $1");
                session.execute(&delete, &[&row]).await?;
            }
            tell(&session, &[account.id]).await?;
            session.batch_execute("COMMIT").await?;
            Ok(((), session))
        })
        .await
    }

    pub(super) async fn erase(
        &self,
        account: AccountId,
        message: MessageId,
    ) -> Result<(), StoreError> {
        self.with(async |session| {
            session.batch_execute("BEGIN").await?;
            let hold = "SELECT account FROM accounts WHERE id = $1 FOR NO KEY UPDATE";
            let found = session.query_opt(hold, &[&account.0.as_slice()]).await?;
            if let Some(row) = found {
                let (row, message): (i64, _) = (row.get(0), message.0.as_slice());
                let refuse = i16::try_from(code::of_kind(EventKind::Refuse)).unwrap_or_default();
                let delete = "DELETE FROM opens WHERE account = $1 AND message = $2 AND kind <> $3";
                session.execute(delete, &[&row, &message, &refuse]).await?;
                let delete = "DELETE FROM floods WHERE account = $1 AND message = $2";
                session.execute(delete, &[&row, &message]).await?;
            }
            session.batch_execute("COMMIT").await?;
            Ok(((), session))
        })
        .await
    }

    /// Makes events of counts from before `minute`, and gives the accounts that have news; empty
    /// when there are no more.
    pub(super) async fn settle(&self, minute: i64) -> Result<Vec<AccountId>, StoreError> {
        self.with(async |session| {
            session.batch_execute("BEGIN").await?;
            let find = "SELECT DISTINCT a.id FROM
                (SELECT account FROM floods WHERE minute < $1 ORDER BY minute LIMIT $2) f
                JOIN accounts a ON a.account = f.account ORDER BY a.id";
            let found = session.query(find, &[&minute, &SETTLED]).await?;
            let ids: Vec<&[u8]> = found.iter().map(|row| row.get(0)).collect();
            let hold = "SELECT FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";
            session.query(hold, &[&ids]).await?;
            session.execute(SETTLE, &[&minute, &ids]).await?;
            let accounts: Vec<AccountId> = ids
                .iter()
                .filter_map(|id| Some(AccountId((*id).try_into().ok()?)))
                .collect();
            tell(&session, &accounts).await?;
            session.batch_execute("COMMIT").await?;
            Ok((accounts, session))
        })
        .await
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

    /// Removes some events from before `before` and gives their number; 0 when there are no more.
    pub(super) async fn purge(&self, before: Millis) -> Result<u64, StoreError> {
        self.with(async |session| {
            let delete = "DELETE FROM opens WHERE ctid = ANY (ARRAY (
                SELECT ctid FROM opens WHERE at < $1 LIMIT $2))";
            let removed = session.execute(delete, &[&before.0, &SLICE]).await?;
            Ok((removed, session))
        })
        .await
    }
}

async fn tell(session: &Session, accounts: &[AccountId]) -> Result<(), StoreError> {
    let notify = format!("SELECT pg_notify('{CHANNEL}', $1)");
    for payload in payloads(accounts) {
        session.query(&notify, &[&payload]).await?;
    }
    Ok(())
}
