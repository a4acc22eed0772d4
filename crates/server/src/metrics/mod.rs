//! What the server counts for its operator. How it is shown stands in `text`.

mod histogram;
mod text;

pub(crate) use text::Now;

use histogram::Histogram;
use kaifu_core::fetch::Class;
use kaifu_core::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The routes that are told apart, by the beginning of their paths.
const ROUTES: [(&str, &str); 8] = [
    ("/p/", "pixel"),
    ("/l/", "link"),
    ("/r/", "receipt"),
    ("/v1/events", "events"),
    ("/v1/", "api"),
    ("/healthz", "healthz"),
    ("/readyz", "readyz"),
    ("", "other"),
];

/// One of the routes that are told apart.
#[derive(Clone, Copy)]
pub(crate) struct Route(usize);

/// Images.
const PIXEL: Route = Route(0);

/// Kinds of answers: the first digit of their status.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Upper bounds in seconds: from a sync of a fast disk to the end of a long poll.
const SECONDS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];

/// Upper bounds for the size of a batch.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 512.0, 1024.0];

/// Why a fetch was only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// It is one of a flood.
    Flood,
    /// Its message has had its share of the day.
    Message,
    /// Its account has.
    Account,
}

/// Everything that is counted.
pub(crate) struct Metrics {
    routes: [RouteFigures; ROUTES.len()],
    recorded: [Counter; Class::ALL.len()],
    folded: Counter,
    over_message: Counter,
    over_account: Counter,
    /// Events that were not stored, as their account is gone or their recipient has refused.
    pub(crate) dropped: Counter,
    /// Requests that were answered without their event being stored, though it should have been.
    pub(crate) lost: Counter,
    /// Requests with a token that no key of this server made.
    pub(crate) forged_tokens: Counter,
    /// Requests with a token whose last day is over.
    pub(crate) expired_tokens: Counter,
    /// Events out of a spool that a refusal or an erasure keeps out.
    pub(crate) late_dropped: Counter,
    /// Events that the database refuses for what is in them.
    pub(crate) set_aside: Counter,
    /// Events that were stored again, as the database had gone back.
    pub(crate) stored_again: Counter,
    /// New accounts refused, as their network had made too many.
    pub(crate) limited_accounts: Counter,
    /// Requests refused, as too many of their network had failed.
    pub(crate) limited_errors: Counter,
    /// Presses refused, as the button was pressed too often that day.
    pub(crate) limited_presses: Counter,
    /// Events and accounts that were not stored, as the disk has little room.
    pub(crate) without_room: Counter,
    /// Accounts that ended, as nobody had asked for them.
    pub(crate) ended_accounts: Counter,
    /// Refusals that ended with their tokens.
    pub(crate) ended_refusals: Counter,
    /// Long polls refused, as too many of their account wait.
    pub(crate) limited_polls: Counter,
    /// Searches for a message that took longer than they may.
    pub(crate) searches_ended: Counter,
    /// Requests through proxies that are trusted, as far as they show.
    pub(crate) trusted_proxies: Counter,
    /// Requests through a trusted proxy that was asked by one that is not.
    pub(crate) partly_trusted_proxies: Counter,
    /// Requests that name somebody else's address, though no proxy is trusted that could.
    pub(crate) untrusted_proxies: Counter,
    /// When events past their retention were last removed, in milliseconds since 1970.
    purged_at: AtomicI64,
    /// Open connections.
    pub(crate) connections: Arc<Gauge>,
    /// Connections closed at once, as their network has its share.
    pub(crate) refused_connections: Counter,
    /// Idle connections closed for others' sake.
    pub(crate) closed_connections: Counter,
    /// Connections that ended before they were encrypted.
    pub(crate) failed_handshakes: Counter,
    /// Orders of a certificate that failed.
    pub(crate) failed_orders: Counter,
    /// When the certificate expires, in seconds since 1970; 0 without one.
    certificate: AtomicU64,
    commit_seconds: Histogram<{ SECONDS.len() }>,
    commit_size: Histogram<{ SIZES.len() }>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            routes: [const { RouteFigures::new() }; ROUTES.len()],
            recorded: [const { Counter::new() }; Class::ALL.len()],
            folded: Counter::new(),
            over_message: Counter::new(),
            over_account: Counter::new(),
            dropped: Counter::new(),
            lost: Counter::new(),
            forged_tokens: Counter::new(),
            expired_tokens: Counter::new(),
            late_dropped: Counter::new(),
            set_aside: Counter::new(),
            stored_again: Counter::new(),
            limited_accounts: Counter::new(),
            limited_errors: Counter::new(),
            limited_polls: Counter::new(),
            limited_presses: Counter::new(),
            without_room: Counter::new(),
            ended_accounts: Counter::new(),
            ended_refusals: Counter::new(),
            searches_ended: Counter::new(),
            trusted_proxies: Counter::new(),
            partly_trusted_proxies: Counter::new(),
            untrusted_proxies: Counter::new(),
            purged_at: AtomicI64::new(0),
            connections: Arc::default(),
            refused_connections: Counter::new(),
            closed_connections: Counter::new(),
            failed_handshakes: Counter::new(),
            failed_orders: Counter::new(),
            certificate: AtomicU64::new(0),
            commit_seconds: Histogram::new(&SECONDS),
            commit_size: Histogram::new(&SIZES),
        }
    }
}

struct RouteFigures {
    seconds: Histogram<{ SECONDS.len() }>,
    statuses: [Counter; STATUSES.len()],
}

impl RouteFigures {
    const fn new() -> Self {
        Self {
            seconds: Histogram::new(&SECONDS),
            statuses: [const { Counter::new() }; STATUSES.len()],
        }
    }
}

/// What only goes up.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts `count` more.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are now.
#[derive(Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    /// There is one more.
    pub(crate) fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// There is one less.
    pub(crate) fn fall(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Metrics {
    /// Counts an event that was stored: one of `class`, or one that was only counted.
    pub(crate) fn recorded(&self, class: Class, folded: Option<Folded>) {
        let Some(folded) = folded else {
            if let Some(count) = self.recorded.get(class.place()) {
                count.add(1);
            }
            return;
        };
        self.folded.add(1);
        match folded {
            Folded::Flood => {}
            Folded::Message => self.over_message.add(1),
            Folded::Account => self.over_account.add(1),
        }
    }

    /// Counts a committed batch.
    pub(crate) fn commit(&self, size: usize, took: Duration) {
        self.commit_seconds.add_time(took);
        self.commit_size.add_size(size);
    }

    /// Counts an answered request for an image.
    pub(crate) fn image(&self, took: Duration) {
        self.request(PIXEL, 200, took);
    }

    /// Notes that events past their retention were removed at `now`, if there were any.
    pub(crate) fn purged(&self, now: Millis) {
        self.purged_at.store(now.0, Ordering::Relaxed);
    }

    /// Notes when the certificate that is served expires, in seconds since 1970.
    pub(crate) fn certificate_expires(&self, at: i64) {
        let at = u64::try_from(at).unwrap_or(0);
        self.certificate.store(at, Ordering::Relaxed);
    }

    /// Counts an answered request.
    pub(crate) fn request(&self, route: Route, status: u16, took: Duration) {
        let route = &self.routes[route.0];
        route.seconds.add_time(took);
        if let Some(count) = route.statuses.get(usize::from(status / 100) - 1) {
            count.add(1);
        }
    }
}

impl Route {
    /// The route of `path`.
    pub(crate) fn of(path: &str) -> Self {
        let place = ROUTES.iter().position(|(start, _)| path.starts_with(start));
        Self(place.unwrap_or(ROUTES.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart() {
        for (path, expected) in [
            ("/p/x.gif", "pixel"),
            ("/v1/events", "events"),
            ("/v1/accounts", "api"),
            ("/readyz", "readyz"),
            ("/", "other"),
        ] {
            assert_eq!(ROUTES[Route::of(path).0].1, expected, "{path}");
        }
        assert_eq!(ROUTES[PIXEL.0].1, "pixel");
    }
}
