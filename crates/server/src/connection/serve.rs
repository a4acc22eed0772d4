//! One connection, from its first request to its end.
//!
//! HTTP's buffers and futures take some 20 kB a connection. A poll that waits gives them up: what
//! remains of its connection is the stream, the question, and the little that was sent behind it.

use super::parked::{Parked, Poll, PollSlot};
use super::places::Place;
use super::write_timeout::WriteTimeout;
use crate::waiters::Woken;
use axum::body::Body;
use axum::http::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::watch;

/// How much a client may send behind a poll that waits, in bytes; with more, it waits no longer.
const BEHIND_MAX: usize = 1_024;

/// What answers requests; cheap to clone.
pub(crate) trait Answer: Clone + Send + Sync + 'static {
    /// The answer to what `peer` asks.
    fn answer(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send;

    /// Whether there is a place for `request` when they run short.
    fn comes_first(&self, request: &Request<Incoming>) -> bool;

    /// The answer to what does not, which ends its connection.
    fn busy(&self) -> Response<Body>;
}

/// What all connections of a listener have in common.
pub(crate) struct ConnectionConfig<A> {
    /// How HTTP is spoken.
    pub(crate) http: Builder,
    /// What answers.
    pub(crate) answer: A,
    /// How long a client may take nothing of what it is sent.
    pub(crate) write_timeout: Duration,
}

impl<A: Answer> ConnectionConfig<A> {
    /// Answers what `peer` asks on `stream`, until either closes it or `stopping` turns true.
    pub(crate) async fn serve<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        place: Place,
        mut stopping: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = WriteTimeout::new(stream, self.write_timeout);
        let mut woken = None;
        loop {
            let slot = PollSlot::after(woken.take());
            let service = service_fn(|mut request| {
                slot.offer(&mut request);
                self.answer_one(peer, request, &place)
            });
            // In a box, whose space is free while a poll waits.
            let connection = self.http.serve_connection(TokioIo::new(stream), service);
            let mut connection = Box::new(connection);
            let mut stop = pin!(stopping.wait_for(|stopping| *stopping));
            let mut closing = pin!(place.closing());
            let mut is_stopping = false;
            let outcome = poll_fn(|context| {
                loop {
                    // A connection that breaks is its client's affair.
                    if Pin::new(&mut connection).poll(context).is_ready() {
                        return task::Poll::Ready(None);
                    }
                    // No request is begun before the answers to earlier ones are sent, so nothing
                    // is left behind.
                    if let Some(parked) = slot.take_parked() {
                        return task::Poll::Ready(Some(parked));
                    }
                    if closing.as_mut().poll(context).is_ready() {
                        closing.set(place.closing());
                        if place.is_idle() {
                            return task::Poll::Ready(None);
                        }
                        continue;
                    }
                    if is_stopping || stop.as_mut().poll(context).is_pending() {
                        return task::Poll::Pending;
                    }
                    is_stopping = true;
                    Pin::new(&mut *connection).graceful_shutdown();
                }
            });
            let Some(parked) = outcome.await else {
                return;
            };
            let mut behind = Vec::new();
            stream = {
                // What is left of the connection has a buffer, which must not wait along.
                let parts = connection.into_parts();
                behind.extend_from_slice(&parts.read_buf);
                parts.io.into_inner()
            };
            behind.extend_from_slice(&stream.take_replayed());
            place.park(true);
            let Some((poll, bytes)) = wait(&mut stream, parked, behind, &place).await else {
                return;
            };
            place.park(false);
            stream.rewind(bytes);
            woken = Some(poll);
        }
    }
}

impl<A: Answer> ConnectionConfig<A> {
    async fn answer_one(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
        place: &Place,
    ) -> Result<Response<Body>, Infallible> {
        if place.take_reserved() && !self.answer.comes_first(&request) {
            return Ok(self.answer.busy());
        }
        place.begin();
        let answer = self.answer.answer(peer, request).await;
        place.end();
        answer
    }
}

/// Waits until a poll is to be asked again. Returns it with the bytes that its connection begins
/// with, or `None` when the connection is broken. `behind` is what the client has sent behind the
/// poll so far.
async fn wait(
    stream: &mut (impl AsyncRead + Unpin),
    parked: Parked,
    mut behind: Vec<u8>,
    place: &Place,
) -> Option<(Poll, Vec<u8>)> {
    let Parked {
        poll,
        mut waiter,
        head,
    } = parked;
    let must_answer = tokio::select! {
        biased;
        woken = waiter.woken() => woken == Woken::End,
        () = tokio::time::sleep_until(poll.deadline) => true,
        () = place.closing() => true,
        read = read_on(stream, &mut behind) => match read {
            Ok(()) => true,
            Err(_) => return None,
        },
    };
    let poll = Poll {
        must_answer,
        ..poll
    };
    Some((poll, [head, behind].concat()))
}

/// Adds what the client sends to `behind`, and completes when the poll should wait no longer: when
/// the client has closed its sending half, and so may have gone, or when more has come than is kept.
async fn read_on(
    stream: &mut (impl AsyncRead + Unpin),
    behind: &mut Vec<u8>,
) -> std::io::Result<()> {
    let mut bytes = [0; 64];
    while behind.len() <= BEHIND_MAX {
        match stream.read(&mut bytes).await? {
            0 => break,
            read => behind.extend_from_slice(&bytes[..read]),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::places::Places;
    use crate::store::AccountRow;
    use crate::waiters::Waiters;
    use axum::routing::get;
    use axum::{Extension, Router};
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use kaifu_core::id::AccountId;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;
    use tokio::time::Instant;

    const ACCOUNT: AccountRow = AccountRow {
        row: 1,
        id: AccountId([1; 8]),
    };

    fn peer() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    /// A table of routes, and nothing else.
    #[derive(Clone)]
    struct Routes(TowerToHyperService<Router>);

    impl Answer for Routes {
        async fn answer(
            &self,
            _: SocketAddr,
            request: Request<Incoming>,
        ) -> Result<Response<Body>, Infallible> {
            self.0.call(request).await
        }

        fn comes_first(&self, _: &Request<Incoming>) -> bool {
            true
        }

        fn busy(&self) -> Response<Body> {
            Response::default()
        }
    }

    /// Waits once, and then has news.
    async fn poll(
        Extension(waiters): Extension<Arc<Waiters>>,
        Extension(slot): Extension<PollSlot>,
        woken: Option<Extension<Poll>>,
    ) -> &'static str {
        if woken.is_some() {
            return "news";
        }
        let now = Instant::now();
        let poll = Poll {
            account: ACCOUNT,
            client: peer().ip(),
            after: 0,
            limit: 500,
            asked: now,
            deadline: now + Duration::from_secs(1),
            must_answer: false,
        };
        match slot.park(poll, waiters.enter(ACCOUNT.id).unwrap()).await {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_poll_waits_for_earlier_answers_to_be_taken() {
        let waiters = Arc::new(Waiters::new(8));
        let routes = Router::new()
            .route("/v1/events", get(poll))
            .fallback(async || "an answer")
            .layer(Extension(waiters));
        let config = ConnectionConfig {
            http: Builder::new(),
            answer: Routes(TowerToHyperService::new(routes)),
            write_timeout: Duration::from_secs(20),
        };
        let (stop, stopping) = watch::channel(false);
        // So little that an answer is sent in several parts.
        let (mut answers, slow) = tokio::io::duplex(64);
        let (mut requests, fast) = tokio::io::duplex(1_024);
        let near = tokio::io::join(fast, slow);
        let ask = async move {
            let text = b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n\
                GET /v1/events HTTP/1.1\r\nconnection: close\r\n\r\n";
            requests.write_all(text).await.unwrap();
            requests
        };
        let read = async {
            // Past the poll's time limit, within the client's.
            tokio::time::sleep(Duration::from_secs(5)).await;
            let mut text = String::new();
            answers.read_to_string(&mut text).await.unwrap();
            text
        };
        let places = Places::new(9, 0, Vec::new(), Arc::default(), Arc::default());
        let place = Arc::new(places).take(peer()).await.unwrap();
        let serve = config.serve(near, peer(), place, stopping);
        let ((), _requests, text) = tokio::join!(serve, ask, read);
        let bodies: Vec<_> = text
            .split("\r\n\r\n")
            .skip(1)
            .map(|rest| rest.split("HTTP/1.1").next().unwrap())
            .collect();
        assert_eq!(bodies, ["an answer", "an answer", "news"], "{text}");
        drop(stop);
    }
}
