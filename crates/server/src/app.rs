//! What the handlers share.

use crate::client_address::TrustedProxy;
use crate::clock::Clock;
use crate::keys::reader_keys::ReaderKeys;
use crate::keys::server_keys::ServerKeys;
use crate::log_throttle::Failures;
use crate::metrics::Metrics;
use crate::rate_limit::Share;
use crate::recorder::flood::Floods;
use crate::recorder::senders::Senders;
use crate::settings::{Limits, Settings};
use crate::store::Store;
use crate::waiters::Waiters;
use kaifu_core::id::AccountId;
use kaifu_core::token::{Kind, Token};
use kaifu_networks::Tables;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// How many senders' addresses are remembered; about 8 MB at the most.
const SENDERS: usize = 100_000;

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) keys: Arc<ServerKeys>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) waiters: Arc<Waiters>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) new_accounts: Share,
    pub(crate) errors: Share,
    pub(crate) distrusted: Failures,
    pub(crate) lost_events: Failures,
    pub(crate) clock: Clock,
    pub(crate) tables: Tables,
    pub(crate) readers: Arc<ReaderKeys>,
    senders: Mutex<Senders>,
    pub(crate) floods: Floods,
    pub(crate) retention: Duration,
    pub(crate) limits: Limits,
    stopping: AtomicBool,
}

impl App {
    pub(crate) fn new(
        keys: Arc<ServerKeys>,
        store: Arc<dyn Store>,
        waiters: Arc<Waiters>,
        metrics: Arc<Metrics>,
        tables: Tables,
        readers: Arc<ReaderKeys>,
        settings: &Settings,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                keys,
                store,
                waiters,
                metrics,
                trusted_proxies: settings.trusted_proxies.clone(),
                errors: Share::new(settings.errors_per_minute, MINUTE),
                distrusted: Failures::default(),
                new_accounts: Share::new(settings.accounts_per_hour, HOUR),
                lost_events: Failures::default(),
                clock: settings.clock.clone(),
                tables,
                readers,
                senders: Mutex::new(Senders::new(SENDERS, Instant::now())),
                floods: Floods::default(),
                retention: settings.retention,
                limits: settings.limits.clone(),
                stopping: AtomicBool::new(false),
            }),
        }
    }

    /// Answers every long poll now, and later ones at once.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.waiters.close();
    }

    /// The token that `text` is, if it is one of ours and of that kind.
    pub(crate) fn verify(&self, kind: Kind, text: &str, extra: &[u8]) -> Option<Token> {
        self.keys
            .verify(text, extra)
            .filter(|token| token.kind() == kind)
    }

    /// The account asked for its events from `client`, which is remembered for at most two hours.
    pub(crate) fn saw_sender(&self, account: AccountId, client: IpAddr) {
        self.senders().saw(account, client, Instant::now());
    }

    /// Whether the account lately asked from `client`.
    pub(crate) fn is_sender(&self, account: AccountId, client: IpAddr) -> bool {
        self.senders().is_sender(account, client, Instant::now())
    }

    fn senders(&self) -> MutexGuard<'_, Senders> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}
