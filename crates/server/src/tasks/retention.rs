//! Forgetting events after their time.

use crate::clock::Clock;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::store::{Purged, Store};
use std::sync::Arc;
use std::time::Duration;

/// Removes events stored longer than `retention` ago, now and then every `every`, until it is aborted.
pub(crate) async fn run(
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    retention: Duration,
    every: Duration,
) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let removed = store.purge(retention).await;
        if removed.is_ok() {
            metrics.purged(clock.now());
        }
        match removed {
            Ok(Purged {
                events,
                accounts,
                refusals,
            }) => {
                metrics.ended_accounts.add(accounts);
                metrics.ended_refusals.add(refusals);
                if events > 0 {
                    log!(Info, "removed {events} events past their retention");
                }
                if accounts > 0 {
                    log!(Info, "removed {accounts} accounts that nobody asked for");
                }
            }
            Err(error) => log!(
                Error,
                "could not remove events past their retention: {error}"
            ),
        }
    }
}
