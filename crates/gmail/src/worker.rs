//! Sends calls to the background worker, in order and without waiting for it.

use kaifu_chrome::{CallError, runtime};
use kaifu_protocol::content::ContentRequest;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use wasm_bindgen_futures::spawn_local;

/// How often the worker is told again when it could not be reached.
const TRIES: u32 = 5;

thread_local! {
    static QUEUE: RefCell<VecDeque<ContentRequest>> = const { RefCell::new(VecDeque::new()) };
    static SENDS: Cell<bool> = const { Cell::new(false) };
}

/// Tells the worker, without waiting for it, and in the order of the calls: what became of a press
/// must not arrive before the press.
pub(crate) fn tell(call: impl Into<ContentRequest>) {
    QUEUE.with_borrow_mut(|calls| calls.push_back(call.into()));
    if !SENDS.replace(true) {
        spawn_local(async {
            while let Some(next) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
                deliver(&next).await;
            }
            SENDS.set(false);
        });
    }
}

/// A worker that is just starting or stopping may miss a call, so it is told again a few times.
async fn deliver(call: &ContentRequest) {
    for attempt in 0..TRIES {
        match runtime::tell(call).await {
            Err(CallError::Channel(_)) if runtime::is_connected() => {
                gloo_timers::future::TimeoutFuture::new(100 << attempt).await;
            }
            _ => return,
        }
    }
}
