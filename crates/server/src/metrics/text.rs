//! The figures in Prometheus' text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

mod families;
mod lines;

use super::Metrics;
use kaifu_core::time::Millis;
use lines::{Type, write_figures};
use std::fmt;
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

fn seconds(at: Millis) -> u64 {
    u64::try_from(at.0 / 1_000).unwrap_or(0)
}
