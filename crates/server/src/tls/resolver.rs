//! Which certificate each connection gets.

use super::CHALLENGE;
use super::certificate::Certificate;
use crate::metrics::Metrics;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The certificate that is served now, and the answers to challenges.
pub(super) struct Resolver {
    served: RwLock<Option<Arc<CertifiedKey>>>,
    challenges: RwLock<HashMap<String, Arc<CertifiedKey>>>,
    /// Where it is noted when the certificate expires.
    pub(super) metrics: Arc<Metrics>,
}

impl Resolver {
    /// A resolver without a certificate so far.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            served: RwLock::default(),
            challenges: RwLock::default(),
            metrics,
        }
    }

    /// Serves `certificate` from now on.
    pub(super) fn serve(&self, certificate: &Certificate) {
        let key = Arc::clone(&certificate.key);
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        self.metrics.certificate_expires(certificate.not_after);
    }

    /// Answers the challenge for `domain` with `key`.
    pub(super) fn answer(&self, domain: String, key: CertifiedKey) {
        let mut challenges = self
            .challenges
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        challenges.insert(domain, Arc::new(key));
    }

    /// Answers no challenges any more.
    pub(super) fn forget_challenges(&self) {
        let mut challenges = self
            .challenges
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        challenges.clear();
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_challenge = hello
            .alpn()
            .is_some_and(|mut offered| offered.any(|protocol| protocol == CHALLENGE));
        if is_challenge {
            let challenges = self
                .challenges
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            return challenges
                .get(&hello.server_name()?.to_ascii_lowercase())
                .cloned();
        }
        self.served
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver(…)")
    }
}
