//! Encrypted connections, for servers without a proxy in front.

mod acme;
mod certificate;
pub(crate) mod client;
mod files;
mod https;
mod loopback;
mod renewer;
mod resolver;
mod retry;

pub(crate) use certificate::InvalidCertificate;
pub(crate) use files::CertificateFiles;
pub(crate) use loopback::{is_refusal, trust_anyone};

use crate::data_dir::DataDirError;
use crate::metrics::Metrics;
use crate::settings::{Acme, Encryption, Settings};
use certificate::Certificate;
use renewer::Renewer;
use resolver::Resolver;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a client offers that is our certificate authority and wants the answer to a challenge
/// ([RFC 8737](https://www.rfc-editor.org/rfc/rfc8737)).
pub(crate) const CHALLENGE: &[u8] = b"acme-tls/1";

/// Why connections cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or its key cannot be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// Which of the two.
        file: CertificateFile,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate and its key cannot be used, or not together.
    #[error("{}: {source}", .path.display())]
    Invalid {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        source: InvalidCertificate,
    },
    /// There is no folder for ordered certificates.
    #[error("{0}")]
    Folder(#[from] DataDirError),
    /// The cryptography refuses its configuration.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// The two files of a certificate that somebody else renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFile {
    /// The certificate, with what leads to its root.
    Chain,
    /// Its private key.
    Key,
}

/// How to encrypt, and who renews the certificate.
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// Certificate files to look at now and then.
    pub(crate) files: Option<CertificateFiles>,
    /// What orders the certificate, where we do.
    pub(crate) renewer: Option<Renewer>,
}

/// Gets ready to encrypt, if that is asked for.
pub(crate) fn open(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Option<Tls>, TlsError> {
    let resolver = Arc::new(Resolver::new(Arc::clone(metrics)));
    let (files, renewer) = match &settings.encryption {
        Encryption::None => return Ok(None),
        Encryption::Files { certificate, key } => {
            let files = CertificateFiles::open(certificate, key, Arc::clone(&resolver))?;
            (Some(files), None)
        }
        Encryption::Acme(order) => {
            let renewer = Renewer::open(order, &settings.data_dir, Arc::clone(&resolver))?;
            (None, Some(renewer))
        }
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if renewer.is_some() {
        config.alpn_protocols.push(CHALLENGE.to_vec());
    }
    Ok(Some(Tls {
        config: Arc::new(config),
        files,
        renewer,
    }))
}

/// What a certificate says.
pub(crate) struct Validity {
    /// The DNS names that it is for, in lower case.
    pub(crate) names: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub(crate) not_after: i64,
}

/// What the certificate in these files says, which may be one file.
///
/// # Errors
///
/// [`TlsError`] when it cannot be read or served.
pub(crate) fn validity(certificate: &Path, key: &Path) -> Result<Validity, TlsError> {
    let read = |file: CertificateFile, path: &Path| {
        std::fs::read(path).map_err(|source| TlsError::Unreadable {
            file,
            path: path.to_owned(),
            source,
        })
    };
    let chain = read(CertificateFile::Chain, certificate)?;
    let secret = read(CertificateFile::Key, key)?;
    let found = Certificate::read(&chain, &secret).map_err(|source| TlsError::Invalid {
        path: certificate.to_owned(),
        source,
    })?;
    Ok(Validity {
        not_after: found.not_after,
        names: found.names,
    })
}

/// Where the certificate that was ordered by `settings` is kept in `data_dir`.
pub(crate) fn kept_certificate(settings: &Acme, data_dir: &Path) -> PathBuf {
    renewer::folder(settings, data_dir).join(renewer::CERTIFICATE)
}

/// The error with all that is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// The one implementation of cryptography that this program carries.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
