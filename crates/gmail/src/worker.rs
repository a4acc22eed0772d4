//! What the background worker is told.

use kaifu_chrome::{CallError, runtime};
use kaifu_protocol::call::Call;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen_futures::spawn_local;

/// How often the worker is told again when it could not be reached.
const TRIES: u32 = 5;

thread_local! {
    static TO_TELL: RefCell<VecDeque<Pin<Box<dyn Future<Output = ()>>>>> = const {
        RefCell::new(VecDeque::new())
    };
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Tells the worker, without waiting for it, and in the order of the calls: what became of a press
/// must not arrive before the press.
pub(crate) fn tell<C>(call: C)
where
    C: Call + Clone + 'static,
{
    TO_TELL.with_borrow_mut(|calls| calls.push_back(Box::pin(deliver(call))));
    if !TELLING.replace(true) {
        spawn_local(async {
            while let Some(next) = TO_TELL.with_borrow_mut(VecDeque::pop_front) {
                next.await;
            }
            TELLING.set(false);
        });
    }
}

/// A worker that is just starting or stopping may miss a call, so it is told again a few times.
async fn deliver<C: Call + Clone>(call: C) {
    for attempt in 0..TRIES {
        match runtime::call(call.clone()).await {
            Err(CallError::Channel(_)) if runtime::is_connected() => {
                gloo_timers::future::TimeoutFuture::new(100 << attempt).await;
            }
            _ => return,
        }
    }
}
