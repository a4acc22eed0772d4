//! Ordering a certificate and renewing it in time.

use super::TlsError;
use super::acme::{self, OrderError};
use super::certificate::Certificate;
use super::resolver::Resolver;
use crate::clock::Clock;
use crate::data_dir::{DataDir, replace_private};
use crate::logging::log;
use crate::settings::Acme;
use instant_acme::AccountCredentials;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The longest pause between two attempts. Let's Encrypt takes a few failing ones an hour.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// The longest sleep: a suspended machine does not notice that time has passed.
const MAX_SLEEP: Duration = Duration::from_hours(1);

/// Orders a certificate where there is none, and the next one in time. What it gets stays in the
/// data directory, in a folder of its own for each authority.
pub(crate) struct Renewer {
    settings: Acme,
    folder: PathBuf,
    resolver: Arc<Resolver>,
    clock: Clock,
    certificate: Option<Certificate>,
}

impl Renewer {
    /// Takes up what is kept from earlier. A certificate that has expired, or is for other domains,
    /// is as good as none.
    pub(super) fn open(
        settings: &Acme,
        data_dir: &Path,
        resolver: Arc<Resolver>,
    ) -> Result<Self, TlsError> {
        let folder = data_dir.join("acme").join(folder_name(&settings.directory));
        DataDir::open(&folder)?;
        let mut renewer = Self {
            settings: settings.clone(),
            folder,
            resolver,
            clock: Clock::default(),
            certificate: None,
        };
        let kept = fs::read(renewer.certificate_path()).ok();
        let kept = kept.and_then(|pem| Certificate::read(&pem, &pem).ok());
        if let Some(certificate) = kept
            && certificate.is_for(&settings.domains)
            && !certificate.has_expired(renewer.clock.now())
        {
            renewer.resolver.serve(&certificate);
            renewer.certificate = Some(certificate);
        }
        Ok(renewer)
    }

    /// Works until it is dropped; `retry` is the first pause after a failure.
    pub(crate) async fn run(mut self, retry: Duration) {
        let mut pause = retry;
        loop {
            let wait = self.until_renewal();
            if !wait.is_zero() {
                tokio::time::sleep(wait.min(MAX_SLEEP)).await;
                continue;
            }
            let ordered = self.order().await;
            self.resolver.forget_challenges();
            match ordered {
                Ok(()) => {
                    pause = retry;
                    let domains = self.settings.domains.join(", ");
                    log!(Info, "got a certificate for {domains}");
                    continue;
                }
                Err(error) => {
                    let secs = pause.as_secs();
                    log!(
                        Error,
                        "--acme-domain: no certificate, next attempt in {secs} s: {error}"
                    );
                    self.resolver.metrics.failed_orders.add(1);
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn until_renewal(&self) -> Duration {
        let wait = self
            .certificate
            .as_ref()
            .map_or(0, |it| it.renew_at().0 - self.clock.now().0);
        Duration::from_millis(u64::try_from(wait).unwrap_or(0))
    }

    async fn order(&mut self) -> Result<(), OrderError> {
        let path = self.folder.join("account.json");
        let kept: Option<AccountCredentials> = match fs::read(&path) {
            Ok(text) => Some(serde_json::from_slice(&text).map_err(io::Error::other)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let (account, new) = acme::account(&self.settings, kept).await?;
        if let Some(new) = new {
            let text = serde_json::to_vec(&new).map_err(io::Error::other)?;
            replace_private(&path, &text)?;
        }
        let ordered = acme::order(&account, &self.settings.domains, &self.resolver).await;
        if ordered.as_ref().is_err_and(OrderError::is_unknown_account) {
            // The next attempt makes a new account.
            fs::remove_file(&path)?;
        }
        let pem = ordered?;
        let certificate =
            Certificate::read(pem.as_bytes(), pem.as_bytes()).map_err(io::Error::other)?;
        // It is served even if it cannot be kept: a restart then orders another one.
        self.resolver.serve(&certificate);
        self.certificate = Some(certificate);
        Ok(replace_private(&self.certificate_path(), pem.as_bytes())?)
    }

    fn certificate_path(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }
}

/// A certificate of a test authority must not be served for one of the real authority.
fn folder_name(directory: &str) -> String {
    directory
        .trim_start_matches("https://")
        .replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_authority_has_a_folder_of_its_own() {
        assert_eq!(
            folder_name("https://acme-v02.api.letsencrypt.org/directory"),
            "acme-v02.api.letsencrypt.org-directory"
        );
        assert_eq!(
            folder_name("https://localhost:14000/../x"),
            "localhost-14000-..-x"
        );
    }
}
