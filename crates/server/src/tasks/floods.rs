//! Making events of the counts of floods whose minute is over.

use crate::clock::Clock;
use crate::logging::log;
use crate::recorder::Floods;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Makes events of the counts whose minute is over, every `every`, until it is aborted.
pub(crate) async fn run(store: Arc<dyn Store>, floods: Arc<Floods>, clock: Clock, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !floods.take_pending() {
            continue;
        }
        match store.settle(clock.now().minute()).await {
            Ok(false) => {}
            Ok(true) => floods.set_pending(),
            Err(error) => {
                floods.set_pending();
                log!(Debug, "could not settle floods: {error}");
            }
        }
    }
}
