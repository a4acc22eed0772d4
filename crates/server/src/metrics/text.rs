//! The figures in Prometheus' text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use super::{Counter, Metrics, ROUTES, STATUSES};
use kaifu_core::fetch::Class;
use kaifu_core::time::Millis;
use std::fmt::{self, Write as _};
use std::sync::atomic::Ordering;

/// What is looked up when the figures are asked for.
pub(crate) struct Now {
    /// Long polls that wait.
    pub(crate) waiters: usize,
    /// Long polls that were told of news so far.
    pub(crate) woken: u64,
    /// Networks whose limits were forgotten early.
    pub(crate) crowded_out: u64,
    /// Events in the spool.
    pub(crate) spooled: u64,
    /// Whether events can be stored in the database.
    pub(crate) database_up: bool,
    /// Room on the disk of the events, in bytes; `None` where the system does not say.
    pub(crate) disk_free: Option<u64>,
    /// When the last backup was made.
    pub(crate) last_backup: Option<Millis>,
    /// Whether they can be read there.
    pub(crate) database_readable: bool,
    /// Whether the disk has so little room that only accounts in use are stored.
    pub(crate) is_disk_low: bool,
}

/// What a figure does, as Prometheus names it.
#[derive(Clone, Copy)]
enum Type {
    Counter,
    Gauge,
    Histogram,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A name, what it means, a label, and how often there was each value of it.
type Causes<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a Counter)]);

/// Writes the lines of one figure.
type Values<'a> = &'a dyn Fn(&mut String, &str) -> fmt::Result;

impl Metrics {
    /// Everything that was counted, and `now`.
    pub(crate) fn text(&self, now: &Now) -> String {
        let mut text = String::with_capacity(16 << 10);
        // Writing to a string cannot fail.
        let _ = self.write_families(&mut text);
        let _ = self.write_causes(&mut text);
        let _ = self.write_single(&mut text, now);
        let _ = self.write_encryption(&mut text);
        let _ = self.write_proxies(&mut text);
        let _ = self.write_store(&mut text, now);
        text
    }

    /// Writes what has labels or bounds.
    fn write_families(&self, text: &mut String) -> fmt::Result {
        let name = "kaifu_build_info";
        head(
            text,
            name,
            Type::Gauge,
            "Always 1; the label says what runs.",
        )?;
        let version = env!("CARGO_PKG_VERSION");
        writeln!(text, "{name}{{version=\"{version}\"}} 1")?;
        let families: [(&str, Type, &str, Values<'_>); 5] = [
            (
                "kaifu_http_request_seconds",
                Type::Histogram,
                "Time to answer a request, a long poll's wait included.",
                &|text, name| self.write_request_times(text, name),
            ),
            (
                "kaifu_http_responses_total",
                Type::Counter,
                "Answers by route and kind of status.",
                &|text, name| self.write_responses(text, name),
            ),
            (
                "kaifu_opens_total",
                Type::Counter,
                "Events that were stored one by one, by class.",
                &|text, name| {
                    for (count, class) in self.recorded.iter().zip(Class::ALL) {
                        let (class, count) = (class.code(), count.get());
                        writeln!(text, "{name}{{class=\"{class}\"}} {count}")?;
                    }
                    Ok(())
                },
            ),
            (
                "kaifu_commit_seconds",
                Type::Histogram,
                "Time to commit a batch of writes.",
                &|text, name| self.commit_seconds.write(text, name, ""),
            ),
            (
                "kaifu_commit_batch_size",
                Type::Histogram,
                "Writes in a committed batch.",
                &|text, name| self.commit_size.write(text, name, ""),
            ),
        ];
        for (name, kind, help, values) in families {
            head(text, name, kind, help)?;
            values(text, name)?;
        }
        Ok(())
    }

    /// Writes what is counted by cause.
    fn write_causes(&self, text: &mut String) -> fmt::Result {
        let families: [Causes<'_>; 5] = [
            (
                "kaifu_tokens_refused_total",
                "Requests whose token recorded nothing: of no key of this server, or past its last day.",
                "cause",
                &[
                    ("forged", &self.forged_tokens),
                    ("expired", &self.expired_tokens),
                ],
            ),
            (
                "kaifu_events_over_share_total",
                "Fetches beyond a day's share of their message or account, which were only counted.",
                "share",
                &[
                    ("message", &self.over_message),
                    ("account", &self.over_account),
                ],
            ),
            (
                "kaifu_ended_total",
                "What came to an end: accounts that nobody asked for, refusals of tokens that are over.",
                "what",
                &[
                    ("accounts", &self.ended_accounts),
                    ("refusals", &self.ended_refusals),
                ],
            ),
            (
                "kaifu_connections_closed_total",
                "Connections closed by a limit: of a network beyond its share, or idle when places ran short.",
                "cause",
                &[
                    ("network", &self.refused_connections),
                    ("idle", &self.closed_connections),
                ],
            ),
            (
                "kaifu_rate_limited_total",
                "Requests refused as their network, account or button had too many.",
                "limit",
                &[
                    ("accounts", &self.limited_accounts),
                    ("errors", &self.limited_errors),
                    ("polls", &self.limited_polls),
                    ("presses", &self.limited_presses),
                ],
            ),
        ];
        for (name, help, label, counts) in families {
            head(text, name, Type::Counter, help)?;
            for (value, count) in counts {
                writeln!(text, "{name}{{{label}=\"{value}\"}} {}", count.get())?;
            }
        }
        Ok(())
    }

    fn write_request_times(&self, text: &mut String, name: &str) -> fmt::Result {
        for (route, (_, label)) in self.routes.iter().zip(ROUTES) {
            let label = format!("route=\"{label}\",");
            route.seconds.write(text, name, &label)?;
        }
        Ok(())
    }

    fn write_responses(&self, text: &mut String, name: &str) -> fmt::Result {
        for (route, (_, label)) in self.routes.iter().zip(ROUTES) {
            for (count, status) in route.statuses.iter().zip(STATUSES) {
                let count = count.get();
                writeln!(
                    text,
                    "{name}{{route=\"{label}\",status=\"{status}\"}} {count}"
                )?;
            }
        }
        Ok(())
    }

    /// Writes what is one number.
    fn write_single(&self, text: &mut String, now: &Now) -> fmt::Result {
        let figures = [
            (
                "kaifu_opens_folded_total",
                Type::Counter,
                "Fetches of a flood that were counted only.",
                self.folded.get(),
            ),
            (
                "kaifu_opens_dropped_total",
                Type::Counter,
                "Events not stored, as their account is gone or their recipient has refused.",
                self.dropped.get(),
            ),
            (
                "kaifu_opens_lost_total",
                Type::Counter,
                "Images answered without their event being acknowledged.",
                self.lost.get(),
            ),
            (
                "kaifu_connections",
                Type::Gauge,
                "Open connections.",
                self.connections.get(),
            ),
            (
                "kaifu_networks_crowded_out_total",
                Type::Counter,
                "Networks whose failures and new accounts were forgotten early, as there were too many.",
                now.crowded_out,
            ),
            (
                "kaifu_waiters",
                Type::Gauge,
                "Long polls that wait for news.",
                now.waiters as u64,
            ),
            (
                "kaifu_waiters_woken_total",
                Type::Counter,
                "Long polls that waited and were told of news.",
                now.woken,
            ),
            (
                "kaifu_disk_free_bytes",
                Type::Gauge,
                "Room on the disk of the database, or of the spool; 0 also when unknown.",
                now.disk_free.unwrap_or(0),
            ),
            (
                "kaifu_last_purge_seconds",
                Type::Gauge,
                "When events past their retention were last removed, in seconds since 1970; 0 for never.",
                seconds(Millis(self.purged_at.load(Ordering::Relaxed))),
            ),
            (
                "kaifu_last_backup_seconds",
                Type::Gauge,
                "When `kaifu-server backup` last succeeded, in seconds since 1970; 0 for never.",
                now.last_backup.map_or(0, seconds),
            ),
        ];
        write_figures(text, &figures)
    }

    /// Writes how connections are encrypted.
    fn write_encryption(&self, text: &mut String) -> fmt::Result {
        let figures = [
            (
                "kaifu_tls_handshakes_failed_total",
                Type::Counter,
                "Connections that ended before they were encrypted.",
                self.failed_handshakes.get(),
            ),
            (
                "kaifu_certificate_orders_failed_total",
                Type::Counter,
                "Attempts to get a certificate that failed.",
                self.failed_orders.get(),
            ),
            (
                "kaifu_certificate_expires_seconds",
                Type::Gauge,
                "When the certificate expires, in seconds since 1970; 0 without one.",
                self.certificate.load(Ordering::Relaxed),
            ),
        ];
        write_figures(text, &figures)
    }

    /// Writes through whom requests came.
    fn write_proxies(&self, text: &mut String) -> fmt::Result {
        let figures = [
            (
                "kaifu_trusted_proxy_requests_total",
                Type::Counter,
                "Requests through proxies that are trusted, as far as they show.",
                self.trusted_proxies.get(),
            ),
            (
                "kaifu_partly_trusted_proxy_requests_total",
                Type::Counter,
                "Requests through a trusted proxy that was asked by one that is not, such as a CDN.",
                self.partly_trusted_proxies.get(),
            ),
            (
                "kaifu_untrusted_proxy_requests_total",
                Type::Counter,
                "Requests with X-Forwarded-For from an address that is not trusted with it.",
                self.untrusted_proxies.get(),
            ),
        ];
        write_figures(text, &figures)
    }

    /// Writes how the store is.
    fn write_store(&self, text: &mut String, now: &Now) -> fmt::Result {
        let figures = [
            (
                "kaifu_spool_events",
                Type::Gauge,
                "Events that wait for the database to come back.",
                now.spooled,
            ),
            (
                "kaifu_database_up",
                Type::Gauge,
                "Whether events can be stored in the database.",
                u64::from(now.database_up),
            ),
            (
                "kaifu_database_readable",
                Type::Gauge,
                "Whether the last question to the database was answered.",
                u64::from(now.database_readable),
            ),
            (
                "kaifu_late_events_dropped_total",
                Type::Counter,
                "Events out of a spool that came after a refusal, or before an erasure.",
                self.late_dropped.get(),
            ),
            (
                "kaifu_events_set_aside_total",
                Type::Counter,
                "Events that the database refused for what is in them.",
                self.set_aside.get(),
            ),
            (
                "kaifu_events_stored_again_total",
                Type::Counter,
                "Events that were stored again, as the database had gone back.",
                self.stored_again.get(),
            ),
            (
                "kaifu_disk_low",
                Type::Gauge,
                "Whether the disk has so little room that only accounts in use are stored.",
                u64::from(now.is_disk_low),
            ),
            (
                "kaifu_disk_low_refused_total",
                Type::Counter,
                "Events and new accounts that were not stored for want of room.",
                self.without_room.get(),
            ),
            (
                "kaifu_searches_ended_total",
                Type::Counter,
                "Looks for a message's events that took longer than they may.",
                self.searches_ended.get(),
            ),
        ];
        write_figures(text, &figures)
    }
}

/// A name, what it does, what it means, and the number.
type Figure<'a> = (&'a str, Type, &'a str, u64);

fn write_figures(text: &mut String, figures: &[Figure<'_>]) -> fmt::Result {
    for (name, kind, help, value) in figures {
        head(text, name, *kind, help)?;
        writeln!(text, "{name} {value}")?;
    }
    Ok(())
}

fn seconds(at: Millis) -> u64 {
    u64::try_from(at.0 / 1_000).unwrap_or(0)
}

fn head(text: &mut String, name: &str, kind: Type, help: &str) -> fmt::Result {
    let kind = kind.name();
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}
