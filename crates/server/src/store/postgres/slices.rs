//! Doing much little by little, so that it delays nobody.

use std::time::{Duration, Instant};

/// For how many times as long as a slice took the database is then left to others.
const REST: u32 = 2;

/// How long that is at most.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// Leaves the database to others after a slice that has begun at `start`.
pub(super) async fn rest(start: Instant) {
    tokio::time::sleep((REST * start.elapsed()).min(LONGEST_REST)).await;
}
