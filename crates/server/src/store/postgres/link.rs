//! The connection that stores events, batch by batch.

use super::row::Row;
use super::schema;
use super::session::{Address, CHANNEL, Session, payloads, within};
use crate::store::StoreError;
use kaifu_core::id::AccountId;
use std::collections::{BTreeSet, HashMap};
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

/// Makes a batch the last one, if it follows on the last one. Holds every account of the batch until
/// its commit, in one order for all servers, so that the numbers of events become visible in their
/// order and no two servers wait for each other.
const BEGIN: &str = "
    WITH numbered AS (
        UPDATE servers SET last_batch = last_batch + 1
        WHERE server = $1 AND epoch = $2 AND last_batch + 1 = $3 RETURNING server
    )
    SELECT (SELECT count(*) FROM numbered),
        (SELECT count(*) FROM (
            SELECT FROM accounts WHERE id = ANY ($4) ORDER BY id FOR NO KEY UPDATE) AS held)";

const STORE: &str = "
    WITH kept AS (
        SELECT a.account,
            a.last_seq + row_number() OVER (PARTITION BY a.account ORDER BY i.place) AS seq,
            i.message, i.kind, i.at, i.class, i.claim, i.reason, i.client, i.device, i.country,
            i.reader
        FROM unnest($1::bytea[], $2::bytea[], $3::int2[], $4::int8[], $5::int2[], $6::int2[],
            $7::text[], $8::text[], $9::int2[], $10::text[], $11::bytea[]) WITH ORDINALITY
            AS i (id, message, kind, at, class, claim, reason, client, device, country, reader,
                place)
        JOIN accounts a ON a.id = i.id
        WHERE EXISTS (
                SELECT FROM servers WHERE server = $12 AND epoch = $13 AND last_batch = $14)
            AND NOT EXISTS (
                SELECT FROM refusals r WHERE r.account = a.account AND r.message = i.message)
    ), counted AS (
        UPDATE accounts a SET last_seq = k.last
        FROM (SELECT account, max(seq) AS last FROM kept GROUP BY account) k
        WHERE a.account = k.account
    ), stored AS (
        INSERT INTO opens (account, seq, message, kind, at, class, claim, reason, client, device,
            country, reader)
        SELECT account, seq, message, kind, at, class, claim, reason, client, device, country,
            reader
        FROM kept
    )
    SELECT pg_notify($15, payload) FROM unnest($16::text[]) AS told (payload)";

const COUNT: &str = "
    INSERT INTO floods (minute, account, message, kind, at, class, claim, reason, client, times)
    SELECT i.minute, a.account, i.message, i.kind, i.at, i.class, i.claim, i.reason, i.client,
        i.times
    FROM unnest($1::bytea[], $2::bytea[], $3::int2[], $4::int8[], $5::int2[], $6::int2[],
        $7::text[], $8::text[], $9::int8[], $10::int8[])
        AS i (id, message, kind, at, class, claim, reason, client, minute, times)
    JOIN accounts a ON a.id = i.id
    WHERE NOT EXISTS (
        SELECT FROM refusals r WHERE r.account = a.account AND r.message = i.message)
    ON CONFLICT (minute, account, message, kind, class)
        DO UPDATE SET times = floods.times + excluded.times";

const REFUSE: &str = "
    WITH refused AS (
        INSERT INTO refusals (account, message)
        SELECT account, $2 FROM accounts WHERE id = $1
        ON CONFLICT DO NOTHING RETURNING account
    ), counted AS (
        UPDATE accounts a SET last_seq = a.last_seq + 1 FROM refused r
        WHERE a.account = r.account RETURNING a.account, a.last_seq
    )
    INSERT INTO opens (account, seq, message, kind, at, class, claim, reason, client)
    SELECT account, last_seq, $2, $3, $4, $5, $6, $7, $8 FROM counted";

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
    statements: Statements,
}

/// Gives the accounts that have news, once a batch is stored. After an error nobody knows whether it
/// and those behind it are stored, and the link must not be used again.
///
/// It goes out when it is first polled, and must not be overtaken.
pub(super) type Storing = Pin<Box<dyn Future<Output = Result<Vec<AccountId>, StoreError>> + Send>>;

struct Statements {
    begin: Statement,
    store: Statement,
    count: Statement,
    refuse: Statement,
}

impl Link {
    pub(super) async fn connect(address: &Address, server: [u8; 16]) -> Result<Self, StoreError> {
        let session = Session::connect(address).await?;
        within(TAKE_OVER, async {
            schema::upgrade(&session).await?;
            let turn = session.query_one(TURN, &[&server.as_slice()]).await?;
            let statements = Statements {
                begin: session.prepare(BEGIN).await?,
                store: session.prepare(STORE).await?,
                count: session.prepare(COUNT).await?,
                refuse: session.prepare(REFUSE).await?,
            };
            Ok(Self {
                line: Arc::new(Line {
                    server,
                    epoch: turn.get(0),
                    statements,
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
    /// A batch can follow another one that is on its way, unless either [`is_special`]: what it stores
    /// depends on the other one being stored.
    pub(super) fn store(&mut self, rows: Arc<Vec<Row>>) -> Storing {
        self.last_batch += 1;
        let (line, batch) = (Arc::clone(&self.line), self.last_batch);
        Box::pin(async move { within(BATCH, line.transact(&rows, batch)).await })
    }
}

/// Whether storing `rows` takes several steps.
pub(super) fn is_special(rows: &[Row]) -> bool {
    rows.iter().any(Row::is_special)
}

/// Whether a batch has become the last one, by the answer to [`BEGIN`].
fn is_in_turn(answer: &tokio_postgres::Row) -> bool {
    answer.get::<_, i64>(0) == 1
}

impl Line {
    async fn transact(&self, rows: &[Row], batch: i64) -> Result<Vec<AccountId>, StoreError> {
        let (client, statements) = (&self.session, &self.statements);
        let ids: BTreeSet<&[u8]> = rows.iter().map(|row| &row.account[..]).collect();
        let ids: Vec<&[u8]> = ids.into_iter().collect();
        let mut news: Vec<AccountId> = rows
            .iter()
            .filter(|row| row.times == 0)
            .map(|row| AccountId(row.account))
            .collect();
        news.sort_unstable();
        news.dedup();
        let (special, opens): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| row.is_special());

        let server = self.server.as_slice();
        let start: [Parameter<'_>; 4] = [&server, &self.epoch, &batch, &ids];
        let head = async {
            tokio::join!(
                client.batch_execute("BEGIN"),
                client.query_one(&statements.begin, &start),
            )
        };
        let columns = Columns::of(&opens);
        let payloads = payloads(&news);
        let mut store = columns.parameters().to_vec();
        store.extend(columns.of_readers());
        store.extend([
            &server as Parameter<'_>,
            &self.epoch,
            &batch,
            &CHANNEL,
            &payloads,
        ]);
        let tail = async {
            tokio::join!(
                client.execute(&statements.store, &store),
                client.batch_execute("COMMIT"),
            )
        };
        // What is asked together goes out together, in this order. A batch out of turn stores
        // nothing, so there is no need to wait for the beginning before the end is asked.
        let (begun, finished) = if special.is_empty() {
            tokio::join!(head, tail)
        } else {
            let begun = head.await;
            if begun.1.as_ref().is_ok_and(is_in_turn) {
                self.store_special(&special).await?;
            }
            (begun, tail.await)
        };
        begun.0?;
        if !is_in_turn(&begun.1?) {
            return Err(StoreError::Superseded);
        }
        finished.0?;
        finished.1?;
        Ok(news)
    }

    /// Stores refusals, and then counts of floods.
    async fn store_special(&self, rows: &[&Row]) -> Result<(), StoreError> {
        let (counts, refusals): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.times > 0);
        for row in refusals {
            let (account, message) = (row.account.as_slice(), row.message.as_slice());
            let values: [Parameter<'_>; 8] = [
                &account,
                &message,
                &row.kind,
                &row.at,
                &row.class,
                &row.claim,
                &&*row.reason,
                &row.client.as_deref(),
            ];
            self.session
                .execute(&self.statements.refuse, &values)
                .await?;
        }
        if counts.is_empty() {
            return Ok(());
        }
        self.count(&counts).await
    }

    async fn count(&self, rows: &[&Row]) -> Result<(), StoreError> {
        let mut counts: HashMap<_, (&Row, i64)> = HashMap::new();
        for row in rows {
            counts.entry(row.flood()).or_insert((row, 0)).1 += row.times;
        }
        let (rows, times): (Vec<&Row>, Vec<i64>) = counts.into_values().unzip();
        let minutes: Vec<i64> = rows.iter().map(|row| row.minute()).collect();
        let columns = Columns::of(&rows);
        let mut parameters = columns.parameters().to_vec();
        parameters.extend([&minutes as Parameter<'_>, &times]);
        self.session
            .execute(&self.statements.count, &parameters)
            .await?;
        Ok(())
    }
}

type Parameter<'a> = &'a (dyn tokio_postgres::types::ToSql + Sync);

/// The rows' values, column by column.
struct Columns<'a> {
    accounts: Vec<&'a [u8]>,
    messages: Vec<&'a [u8]>,
    kinds: Vec<i16>,
    times: Vec<i64>,
    classes: Vec<i16>,
    claims: Vec<i16>,
    reasons: Vec<&'a str>,
    clients: Vec<Option<&'a str>>,
    devices: Vec<Option<i16>>,
    countries: Vec<Option<&'a str>>,
    readers: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn of(rows: &[&'a Row]) -> Self {
        let rows = || rows.iter().copied();
        Self {
            accounts: rows().map(|row| &row.account[..]).collect(),
            messages: rows().map(|row| &row.message[..]).collect(),
            kinds: rows().map(|row| row.kind).collect(),
            times: rows().map(|row| row.at).collect(),
            classes: rows().map(|row| row.class).collect(),
            claims: rows().map(|row| row.claim).collect(),
            reasons: rows().map(|row| &*row.reason).collect(),
            clients: rows().map(|row| row.client.as_deref()).collect(),
            devices: rows().map(|row| row.device).collect(),
            countries: rows().map(|row| row.country.as_deref()).collect(),
            readers: rows()
                .map(|row| row.reader.as_ref().map(|reader| &reader[..]))
                .collect(),
        }
    }

    /// What is known of the readers themselves, and means nothing for a count of many.
    fn of_readers(&self) -> [Parameter<'_>; 3] {
        [&self.devices, &self.countries, &self.readers]
    }

    fn parameters(&self) -> [Parameter<'_>; 8] {
        [
            &self.accounts,
            &self.messages,
            &self.kinds,
            &self.times,
            &self.classes,
            &self.claims,
            &self.reasons,
            &self.clients,
        ]
    }
}
