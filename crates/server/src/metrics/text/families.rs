//! What has labels or bounds.

use super::lines::{Type, head};
use crate::metrics::{Counter, Metrics, ROUTES, STATUSES};
use kaifu_core::fetch::Class;
use std::fmt::{self, Write as _};

/// A name, what it means, a label, and how often there was each value of it.
type Causes<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a Counter)]);

/// Writes the lines of one figure.
type Values<'a> = &'a dyn Fn(&mut String, &str) -> fmt::Result;

impl Metrics {
    /// Writes what has labels or bounds.
    pub(super) fn write_families(&self, text: &mut String) -> fmt::Result {
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
    pub(super) fn write_causes(&self, text: &mut String) -> fmt::Result {
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
}
