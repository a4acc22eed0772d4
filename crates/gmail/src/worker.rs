//! Sends calls to the background worker, without waiting for it.

use kaifu_chrome::{CallError, runtime};
use kaifu_protocol::content::ContentRequest;
use wasm_bindgen_futures::spawn_local;

/// How often the worker is told again when it could not be reached.
const TRIES: u32 = 5;

/// Tells the worker. Everything is handed over at once, as the page may close at any moment; the
/// worker does it in the order in which it came.
pub(crate) fn tell(call: impl Into<ContentRequest>) {
    let call = call.into();
    spawn_local(async move {
        // A worker that is just starting or stopping may miss a call, so it is told again a few times.
        for attempt in 0..TRIES {
            match runtime::tell(&call).await {
                Err(CallError::Channel(_)) if runtime::is_connected() => {
                    gloo_timers::future::TimeoutFuture::new(100 << attempt).await;
                }
                _ => return,
            }
        }
    });
}
