//! What the handlers share.

use crate::failures::Failures;
use crate::rate::AccountLimit;
use crate::settings::{Limits, Settings};
use crate::store::Store;
use crate::waiters::Waiters;
use kaifu_core::id::ServerKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) key: ServerKey,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) waiters: Arc<Waiters>,
    pub(crate) new_accounts: AccountLimit,
    pub(crate) lost_events: Failures,
    pub(crate) limits: Limits,
    stopping: AtomicBool,
}

impl App {
    pub(crate) fn new(
        key: ServerKey,
        store: Arc<dyn Store>,
        waiters: Arc<Waiters>,
        settings: &Settings,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                key,
                store,
                waiters,
                new_accounts: AccountLimit::per_hour(settings.accounts_per_hour),
                lost_events: Failures::default(),
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
