//! The connection that stores events, batch by batch.

use super::batch::{Age, Batch, Parameter};
use super::recent::RecentChanges;
use super::schema;
use super::session::{Address, Session, within};
use crate::store::StoreError;
use crate::store::row::{Row, WIDTH};
use kaifu_core::id::AccountId;
use std::collections::HashSet;
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

/// Tells the other servers that this one is there and wants to know of news, for as long as the
/// connection lasts. `store_events` has the same number.
const PRESENT: &str = "SELECT pg_advisory_lock_shared(118066124322049)";

/// Making plans of what the function does would cost as much as doing it.
const PLANS: &str = "SET plan_cache_mode = force_generic_plan";

/// How many parameters stand before those of the batch's columns.
const LEADING: usize = 13;

/// What a server knows of itself when it connects.
#[derive(Clone)]
pub(super) struct Identity {
    /// The name under which the database knows the server.
    pub(super) server: [u8; 16],
    /// Whether nothing is stored unless a synchronous standby is named.
    pub(super) needs_standby: bool,
}

/// A connection whose turn it is to store this server's batches.
pub(super) struct BatchWriter {
    shared: Arc<Shared>,
    /// The number of the last batch that is stored or on its way.
    last_batch: i64,
    /// Whether the database is another one, or on another timeline, than at the last connection.
    is_elsewhere: bool,
}

/// What every batch on its way needs.
struct Shared {
    session: Session,
    identity: Identity,
    epoch: i64,
    store: Statement,
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The accounts that have news.
    pub(super) news: Vec<AccountId>,
    /// The places of rows that a refusal or an erasure keeps out.
    pub(super) dropped: Vec<usize>,
    /// The places of rows whose account is gone.
    pub(super) unknown: Vec<usize>,
}

impl Outcome {
    /// Those of the batch's `rows` that are stored.
    pub(super) fn kept(&self, rows: Arc<Vec<Row>>) -> Arc<Vec<Row>> {
        if self.dropped.is_empty() && self.unknown.is_empty() {
            return rows;
        }
        let out: HashSet<_> = self.dropped.iter().chain(&self.unknown).collect();
        let rows = rows.iter().enumerate();
        let kept = rows.filter(|(place, _)| !out.contains(place));
        Arc::new(kept.map(|(_, row)| row.clone()).collect())
    }
}

/// Becomes what became of a batch, once it is stored. After an error nobody knows whether it and those
/// behind it are stored, and the connection must not be used again, unless the error is about what
/// is in the batch: then it is not stored.
///
/// It goes out when it is first polled, and must not be overtaken.
pub(super) type Storing = Pin<Box<dyn Future<Output = Result<Outcome, StoreError>> + Send>>;

impl BatchWriter {
    /// Connects, with the tables as this version needs them. `acknowledged` is the last batch of which
    /// this server knows that it was stored: a database that knows less has gone back, and gets
    /// `changes` again.
    pub(super) async fn connect(
        address: &Address,
        identity: &Identity,
        acknowledged: i64,
        changes: &RecentChanges,
    ) -> Result<Self, StoreError> {
        let session = Session::connect(address).await?;
        let writer = within(TAKE_OVER, async {
            let place = schema::upgrade(&session).await?;
            session.batch_execute(PRESENT).await?;
            session.batch_execute(PLANS).await?;
            let server = identity.server.as_slice();
            let turn = session.query_one(TURN, &[&server]).await?;
            let last_batch = turn.get(1);
            if last_batch < acknowledged {
                schema::raise_era(&session).await?;
            }
            let is_elsewhere = changes.is_elsewhere(place);
            if is_elsewhere || last_batch < acknowledged {
                changes.went_back();
            }
            Ok(Self {
                shared: Arc::new(Shared {
                    identity: identity.clone(),
                    epoch: turn.get(0),
                    store: session.prepare(&statement()).await?,
                    session,
                }),
                last_batch,
                is_elsewhere,
            })
        })
        .await?;
        // Before anybody can miss them: accounts have to be there when their events come.
        writer.change(changes).await?;
        Ok(writer)
    }

    /// Does again what the database lacks of `changes`. No batch may be on its way.
    pub(super) async fn change(&self, changes: &RecentChanges) -> Result<(), StoreError> {
        changes.apply(&self.shared.session).await
    }

    /// Whether the database is another one, or on another timeline, than at the last connection.
    pub(super) const fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    /// The number of the last batch that is stored or on its way.
    pub(super) const fn last_batch(&self) -> i64 {
        self.last_batch
    }

    pub(super) fn is_closed(&self) -> bool {
        self.shared.session.is_closed()
    }

    /// Whether the database answers.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        within(BATCH, async {
            let asked = self.shared.session.simple_query("SELECT 1").await;
            Ok(asked.map(|_| ())?)
        })
        .await
    }

    /// Stores `rows` as the next batch.
    ///
    /// It can follow another one that is on its way, and is stored only if that one is.
    pub(super) fn store(&mut self, rows: Arc<Vec<Row>>, age: Age) -> Storing {
        self.last_batch += 1;
        let (shared, batch) = (Arc::clone(&self.shared), self.last_batch);
        Box::pin(async move { within(BATCH, shared.transact(&rows, batch, age)).await })
    }

    /// Goes on after batch `last`, as the one behind it and all that followed are not stored.
    pub(super) const fn set_back(&mut self, last: i64) {
        self.last_batch = last;
    }
}

/// Calls `store_events`.
fn statement() -> String {
    let places: Vec<_> = (1..=LEADING + WIDTH)
        .map(|place| format!("${place}"))
        .collect();
    format!("SELECT * FROM store_events({})", places.join(", "))
}

impl Shared {
    async fn transact(&self, rows: &[Row], number: i64, age: Age) -> Result<Outcome, StoreError> {
        let batch = Batch::of(rows);
        let server = self.identity.server.as_slice();
        let (is_late, was_stored) = (age != Age::New, age == Age::Again);
        let mut values: Vec<Parameter<'_>> = vec![
            &server,
            &self.epoch,
            &number,
            &self.identity.needs_standby,
            &is_late,
            &was_stored,
        ];
        values.extend(batch.parameters());
        let stored = self.session.query_one(&self.store, &values).await?;
        match stored.get::<_, i32>(0) {
            0 => {}
            2 => return Err(StoreError::NoStandby),
            _ => return Err(StoreError::Superseded),
        }
        let places = |column| {
            let places: Option<Vec<i64>> = stored.get(column);
            batch.given(&places.unwrap_or_default())
        };
        let raised: Option<Vec<i32>> = stored.get(3);
        Ok(Outcome {
            dropped: places(1),
            unknown: places(2),
            news: (raised.unwrap_or_default().into_iter())
                .filter_map(|place| batch.account(place))
                .collect(),
        })
    }
}
