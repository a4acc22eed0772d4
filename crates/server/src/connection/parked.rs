//! Parked polls: long polls that have left their connection while they wait.
//!
//! A connection under way has buffers of some 16 kB. A poll that has nothing to answer yet is taken
//! off it with its question, as it was understood, and asked again on the same stream once it is
//! woken. What it was asked with is not kept: a head may have 16 kB.

use crate::store::AccountRow;
use crate::waiters::Waiter;
use axum::body::HttpBody;
use axum::http::{HeaderName, Request, Version, header};
use std::convert::Infallible;
use std::future::pending;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// The one path whose requests may wait.
const PATH: &str = "/v1/events";

/// The headers that an answer depends on, apart from those that the question was read from.
const KEPT: [HeaderName; 2] = [header::CONNECTION, header::ORIGIN];

/// How long a head is kept at most, in bytes; a poll with a longer one does not wait.
const HEAD_MAX: usize = 512;

/// A connection's slot for a poll that waits.
#[derive(Clone, Default)]
pub(crate) struct PollSlot(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    /// What the request that is being answered begins with when it is asked again.
    head: Vec<u8>,
    /// The poll that was woken, until it is asked again.
    woken: Option<Poll>,
    parked: Option<(Poll, Waiter)>,
}

/// A long poll that has found nothing so far, as it was understood.
#[derive(Clone, Copy)]
pub(crate) struct Poll {
    /// Whose events are asked for.
    pub(crate) account: AccountRow,
    /// The address that asks. Only for judgement; never stored or logged.
    pub(crate) client: IpAddr,
    /// The number behind which events are asked for.
    pub(crate) after: u64,
    /// How many events an answer may have.
    pub(crate) limit: u16,
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
    /// The head with which it is asked again.
    pub(crate) head: Vec<u8>,
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
        let woken = slot.woken.take();
        let may_wait = match short_head(request) {
            Some(head) => {
                slot.head = head;
                true
            }
            None => false,
        };
        drop(slot);
        if may_wait {
            request.extensions_mut().insert(self.clone());
        }
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
        let head = std::mem::take(&mut slot.head);
        Some(Parked { poll, waiter, head })
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

/// A head that is answered like that of `request`, whose question is known; `None` where it would be
/// long.
fn short_head<B>(request: &Request<B>) -> Option<Vec<u8>> {
    let version: &[u8] = match request.version() {
        Version::HTTP_10 => b" HTTP/1.0\r\n",
        _ => b" HTTP/1.1\r\n",
    };
    let mut head = Vec::with_capacity(160);
    for part in [
        request.method().as_str().as_bytes(),
        b" ",
        PATH.as_bytes(),
        version,
    ] {
        head.extend_from_slice(part);
    }
    for name in KEPT {
        for value in request.headers().get_all(&name) {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    }
    head.extend_from_slice(b"\r\n");
    head.shrink_to_fit();
    (head.len() <= HEAD_MAX).then_some(head)
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
            client: IpAddr::from([192, 0, 2, 1]),
            after: 0,
            limit: 500,
            asked: now,
            deadline: now,
            must_answer: false,
        }
    }

    #[test]
    fn a_head_keeps_what_its_answer_depends_on_and_no_more() {
        let request = Request::get("http://kaifu.test/v1/events?after=1&wait=55")
            .header("host", "kaifu.test")
            .header("authorization", "Bearer secret")
            .header("origin", "chrome-extension://abc")
            .header("connection", "close")
            .header("x-padding", "x".repeat(15_000))
            .body(())
            .unwrap();
        assert_eq!(
            String::from_utf8(short_head(&request).unwrap()).unwrap(),
            "GET /v1/events HTTP/1.1\r\nconnection: close\r\norigin: chrome-extension://abc\r\n\r\n"
        );
        let request = Request::get(PATH)
            .header("origin", "x".repeat(HEAD_MAX))
            .body(())
            .unwrap();
        assert_eq!(short_head(&request), None);
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
        let mut parked = Box::pin(slot.park(poll(), waiters.enter(ACCOUNT.id).unwrap()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(parked.as_mut().poll(&mut context).is_pending());
        assert_eq!(waiters.count(), 1);
        drop(parked);
        assert!(slot.take_parked().is_none());
        assert_eq!(waiters.count(), 0);
    }
}
