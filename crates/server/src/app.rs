//! What the handlers share.

use crate::client_address::{self, Trust, TrustedProxy};
use crate::clock::Clock;
use crate::keys::server_keys::ServerKeys;
use crate::logging::log;
use crate::metrics::Metrics;
use crate::rate_limit::RateLimiter;
use crate::recorder::Recorder;
use crate::settings::{Links, Operator, Settings};
use crate::store::{Store, Turns};
use crate::waiters::Waiters;
use axum::http::HeaderMap;
use kaifu_core::token::{InvalidToken, Token, TokenKind};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    parts: Arc<Parts>,
}

/// The parts of an [`App`], each of which knows nothing of the others.
pub(crate) struct Parts {
    /// Judges what recipients' programs do, and stores it.
    pub(crate) recorder: Recorder,
    /// Who asks, and how much each network may.
    pub(crate) clients: Clients,
    /// What makes tokens ours.
    pub(crate) keys: Arc<ServerKeys>,
    /// The long polls that wait.
    pub(crate) polls: Polls,
    /// Where accounts and events are kept.
    pub(crate) store: Arc<dyn Store>,
    /// Whose turn it is to have the store searched for a message.
    pub(crate) turns: Turns,
    /// When the store was last found ready.
    pub(crate) readiness: FoundReady,
    /// What is counted for the operator.
    pub(crate) metrics: Arc<Metrics>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Where the server keeps its files.
    pub(crate) data_dir: PathBuf,
    /// Where its disk fills: the folder of the database, or of the spool.
    pub(crate) folder: PathBuf,
    /// Who runs the server.
    pub(crate) operator: Operator,
    /// How long an event is kept.
    pub(crate) retention: Duration,
    /// What tracked links do.
    pub(crate) links: Links,
    /// Whether this server encrypts, and no proxy does.
    pub(crate) is_encrypted: bool,
    /// How long a request may take.
    pub(crate) request_timeout: Duration,
}

impl App {
    /// Brings the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// The token that `text` is, if it is one of ours and of that kind. Whether it still records
    /// anything is the recorder's question.
    pub(crate) fn verify(&self, kind: TokenKind, text: &str, extra: &[u8]) -> Option<Token> {
        let token = self.verify_any(text, extra);
        token.filter(|token| token.kind() == kind)
    }

    /// The token that `text` is, if it is one of ours for a recipient's page. The page outlives its
    /// token's last day by the time for which events are kept.
    pub(crate) fn verify_page(&self, text: &str) -> Option<Token> {
        let kept = u16::try_from(self.retention.as_secs() / 86_400).unwrap_or(u16::MAX);
        self.verify_any(text, b"").filter(|token| {
            let is_over = |today| token.until().plus(kept) < today;
            token.kind().is_page() && !self.clock.trusted_day().is_some_and(is_over)
        })
    }

    fn verify_any(&self, text: &str, extra: &[u8]) -> Option<Token> {
        match self.keys.verify(text, extra) {
            Ok(token) => Some(token),
            Err(InvalidToken::Malformed) => None,
            Err(InvalidToken::Forged) => {
                self.metrics.forged_tokens.add(1);
                None
            }
        }
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Who asks, and how much each network may.
pub(crate) struct Clients {
    metrics: Arc<Metrics>,
    trusted_proxies: Vec<TrustedProxy>,
    /// New accounts.
    pub(crate) accounts: RateLimiter,
    /// Failing requests.
    pub(crate) errors: RateLimiter,
}

impl Clients {
    /// The limits that `settings` name.
    pub(crate) fn new(settings: &Settings, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            trusted_proxies: settings.trusted_proxies.clone(),
            accounts: RateLimiter::new(settings.accounts_per_hour, HOUR),
            errors: RateLimiter::new(settings.errors_per_minute, MINUTE),
        }
    }

    /// The address that `peer` asks for. Only for limits and judgement; never stored or logged.
    pub(crate) fn address(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = &self.trusted_proxies;
        let address = client_address::of(peer, headers, trusted);
        match client_address::trust(peer, headers, trusted, address) {
            Trust::Direct => {}
            Trust::Whole => self.metrics.trusted_proxies.add(1),
            Trust::Part => {
                self.metrics.partly_trusted_proxies.add(1);
                log!(
                    Warn hourly,
                    "a trusted proxy was asked by another that --trusted-proxies does not name, such \
                     as a CDN, or a client pretends so: all who ask through it have its address, so \
                     they share one limit and Gmail's opens are not recognised"
                );
            }
            Trust::Nobody => {
                self.metrics.untrusted_proxies.add(1);
                log!(
                    Warn hourly,
                    "a proxy in front is not named by --trusted-proxies, or a client pretends to be \
                     one: all who ask through it have its address and share one limit"
                );
            }
        }
        address
    }

    /// Forgets networks that have used nothing of late.
    pub(crate) fn forget(&self, now: Instant) {
        self.accounts.forget(now);
        self.errors.forget(now);
    }
}

/// When the store was last found ready. Finding out writes, and anybody may ask.
#[derive(Default)]
pub(crate) struct FoundReady(Mutex<Option<Instant>>);

impl FoundReady {
    /// Whether that was within this second.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        let at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| now.saturating_duration_since(at) < Duration::from_secs(1))
    }

    /// It was found so at `now`.
    pub(crate) fn note(&self, now: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

/// The long polls that wait, until the server stops.
pub(crate) struct Polls {
    waiters: Arc<Waiters>,
    stopping: AtomicBool,
}

impl Polls {
    /// Polls that `waiters` holds.
    pub(crate) const fn new(waiters: Arc<Waiters>) -> Self {
        Self {
            waiters,
            stopping: AtomicBool::new(false),
        }
    }

    /// Those that wait.
    pub(crate) const fn waiters(&self) -> &Arc<Waiters> {
        &self.waiters
    }

    /// Answers every long poll now, and later ones at once.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.waiters.close();
    }

    /// Whether no poll may wait any more.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
