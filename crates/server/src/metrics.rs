//! What the server counts for its operator, in Prometheus' text format.

use crate::app::App;
use crate::connection::parked::Poll;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kaifu_core::fetch::Class;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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

/// The place of images among them.
const PIXEL: usize = 0;

/// Kinds of answers: the first digit of their status.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Upper bounds in seconds: from a sync of a fast disk to the end of a long poll.
const SECONDS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0,
];

/// Upper bounds for the size of a batch.
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 512.0, 1024.0];

/// Everything that is counted.
#[derive(Default)]
pub(crate) struct Metrics {
    routes: [Route; ROUTES.len()],
    opens: [AtomicU64; Class::ALL.len()],
    pub(crate) folded: Counter,
    pub(crate) lost: Counter,
    pub(crate) limited_accounts: Counter,
    pub(crate) limited_errors: Counter,
    pub(crate) connections: Arc<Gauge>,
    pub(crate) failed_handshakes: Counter,
    pub(crate) failed_orders: Counter,
    /// When the certificate expires, in seconds since 1970; 0 without one.
    certificate: AtomicU64,
    commit_seconds: Histogram<{ SECONDS.len() }>,
    commit_size: Histogram<{ SIZES.len() }>,
}

#[derive(Default)]
struct Route {
    seconds: Histogram<{ SECONDS.len() }>,
    statuses: [AtomicU64; STATUSES.len()],
}

/// What only goes up.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
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
    pub(crate) fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn fall(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Histogram<const BOUNDS: usize> {
    below: [AtomicU64; BOUNDS],
    above: AtomicU64,
    /// In millionths, as there is no atomic float.
    sum: AtomicU64,
}

impl<const BOUNDS: usize> Default for Histogram<BOUNDS> {
    fn default() -> Self {
        Self {
            below: [const { AtomicU64::new(0) }; BOUNDS],
            above: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    fn add(&self, bounds: &[f64; BOUNDS], value: f64, millionths: u64) {
        let place = bounds.iter().position(|bound| value <= *bound);
        place
            .map_or(&self.above, |place| &self.below[place])
            .fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(millionths, Ordering::Relaxed);
    }

    /// `labels` are empty or end in a comma.
    fn write(&self, text: &mut String, name: &str, labels: &str, bounds: &[f64]) -> fmt::Result {
        let mut total = 0;
        for (bound, count) in bounds.iter().zip(&self.below) {
            total += count.load(Ordering::Relaxed);
            writeln!(text, "{name}_bucket{{{labels}le=\"{bound}\"}} {total}")?;
        }
        total += self.above.load(Ordering::Relaxed);
        writeln!(text, "{name}_bucket{{{labels}le=\"+Inf\"}} {total}")?;
        let sum = Duration::from_micros(self.sum.load(Ordering::Relaxed)).as_secs_f64();
        let labels = labels.trim_end_matches(',');
        writeln!(text, "{name}_sum{{{labels}}} {sum}")?;
        writeln!(text, "{name}_count{{{labels}}} {total}")
    }
}

impl Metrics {
    /// Counts a stored or folded fetch.
    pub(crate) fn open(&self, class: Class) {
        if let Some(count) = self.opens.get(class.place()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a committed batch.
    pub(crate) fn commit(&self, size: usize, took: Duration) {
        self.commit_seconds
            .add(&SECONDS, took.as_secs_f64(), micros(took));
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        self.commit_size
            .add(&SIZES, size.into(), u64::from(size) * 1_000_000);
    }

    /// Counts an answered request for an image.
    pub(crate) fn image(&self, took: Duration) {
        self.request(PIXEL, 200, took);
    }

    /// Notes when the certificate that is served expires, in seconds since 1970.
    pub(crate) fn certificate_expires(&self, at: i64) {
        let at = u64::try_from(at).unwrap_or(0);
        self.certificate.store(at, Ordering::Relaxed);
    }

    fn request(&self, route: usize, status: u16, took: Duration) {
        let route = &self.routes[route];
        route
            .seconds
            .add(&SECONDS, took.as_secs_f64(), micros(took));
        if let Some(count) = route.statuses.get(usize::from(status / 100) - 1) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn write(&self, text: &mut String, now: &Now) -> fmt::Result {
        let name = "kaifu_http_request_seconds";
        head(
            text,
            name,
            "histogram",
            "Time to answer a request, a long poll's wait included.",
        )?;
        for (route, (_, label)) in self.routes.iter().zip(ROUTES) {
            let label = format!("route=\"{label}\",");
            route.seconds.write(text, name, &label, &SECONDS)?;
        }
        let name = "kaifu_http_responses_total";
        head(
            text,
            name,
            "counter",
            "Answers by route and kind of status.",
        )?;
        for (route, (_, label)) in self.routes.iter().zip(ROUTES) {
            for (count, status) in route.statuses.iter().zip(STATUSES) {
                let count = count.load(Ordering::Relaxed);
                writeln!(
                    text,
                    "{name}{{route=\"{label}\",status=\"{status}\"}} {count}"
                )?;
            }
        }
        let name = "kaifu_opens_total";
        head(
            text,
            name,
            "counter",
            "Fetches with a valid token that were stored, by class.",
        )?;
        for (count, class) in self.opens.iter().zip(Class::ALL) {
            let (count, class) = (count.load(Ordering::Relaxed), class.code());
            writeln!(text, "{name}{{class=\"{class}\"}} {count}")?;
        }
        let name = "kaifu_rate_limited_total";
        head(
            text,
            name,
            "counter",
            "Requests refused as their network had too many.",
        )?;
        for (limit, count) in [
            ("accounts", &self.limited_accounts),
            ("errors", &self.limited_errors),
        ] {
            writeln!(text, "{name}{{limit=\"{limit}\"}} {}", count.get())?;
        }
        let name = "kaifu_commit_seconds";
        head(text, name, "histogram", "Time to commit a batch of writes.")?;
        self.commit_seconds.write(text, name, "", &SECONDS)?;
        let name = "kaifu_commit_batch_size";
        head(text, name, "histogram", "Writes in a committed batch.")?;
        self.commit_size.write(text, name, "", &SIZES)?;
        self.write_single(text, now)
    }

    /// Writes what has no labels.
    fn write_single(&self, text: &mut String, now: &Now) -> fmt::Result {
        for (name, kind, help, value) in [
            (
                "kaifu_opens_folded_total",
                "counter",
                "Fetches of a flood that were counted only.",
                self.folded.get(),
            ),
            (
                "kaifu_opens_lost_total",
                "counter",
                "Images answered without their event being acknowledged.",
                self.lost.get(),
            ),
            (
                "kaifu_tls_handshakes_failed_total",
                "counter",
                "Connections that ended before they were encrypted.",
                self.failed_handshakes.get(),
            ),
            (
                "kaifu_certificate_orders_failed_total",
                "counter",
                "Attempts to get a certificate that failed.",
                self.failed_orders.get(),
            ),
            (
                "kaifu_certificate_expires_seconds",
                "gauge",
                "When the certificate expires, in seconds since 1970; 0 without one.",
                self.certificate.load(Ordering::Relaxed),
            ),
            (
                "kaifu_connections",
                "gauge",
                "Open connections.",
                self.connections.0.load(Ordering::Relaxed),
            ),
            (
                "kaifu_waiters",
                "gauge",
                "Long polls that wait for news.",
                now.waiters as u64,
            ),
            (
                "kaifu_spool_events",
                "gauge",
                "Events that wait for the database to come back.",
                now.spooled,
            ),
            (
                "kaifu_database_up",
                "gauge",
                "Whether the database answers.",
                u64::from(now.database_up),
            ),
        ] {
            head(text, name, kind, help)?;
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }
}

/// What is looked up when the figures are asked for.
struct Now {
    waiters: usize,
    spooled: u64,
    database_up: bool,
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn route(uri: &Uri) -> usize {
    let path = uri.path();
    ROUTES
        .iter()
        .position(|(start, _)| path.starts_with(start))
        .unwrap_or(ROUTES.len() - 1)
}

/// Times every request that goes through the table of routes.
pub(crate) async fn observe(
    State(app): State<App>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let route = route(request.uri());
    // A poll that waited was asked long ago.
    let start = request
        .extensions()
        .get::<Poll>()
        .map_or_else(Instant::now, |poll| poll.asked.into_std());
    let response = next.run(request).await;
    app.metrics
        .request(route, response.status().as_u16(), start.elapsed());
    response
}

/// `GET /metrics` on the second listener.
pub(crate) async fn show(State(app): State<App>) -> Response {
    let health = app.store.health();
    let now = Now {
        waiters: app.waiters.count(),
        spooled: health.spooled,
        database_up: health.database_up,
    };
    let mut text = String::with_capacity(16 << 10);
    // Writing to a string cannot fail.
    let _ = app.metrics.write(&mut text, &now);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_each_bound() {
        let histogram = Histogram::<3>::default();
        let bounds = [1.0, 2.0, 4.0];
        for value in [1, 2, 2, 3, 9] {
            histogram.add(
                &bounds,
                value.into(),
                u64::try_from(value).unwrap() * 1_000_000,
            );
        }
        let mut text = String::new();
        histogram
            .write(&mut text, "x", "a=\"b\",", &bounds)
            .unwrap();
        assert_eq!(
            text,
            "x_bucket{a=\"b\",le=\"1\"} 1\nx_bucket{a=\"b\",le=\"2\"} 3\n\
             x_bucket{a=\"b\",le=\"4\"} 4\nx_bucket{a=\"b\",le=\"+Inf\"} 5\n\
             x_sum{a=\"b\"} 17\nx_count{a=\"b\"} 5\n"
        );
    }

    #[test]
    fn routes_are_told_apart() {
        for (path, expected) in [
            ("/p/x.gif", "pixel"),
            ("/v1/events", "events"),
            ("/v1/accounts", "api"),
            ("/readyz", "readyz"),
            ("/", "other"),
        ] {
            assert_eq!(ROUTES[route(&Uri::from_static(path))].1, expected, "{path}");
        }
        assert_eq!(ROUTES[PIXEL].1, "pixel");
    }
}
