//! The connection that stores events, batch by batch.

use super::batch::{Batch, Parameter};
use super::row::Row;
use super::schema;
use super::session::{Address, Session, within};
use crate::store::StoreError;
use kaifu_core::id::AccountId;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Statement;

/// How long a batch may take, and how long its server may then hold its images back.
const BATCH: Duration = Duration::from_secs(2);

/// How long a server waits for a batch of its former connection to end.
const TAKE_OVER: Duration = Duration::from_secs(10);

/// Takes the turn to store batches from this server's former connection, if that still lives.
const TURN: &str = "INSERT INTO servers (server, epoch, last_batch) VALUES ($1, 1, 0)
    ON CONFLICT (server) DO UPDATE SET epoch = servers.epoch + 1
    RETURNING epoch, last_batch";

/// Takes what [`Batch::columns`] gives behind these three. See `store_batch.sql`.
const STORE: &str =
    "SELECT store_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20)";

/// Tells the other servers that this one is there and wants to know of news, for as long as the
/// connection lasts. `store_batch` has the same number.
const PRESENT: &str = "SELECT pg_advisory_lock_shared(118066124322049)";

/// Making plans of what the function does would cost as much as doing it.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan";

/// A connection whose turn it is to store this server's batches.
pub(super) struct Link {
    line: Arc<Line>,
    /// The number of the last batch that is stored or on its way.
    last_batch: i64,
}

/// What every batch on its way needs.
struct Line {
    session: Session,
    server: [u8; 16],
    epoch: i64,
    store: Statement,
}

/// Gives the accounts that have news, once a batch is stored. After an error nobody knows whether it
/// and those behind it are stored, and the link must not be used again.
///
/// It goes out when it is first polled, and must not be overtaken.
pub(super) type Storing = Pin<Box<dyn Future<Output = Result<Vec<AccountId>, StoreError>> + Send>>;

impl Link {
    pub(super) async fn connect(address: &Address, server: [u8; 16]) -> Result<Self, StoreError> {
        let session = Session::connect(address).await?;
        within(TAKE_OVER, async {
            schema::upgrade(&session).await?;
            session.batch_execute(PRESENT).await?;
            session.batch_execute(PLANS).await?;
            let turn = session.query_one(TURN, &[&server.as_slice()]).await?;
            Ok(Self {
                line: Arc::new(Line {
                    server,
                    epoch: turn.get(0),
                    store: session.prepare(STORE).await?,
                    session,
                }),
                last_batch: turn.get(1),
            })
        })
        .await
    }

    /// The number of the last batch that is stored or on its way.
    pub(super) const fn last_batch(&self) -> i64 {
        self.last_batch
    }

    pub(super) fn is_closed(&self) -> bool {
        self.line.session.is_closed()
    }

    /// Whether the database answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        within(BATCH, async {
            let asked = self.line.session.simple_query("SELECT 1").await;
            Ok(asked.map(|_| ())?)
        })
        .await
    }

    /// Stores `rows` as the next batch.
    ///
    /// It can follow another one that is on its way, and is stored only if that one is.
    pub(super) fn store(&mut self, rows: Arc<Vec<Row>>) -> Storing {
        self.last_batch += 1;
        let (line, batch) = (Arc::clone(&self.line), self.last_batch);
        Box::pin(async move { within(BATCH, line.transact(&rows, batch)).await })
    }
}

impl Line {
    async fn transact(&self, rows: &[Row], number: i64) -> Result<Vec<AccountId>, StoreError> {
        let batch = Batch::of(rows);
        let server = self.server.as_slice();
        let mut values: Vec<Parameter<'_>> = vec![&server, &self.epoch, &number];
        values.extend(batch.columns());
        let stored = self.session.query_one(&self.store, &values).await?;
        if !stored.get::<_, bool>(0) {
            return Err(StoreError::Superseded);
        }
        Ok(batch.news)
    }
}
