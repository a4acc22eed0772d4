//! Calls to the worker that are held open until there is something new.

use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::runtime;
use kaifu_protocol::call::Call;
use kaifu_protocol::held::Held;
use std::cell::Cell;
use std::rc::Rc;

/// How long after a first failure the worker is asked again, in milliseconds.
const RETRY_MS: u32 = 200;
/// The longest wait between two calls that fail, in milliseconds.
const RETRY_MOST_MS: u32 = 10_000;

/// What a page asks for, and what it does with the answers.
pub trait Watcher {
    /// The held call.
    type Call: Call<Reply = Held<Self::Value>>;
    /// What is asked for.
    type Value;

    /// The call for whatever differs from `revision`.
    fn ask(&self, revision: u64) -> Self::Call;

    /// Takes an answer.
    fn take(&self, value: Self::Value) -> Next;

    /// The worker does not answer; it is being asked again.
    fn silent(&self);
}

/// What is asked after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// For what comes after it.
    Newer,
    /// Something else than before, which therefore cannot have been seen yet.
    Other,
}

/// Which of a page's questions counts: a new one takes the place of the one before.
#[derive(Debug, Default)]
pub struct Turn(Cell<u32>);

impl Turn {
    /// Asks as `watcher` says, for as long as the page lives or until [`follow`](Self::follow) is
    /// called again. `turn` finds the turn in the watcher.
    pub async fn follow<W: Watcher>(watcher: Rc<W>, turn: impl Fn(&W) -> &Self) {
        let own = turn(&watcher).0.get().wrapping_add(1);
        turn(&watcher).0.set(own);
        let is_over = || turn(&watcher).0.get() != own;
        let mut revision = 0;
        let mut failures = 0;
        loop {
            let answer = runtime::call(watcher.ask(revision)).await;
            if is_over() {
                return;
            }
            let wait_ms = if let Ok(held) = answer {
                failures = 0;
                match watcher.take(held.value) {
                    Next::Newer => {
                        revision = held.revision;
                        held.pause_ms
                    }
                    Next::Other => {
                        revision = 0;
                        0
                    }
                }
            } else {
                failures += 1;
                // A worker that was started anew counts its revisions anew.
                revision = 0;
                // One failure is what a worker that has just been stopped looks like.
                if failures > 1 {
                    watcher.silent();
                }
                pause_ms(failures)
            };
            TimeoutFuture::new(wait_ms).await;
            if is_over() {
                return;
            }
        }
    }
}

/// How long to wait after so many failures in a row, in milliseconds.
fn pause_ms(failures: u32) -> u32 {
    let doublings = failures.saturating_sub(1).min(16);
    RETRY_MS.saturating_mul(1 << doublings).min(RETRY_MOST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        let pauses: Vec<u32> = (1..=8).map(pause_ms).collect();
        assert_eq!(pauses, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        assert_eq!(pause_ms(u32::MAX), 10_000);
    }
}
