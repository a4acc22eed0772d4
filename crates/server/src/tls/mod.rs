//! Encrypted connections, for servers without a proxy in front.

mod acme;
mod certificate;
pub(crate) mod client;
mod crypto;
mod error;
mod files;
mod https;
mod loopback;
mod renewer;
mod resolver;
mod retry;

pub(crate) use crypto::{CHALLENGE, provider};
use error::chain;
pub(crate) use error::{CertificateFile, TlsError};
pub(crate) use files::CertificateFiles;
pub(crate) use loopback::{is_refusal, trust_anyone};

use crate::metrics::Metrics;
use crate::settings::{Acme, Encryption, Settings};
use certificate::Certificate;
use renewer::Renewer;
use resolver::Resolver;
use rustls::ServerConfig;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to encrypt, and who renews the certificate.
pub(crate) struct Tls {
    /// Certificates and protocols.
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
