//! What the background worker is told, and what it tells.

use kaifu_chrome::runtime;
use kaifu_protocol::call::Call;
use wasm_bindgen_futures::spawn_local;

/// How often the worker is told again when it could not be reached.
const TRIES: u32 = 5;

/// Tells the worker, without waiting for it. A worker that is just starting or stopping may miss a
/// call, so it is told again a few times.
pub(crate) fn tell<C>(call: C)
where
    C: Call + Clone + 'static,
{
    spawn_local(async move {
        for attempt in 0..TRIES {
            match runtime::call(call.clone()).await {
                Err(kaifu_chrome::CallError::Channel(_)) if runtime::is_connected() => {
                    gloo_timers::future::TimeoutFuture::new(100 << attempt).await;
                }
                _ => return,
            }
        }
    });
}
