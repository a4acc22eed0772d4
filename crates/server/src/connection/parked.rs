//! Parked polls: long polls that have left their connection while they wait.
//!
//! A connection under way has buffers of some 16 kB. A poll that has nothing to answer yet is taken
//! off it with no more than the bytes that it was asked with, and is asked again, on the same stream,
//! once it is woken.

use crate::store::AccountRow;
use crate::waiters::Waiter;
use axum::body::HttpBody;
use axum::http::{Request, Version};
use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The one path whose requests may wait.
const PATH: &str = "/v1/events";

/// A connection's slot for a poll that waits.
#[derive(Clone, Default)]
pub(crate) struct PollSlot(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    /// The request that is being answered, where it may be parked.
    head: Vec<u8>,
    /// The poll that was woken, until it is asked again.
    woken: Option<Poll>,
    parked: Option<(Poll, Waiter)>,
}

/// A long poll that has found nothing so far.
#[derive(Clone, Copy)]
pub(crate) struct Poll {
    /// Whose events are asked for.
    pub(crate) account: AccountRow,
    /// When it was first asked.
    pub(crate) asked: Instant,
    /// When it is to be answered without news.
    pub(crate) deadline: Instant,
    /// Whether it is to be answered now, with news or without.
    pub(crate) must_answer: bool,
}

/// What a poll left when it was parked.
pub(crate) struct Parked {
    /// What is asked.
    pub(crate) poll: Poll,
    /// Wakes it.
    pub(crate) waiter: Waiter,
    /// What it was asked with.
    pub(crate) asked: Vec<u8>,
}

impl PollSlot {
    /// The slot of a connection on which `woken` is asked again.
    pub(crate) fn after(woken: Option<Poll>) -> Self {
        Self(Arc::new(Mutex::new(Slot {
            woken,
            ..Slot::default()
        })))
    }

    /// Makes it possible to park `request`, if it is a poll, and adds the [`Poll`] that it was before
    /// it was parked.
    pub(crate) fn offer<B: HttpBody>(&self, request: &mut Request<B>) {
        // A body would still be on its way.
        if request.uri().path() != PATH || !request.body().is_end_stream() {
            return;
        }
        let mut slot = self.slot();
        slot.head = head(request);
        let woken = slot.woken.take();
        drop(slot);
        request.extensions_mut().insert(self.clone());
        if let Some(poll) = woken {
            request.extensions_mut().insert(poll);
        }
    }

    /// Never completes: the request is dropped, and asked again when `waiter` is woken.
    pub(crate) async fn park(&self, poll: Poll, waiter: Waiter) -> Infallible {
        self.slot().parked = Some((poll, waiter));
        let _leave = Leave(self);
        pending().await
    }

    /// What has been parked.
    pub(crate) fn take_parked(&self) -> Option<Parked> {
        let mut slot = self.slot();
        let (poll, waiter) = slot.parked.take()?;
        let asked = std::mem::take(&mut slot.head);
        Some(Parked {
            poll,
            waiter,
            asked,
        })
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Empties the slot, unless what was in it was taken, when a poll ends in any other way.
struct Leave<'a>(&'a PollSlot);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let left = self.0.slot().parked.take();
        drop(left);
    }
}

/// The head of `request` as a client would send it.
fn head<B>(request: &Request<B>) -> Vec<u8> {
    let version: &[u8] = match request.version() {
        Version::HTTP_10 => b" HTTP/1.0\r\n",
        _ => b" HTTP/1.1\r\n",
    };
    let target = request.uri().path_and_query();
    let target = target.map_or(PATH, |target| target.as_str());
    let mut head = Vec::with_capacity(512);
    for part in [
        request.method().as_str().as_bytes(),
        b" ",
        target.as_bytes(),
    ] {
        head.extend_from_slice(part);
    }
    head.extend_from_slice(version);
    for (name, value) in request.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head.shrink_to_fit();
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waiters::Waiters;
    use axum::body::Body;
    use kaifu_core::id::AccountId;
    use std::task::{Context, Waker};

    const ACCOUNT: AccountRow = AccountRow {
        row: 1,
        id: AccountId([1; 8]),
    };

    fn poll() -> Poll {
        let now = Instant::now();
        Poll {
            account: ACCOUNT,
            asked: now,
            deadline: now,
            must_answer: false,
        }
    }

    #[test]
    fn a_head_is_written_as_it_came() {
        let request = Request::get("http://kaifu.test/v1/events?after=1&wait=55")
            .header("host", "kaifu.test")
            .header("x-forwarded-for", "192.0.2.1")
            .header("x-forwarded-for", "192.0.2.2")
            .body(())
            .unwrap();
        assert_eq!(
            String::from_utf8(head(&request)).unwrap(),
            "GET /v1/events?after=1&wait=55 HTTP/1.1\r\nhost: kaifu.test\r\n\
             x-forwarded-for: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\n\r\n"
        );
    }

    #[test]
    fn only_polls_without_a_body_are_parked() {
        for (path, body, expected) in [
            ("/v1/events?wait=55", Body::empty(), true),
            ("/v1/events", Body::empty(), true),
            ("/v1/events", Body::from("{}"), false),
            ("/v1/account", Body::empty(), false),
        ] {
            let mut request = Request::get(path).body(body).unwrap();
            PollSlot::default().offer(&mut request);
            let offered = request.extensions().get::<PollSlot>().is_some();
            assert_eq!(offered, expected, "{path}");
        }
    }

    #[test]
    fn a_woken_poll_is_the_next_request_and_no_other() {
        let slot = PollSlot::after(Some(poll()));
        let found = [(); 2].map(|()| {
            let mut request = Request::get("/v1/events").body(Body::empty()).unwrap();
            slot.offer(&mut request);
            request.extensions().get::<Poll>().map(|poll| poll.account)
        });
        assert_eq!(found, [Some(ACCOUNT), None]);
    }

    #[test]
    fn a_poll_that_ends_leaves_its_place() {
        let waiters = Arc::new(Waiters::new(8));
        let slot = PollSlot::default();
        let mut parked = Box::pin(slot.park(poll(), waiters.register(ACCOUNT.id)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(parked.as_mut().poll(&mut context).is_pending());
        assert_eq!(waiters.count(), 1);
        drop(parked);
        assert!(slot.take_parked().is_none());
        assert_eq!(waiters.count(), 0);
    }
}
