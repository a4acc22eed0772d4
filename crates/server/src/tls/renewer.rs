//! Ordering a certificate and renewing it in time.

use super::TlsError;
use super::acme::{self, OrderError};
use super::certificate::Certificate;
use super::resolver::Resolver;
use super::retry::Retry;
use crate::clock::Clock;
use crate::data_dir::{DataDir, replace_private};
use crate::logging::log;
use crate::settings::Acme;
use instant_acme::{Account, AccountCredentials};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep: a suspended machine does not notice that time has passed.
const MAX_SLEEP: Duration = Duration::from_hours(1);

/// The file of a certificate that was ordered, with its key.
pub(super) const CERTIFICATE: &str = "certificate.pem";

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
    /// Serves what is kept from earlier until there is better, whatever it lacks: a certificate that
    /// is for one of two domains serves that one.
    pub(super) fn open(
        settings: &Acme,
        data_dir: &Path,
        resolver: Arc<Resolver>,
    ) -> Result<Self, TlsError> {
        let folder = folder(settings, data_dir);
        DataDir::open(&folder)?;
        let mut renewer = Self {
            settings: settings.clone(),
            folder,
            resolver,
            clock: Clock::default(),
            certificate: None,
        };
        let path = renewer.certificate_path();
        let kept = match fs::read(&path) {
            Ok(pem) => Certificate::read(&pem, &pem).map_err(|error| error.to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(renewer),
            Err(error) => Err(error.to_string()),
        };
        match kept {
            Ok(certificate) => {
                renewer.resolver.serve(&certificate);
                renewer.certificate = Some(certificate);
            }
            Err(error) => log!(
                Warn,
                "{}: {error}; a new certificate is ordered",
                path.display()
            ),
        }
        Ok(renewer)
    }

    /// Works until it is dropped; `first_pause` is the one after a first failure.
    pub(crate) async fn run(mut self, first_pause: Duration) {
        let mut retry = Retry::open(&self.folder, &self.settings.domains, first_pause);
        let wait = retry.wait(self.clock.now());
        if self.until_renewal().is_zero() && !wait.is_zero() {
            let secs = wait.as_secs();
            log!(
                Info,
                "the last order of a certificate failed, next attempt in {secs} s"
            );
            tokio::time::sleep(wait).await;
        }
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
                    retry.succeeded();
                    let domains = self.settings.domains.join(", ");
                    log!(Info, "got a certificate for {domains}");
                }
                Err(error) => {
                    let pause = retry.failed(self.clock.now());
                    let secs = pause.as_secs();
                    log!(
                        Error,
                        "--acme-domain: no certificate, next attempt in {secs} s: {error}"
                    );
                    self.resolver.metrics.failed_orders.add(1);
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    fn until_renewal(&self) -> Duration {
        let certificate = self.certificate.as_ref();
        let wait = certificate
            .filter(|certificate| certificate.is_for(&self.settings.domains))
            .map_or(0, |certificate| {
                certificate.renew_at().0 - self.clock.now().0
            });
        Duration::from_millis(u64::try_from(wait).unwrap_or(0))
    }

    /// Orders a certificate for all domains. Where that fails and the one that is served is due, it
    /// is renewed for the domains that it has: one domain's trouble must not take the others down.
    async fn order(&mut self) -> Result<(), OrderError> {
        let (account, path) = self.account().await?;
        let domains = self.settings.domains.clone();
        let ordered = self.order_for(&account, &domains).await;
        if ordered.as_ref().is_err_and(OrderError::is_unknown_account) {
            // The next attempt makes a new account.
            fs::remove_file(&path)?;
            return ordered;
        }
        let now = self.clock.now();
        let due = self
            .certificate
            .as_ref()
            .filter(|certificate| certificate.renew_at() <= now);
        let served: Vec<String> = due.map_or_else(Vec::new, |it| it.names_of(&domains));
        if ordered.is_err() && !served.is_empty() && served.len() < domains.len() {
            match self.order_for(&account, &served).await {
                Ok(()) => log!(Info, "renewed the certificate for {}", served.join(", ")),
                Err(error) => log!(Error, "no certificate for {}: {error}", served.join(", ")),
            }
        }
        ordered
    }

    /// The account at the authority, with the contacts that are set now, and where it is kept.
    async fn account(&self) -> Result<(Account, PathBuf), OrderError> {
        let path = self.folder.join("account.json");
        let kept = match fs::read(&path) {
            Ok(text) => self.credentials(&path, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        if let Some(kept) = kept {
            let account = acme::known_account(kept).await?;
            if let Err(error) = acme::update_contacts(&account, &self.settings).await {
                log!(Warn, "the authority did not take --acme-contact: {error}");
            }
            return Ok((account, path));
        }
        let (account, new) = acme::new_account(&self.settings).await?;
        let text = serde_json::to_vec(&new).map_err(io::Error::other)?;
        replace_private(&path, &text)?;
        Ok((account, path))
    }

    /// What the file at `path` holds. A damaged one is put aside, and a new account is made.
    fn credentials(&self, path: &Path, text: &[u8]) -> io::Result<Option<AccountCredentials>> {
        match serde_json::from_slice(text) {
            Ok(credentials) => Ok(Some(credentials)),
            Err(error) => {
                let aside = self.folder.join("account.json.damaged");
                log!(
                    Error,
                    "{}: {error}; it is now {}, and a new account is made",
                    path.display(),
                    aside.display()
                );
                fs::rename(path, aside)?;
                Ok(None)
            }
        }
    }

    async fn order_for(&mut self, account: &Account, domains: &[String]) -> Result<(), OrderError> {
        let pem = acme::order(account, domains, &self.resolver).await?;
        let certificate =
            Certificate::read(pem.as_bytes(), pem.as_bytes()).map_err(io::Error::other)?;
        // It is served even if it cannot be kept: a restart then orders another one.
        self.resolver.serve(&certificate);
        self.certificate = Some(certificate);
        Ok(replace_private(&self.certificate_path(), pem.as_bytes())?)
    }

    fn certificate_path(&self) -> PathBuf {
        self.folder.join(CERTIFICATE)
    }
}

/// The folder in `data_dir` of what is ordered by `settings`.
pub(super) fn folder(settings: &Acme, data_dir: &Path) -> PathBuf {
    data_dir.join("acme").join(folder_name(&settings.directory))
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
