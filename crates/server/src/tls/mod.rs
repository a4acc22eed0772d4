//! Encrypted connections, for servers without a proxy in front.

mod acme;
mod certificate;
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
use crate::settings::{Encryption, Settings};
use renewer::Renewer;
use resolver::Resolver;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use std::io;
use std::path::PathBuf;
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

/// The one implementation of cryptography that this program carries.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
