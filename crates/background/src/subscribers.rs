//! Calls that are held open until there is something to say.
//!
//! Each Gmail tab and each open popup keeps one. A held call also keeps the worker from being
//! stopped, which a long poll of its own would not.

use futures_channel::oneshot;
use std::cell::RefCell;

struct Held {
    revision: u64,
    callers: Vec<oneshot::Sender<u32>>,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::new(Held {
        // Another start of the worker must not repeat a revision that a caller has seen.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss,
            reason = "the clock in milliseconds fits 53 bits")]
        revision: js_sys::Date::now() as u64,
        callers: Vec::new(),
    });
}

/// Names the present state of affairs.
pub(crate) fn revision() -> u64 {
    HELD.with_borrow(|held| held.revision)
}

/// Whether anybody waits.
pub(crate) fn anybody() -> bool {
    HELD.with_borrow_mut(|held| {
        held.callers.retain(|caller| !caller.is_canceled());
        !held.callers.is_empty()
    })
}

/// Something changed: answers everybody.
pub(crate) fn changed() {
    HELD.with_borrow_mut(|held| held.revision += 1);
    release(0);
}

/// Answers everybody, and asks them to come back after `pause_ms`.
pub(crate) fn release(pause_ms: u32) {
    for caller in HELD.with_borrow_mut(|held| std::mem::take(&mut held.callers)) {
        // A caller that is gone needs no answer.
        let _ = caller.send(pause_ms);
    }
}

/// Waits until the state of affairs is no longer `seen`, or the callers are released. Gives how
/// long the caller is to pause before it asks again, in milliseconds.
pub(crate) async fn until_changed(seen: u64) -> u32 {
    if seen != revision() {
        return 0;
    }
    let (sender, receiver) = oneshot::channel();
    HELD.with_borrow_mut(|held| held.callers.push(sender));
    receiver.await.unwrap_or(0)
}
