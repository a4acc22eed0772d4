//! Forgetting addresses and the day's secret when their time is over, whether or not anybody asks.

use crate::app::App;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// Between two looks for what is to be forgotten.
const EVERY: Duration = Duration::from_mins(1);

/// Forgets what is over, until it is aborted.
pub(crate) async fn run(app: App) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        app.clients.forget(Instant::now());
        let app = app.clone();
        // The disk is synced when a new day begins.
        let forgotten = tokio::task::spawn_blocking(move || app.recorder.forget(Instant::now()));
        if forgotten.await.is_err() {
            return;
        }
    }
}
