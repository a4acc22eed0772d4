//! A certificate that somebody else puts into files and renews there.

use super::certificate::Certificate;
use super::resolver::Resolver;
use super::{CertificateFile, TlsError};
use crate::logging::log;
use crate::reload::Reload;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of `--tls-cert` and `--tls-key`.
pub(crate) struct CertificateFiles {
    certificate: PathBuf,
    key: PathBuf,
    resolver: Arc<Resolver>,
    /// What was in the files when they were last looked at.
    seen: Option<[Vec<u8>; 2]>,
}

impl CertificateFiles {
    /// Reads both files, and has `resolver` serve what is in them.
    pub(super) fn open(
        certificate: &Path,
        key: &Path,
        resolver: Arc<Resolver>,
    ) -> Result<Self, TlsError> {
        let read = |file: CertificateFile, path: &Path| {
            std::fs::read(path).map_err(|source| TlsError::Unreadable {
                file,
                path: path.to_owned(),
                source,
            })
        };
        let texts = [
            read(CertificateFile::Chain, certificate)?,
            read(CertificateFile::Key, key)?,
        ];
        let [chain, secret] = &texts;
        let first = Certificate::read(chain, secret).map_err(|source| TlsError::Invalid {
            path: certificate.to_owned(),
            source,
        })?;
        resolver.serve(&first);
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            resolver,
            seen: Some(texts),
        })
    }

    fn read(&self) -> io::Result<[Vec<u8>; 2]> {
        Ok([std::fs::read(&self.certificate)?, std::fs::read(&self.key)?])
    }
}

impl Reload for CertificateFiles {
    fn look(&mut self) {
        let found = self.read();
        if self.seen.as_ref() == found.as_ref().ok() {
            return;
        }
        let path = self.certificate.display();
        match &found {
            Ok([chain, key]) => match Certificate::read(chain, key) {
                Ok(certificate) => {
                    self.resolver.serve(&certificate);
                    log!(Info, "serving the new certificate in {path}");
                }
                // The two files are seldom written at the same moment.
                Err(error) => log!(Warn, "{path}: {error}; the former certificate is served"),
            },
            Err(error) => log!(Warn, "{path}: {error}; the former certificate is served"),
        }
        self.seen = found.ok();
    }
}
