//! Telling the store which accounts ask, and looking how much room its disk has.

use crate::app::App;
use crate::logging::log;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// Between two looks at the disk.
const LOOK: Duration = Duration::from_secs(5);

/// How many accounts the store is told of at once.
const SLICE: usize = 500;

/// Goes on until it is aborted.
pub(crate) async fn run(app: App) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let looking = app.clone();
        // A disk in the network may let it wait.
        let look = tokio::task::spawn_blocking(move || looking.recorder.room().look());
        if look.await.is_err() {
            return;
        }
        tell(&app).await;
    }
}

/// Tells the store of the accounts that asked.
pub(crate) async fn tell(app: &App) {
    let askers = app.recorder.askers();
    let mut accounts = askers.take(Instant::now());
    while !accounts.is_empty() {
        let slice: Vec<_> = accounts.drain(..SLICE.min(accounts.len())).collect();
        if let Err(error) = app.store.asked(slice.clone()).await {
            log!(Debug, "cannot note which accounts are in use: {error}");
            accounts.extend(slice);
            askers.give_back(accounts);
            return;
        }
    }
}
