//! One connection, from its first request to its end.

use crate::connection::parked::{Parked, Parking, Poll};
use crate::connection::write_timeout::Impatient;
use crate::site::Site;
use crate::waiters::Woken;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::{Future as _, pending, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::watch;

/// What all conversations of a listener have in common.
pub(crate) struct Manners {
    pub(crate) http: Builder,
    pub(crate) site: Site,
    /// How long a client may take nothing of what it is sent.
    pub(crate) patience: Duration,
}

impl Manners {
    /// Answers what `peer` asks on `stream`, until either has had enough or `stopping` turns true.
    pub(crate) async fn converse<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        mut stopping: watch::Receiver<bool>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = Impatient::new(stream, self.patience);
        let mut woken = None;
        loop {
            let parking = Parking::after(woken.take());
            let service = service_fn(|mut request| {
                parking.offer(&mut request);
                self.site.answer(peer, request)
            });
            // In a box, whose space is free while a poll waits.
            let connection = self.http.serve_connection(TokioIo::new(stream), service);
            let mut connection = Box::new(connection);
            let mut stop = pin!(stopping.wait_for(|stopping| *stopping));
            let mut told = false;
            let spoken = poll_fn(|context| {
                loop {
                    // A connection that breaks is its client's affair.
                    if Pin::new(&mut connection).poll(context).is_ready() {
                        return task::Poll::Ready(None);
                    }
                    // No request is begun before the answers to earlier ones are sent, so nothing
                    // is left behind.
                    if let Some(parked) = parking.take_parked() {
                        return task::Poll::Ready(Some(parked));
                    }
                    if told || stop.as_mut().poll(context).is_pending() {
                        return task::Poll::Pending;
                    }
                    told = true;
                    Pin::new(&mut *connection).graceful_shutdown();
                }
            });
            let Some(mut parked) = spoken.await else {
                return;
            };
            stream = {
                // What is left of the connection has a buffer, which must not wait along.
                let parts = connection.into_parts();
                parked.asked.extend_from_slice(&parts.read_buf);
                parts.io.into_inner()
            };
            let Some((poll, asked)) = wait(&mut stream, parked).await else {
                return;
            };
            stream.rewind(asked);
            woken = Some(poll);
        }
    }
}

/// Waits until a poll is to be asked again; gives it with the bytes that its connection begins with,
/// or `None` when the client has gone.
async fn wait(stream: &mut (impl AsyncRead + Unpin), parked: Parked) -> Option<(Poll, Vec<u8>)> {
    let Parked {
        poll,
        mut waiter,
        mut asked,
    } = parked;
    let over = tokio::select! {
        biased;
        woken = waiter.woken() => woken == Woken::End,
        () = tokio::time::sleep_until(poll.deadline) => true,
        () = hung_up(stream, &mut asked) => return None,
    };
    Some((Poll { over, ..poll }, asked))
}

/// Completes when the client closes its connection. What it sends is added to `read`, and ends the
/// watch: the client is answered before anything more is read.
async fn hung_up(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) {
    let mut byte = [0];
    if let Ok(1) = stream.read(&mut byte).await {
        read.extend_from_slice(&byte);
        pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::AccountRow;
    use crate::waiters::Waiters;
    use axum::routing::get;
    use axum::{Extension, Router};
    use kaifu_core::id::AccountId;
    use std::sync::Arc;
    use tokio::io::AsyncWriteExt as _;
    use tokio::time::Instant;

    const ACCOUNT: AccountRow = AccountRow {
        row: 1,
        id: AccountId([1; 8]),
    };

    /// Waits once, and then has news.
    async fn poll(
        Extension(waiters): Extension<Arc<Waiters>>,
        Extension(parking): Extension<Parking>,
        woken: Option<Extension<Poll>>,
    ) -> &'static str {
        if woken.is_some() {
            return "news";
        }
        let now = Instant::now();
        let poll = Poll {
            account: ACCOUNT,
            asked: now,
            deadline: now + Duration::from_secs(1),
            over: false,
        };
        match parking.park(poll, waiters.register(ACCOUNT.id)).await {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_poll_waits_for_earlier_answers_to_be_taken() {
        let waiters = Arc::new(Waiters::new(8));
        let routes = Router::new()
            .route("/v1/events", get(poll))
            .fallback(async || "an answer")
            .layer(Extension(waiters));
        let manners = Manners {
            http: Builder::new(),
            site: Site::new(None, routes),
            patience: Duration::from_secs(20),
        };
        let (stop, stopping) = watch::channel(false);
        // So little that an answer is sent in several parts.
        let (mut answers, slow) = tokio::io::duplex(64);
        let (mut requests, fast) = tokio::io::duplex(1_024);
        let near = tokio::io::join(fast, slow);
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let ask = async move {
            let text = b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n\
                GET /v1/events HTTP/1.1\r\nconnection: close\r\n\r\n";
            requests.write_all(text).await.unwrap();
            requests
        };
        let read = async {
            // Past the patience of a poll, within that for a client.
            tokio::time::sleep(Duration::from_secs(5)).await;
            let mut text = String::new();
            answers.read_to_string(&mut text).await.unwrap();
            text
        };
        let ((), _requests, text) = tokio::join!(manners.converse(near, peer, stopping), ask, read);
        let bodies: Vec<_> = text
            .split("\r\n\r\n")
            .skip(1)
            .map(|rest| rest.split("HTTP/1.1").next().unwrap())
            .collect();
        assert_eq!(bodies, ["an answer", "an answer", "news"], "{text}");
        drop(stop);
    }
}
