//! Batches on their way to the database.

use super::batch::Age;
use super::batch_writer::{BatchWriter, Outcome, Storing};
use crate::store::row::Row;
use crate::store::{Recorded, Reply, StoreError};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// How many batches are on their way at once: while the database stores one, the next is on the
/// line.
const AT_ONCE: usize = 2;

/// A batch on its way, and who waits for it.
pub(super) struct InFlightBatch {
    pub(super) number: i64,
    pub(super) rows: Arc<Vec<Row>>,
    pub(super) replies: Vec<Reply<Recorded>>,
    pub(super) start: Instant,
    storing: Storing,
    stored: Option<Stored>,
}

/// What became of it, or why nobody knows whether the batch is stored.
pub(super) type Stored = Result<Outcome, StoreError>;

/// All that are on their way, the oldest first.
#[derive(Default)]
pub(super) struct InFlightBatches(VecDeque<InFlightBatch>);

impl InFlightBatch {
    /// Sends `rows`, once it is among the [`InFlightBatches`].
    pub(super) fn new(
        writer: &mut BatchWriter,
        rows: Vec<Row>,
        replies: Vec<Reply<Recorded>>,
    ) -> Self {
        let rows = Arc::new(rows);
        Self {
            storing: writer.store(Arc::clone(&rows), Age::New),
            number: writer.last_batch(),
            rows,
            replies,
            start: Instant::now(),
            stored: None,
        }
    }

    fn advance(&mut self, context: &mut Context<'_>) {
        if self.stored.is_none()
            && let Poll::Ready(stored) = self.storing.as_mut().poll(context)
        {
            self.stored = Some(stored);
        }
    }
}

impl InFlightBatches {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `rows` may follow now. The next batch is not smaller than the one before it, as it
    /// would otherwise cost as much for less.
    pub(super) fn may_follow(&self, rows: &[Row]) -> bool {
        self.0
            .back()
            .is_none_or(|last| self.0.len() < AT_ONCE && rows.len() >= last.rows.len())
    }

    pub(super) fn push(&mut self, batch: InFlightBatch) {
        self.0.push_back(batch);
    }

    /// Waits until the oldest one is stored or lost; for ever where there is none.
    pub(super) async fn next_stored(&mut self) -> (InFlightBatch, Stored) {
        poll_fn(|context| {
            // In this order, in which they also go out.
            for batch in &mut self.0 {
                batch.advance(context);
            }
            let stored = self.0.front_mut().and_then(|first| first.stored.take());
            let done = stored.and_then(|stored| Some((self.0.pop_front()?, stored)));
            done.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Makes `batch` the oldest one again.
    pub(super) fn retry(&mut self, batch: InFlightBatch) {
        self.0.push_front(batch);
    }

    /// Gives up on all.
    pub(super) fn take(&mut self) -> VecDeque<InFlightBatch> {
        std::mem::take(&mut self.0)
    }
}
