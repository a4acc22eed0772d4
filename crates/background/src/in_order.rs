//! Does what is asked one after the other, in the order in which it was asked.
//!
//! A page hands over everything that it knows at once, as it may close at any moment. What becomes
//! of a press must then not be looked at before the press itself is kept.

use futures_channel::oneshot;
use futures_util::future::{self, Either};
use gloo_timers::future::TimeoutFuture;
use std::cell::RefCell;
use std::pin::pin;

/// For how long the work before is waited for, in milliseconds: a call that throws unwinds nothing, so
/// that its end is never told.
const PATIENCE_MS: u32 = 5_000;

thread_local! {
    /// The end of the work that was asked for last.
    static LAST: RefCell<Option<oneshot::Receiver<()>>> = const { RefCell::new(None) };
}

/// Does `work` when everything is done that was asked for before it. Its place is taken at once and
/// not only when the future is polled.
pub(crate) fn next<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let (done, end) = oneshot::channel();
    let before = LAST.replace(Some(end));
    async move {
        if let Some(before) = before {
            let patience = pin!(TimeoutFuture::new(PATIENCE_MS));
            // Work that was dropped has ended, too.
            let _: Either<_, _> = future::select(before, patience).await;
        }
        let result = work.await;
        // Nobody may wait for it.
        let _ = done.send(());
        result
    }
}
