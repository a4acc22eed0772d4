//! Taking up files that change while the server runs.

use crate::logging::log;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// What is looked at now and then.
pub(crate) trait Reload: Send {
    /// Takes up what has changed. What cannot be used changes nothing and is logged once.
    fn look(&mut self);
}

/// Looks at `files` every `every`, and at once after SIGHUP, until it is dropped.
///
/// The files are read each time: a time of change can stay the same or go back, and on some file
/// systems nobody is told of a change.
pub(crate) async fn run(mut files: Vec<Box<dyn Reload>>, every: Duration) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => Some(hangup),
        Err(error) => {
            log!(Warn, "cannot listen for SIGHUP: {error}");
            None
        }
    };
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = heard(&mut hangup) => {}
        }
        let looked = tokio::task::spawn_blocking(move || {
            for file in &mut files {
                file.look();
            }
            files
        });
        let Ok(looked) = looked.await else { return };
        files = looked;
    }
}

/// Waits for the signal; without end where there is none to wait for.
async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
