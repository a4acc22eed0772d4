//! Batches on their way to the database.

use super::link::{Link, Storing};
use super::row::Row;
use crate::store::{Recorded, Reply, StoreError};
use kaifu_core::id::AccountId;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// How many batches are on their way at once: while the database stores one, the next is on the
/// line.
const AT_ONCE: usize = 2;

/// A batch on its way, and who waits for it.
pub(super) struct Flight {
    pub(super) number: i64,
    pub(super) rows: Arc<Vec<Row>>,
    pub(super) replies: Vec<Reply<Recorded>>,
    pub(super) start: Instant,
    storing: Storing,
    stored: Option<Stored>,
}

/// The accounts that have news, or why nobody knows whether the batch is stored.
pub(super) type Stored = Result<Vec<AccountId>, StoreError>;

/// All that are on their way, the oldest first.
#[derive(Default)]
pub(super) struct Flights(VecDeque<Flight>);

impl Flight {
    /// Sends `rows`, once it is among the [`Flights`].
    pub(super) fn new(link: &mut Link, rows: Vec<Row>, replies: Vec<Reply<Recorded>>) -> Self {
        let rows = Arc::new(rows);
        Self {
            storing: link.store(Arc::clone(&rows)),
            number: link.last_batch(),
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

impl Flights {
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

    pub(super) fn push(&mut self, flight: Flight) {
        self.0.push_back(flight);
    }

    /// Waits until the oldest one is stored or lost; for ever where there is none.
    pub(super) async fn land(&mut self) -> (Flight, Stored) {
        poll_fn(|context| {
            // In this order, in which they also go out.
            for flight in &mut self.0 {
                flight.advance(context);
            }
            let stored = self.0.front_mut().and_then(|first| first.stored.take());
            let landed = stored.and_then(|stored| Some((self.0.pop_front()?, stored)));
            landed.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Makes `flight` the oldest one again.
    pub(super) fn put_back(&mut self, flight: Flight) {
        self.0.push_front(flight);
    }

    /// Gives up on all.
    pub(super) fn take(&mut self) -> VecDeque<Flight> {
        std::mem::take(&mut self.0)
    }
}
