//! Encrypted connections, for servers without a proxy in front.

mod acme;
mod certificate;
mod files;
mod https;
mod loopback;
mod renewer;
mod resolver;

pub(crate) use certificate::InvalidCertificate;
pub(crate) use files::CertificateFiles;
pub(crate) use loopback::trust_anyone;

use crate::Failure;
use crate::metrics::Metrics;
use crate::settings::{Encryption, Settings};
use renewer::Keeper;
use resolver::Resolver;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use std::sync::Arc;

/// What a client offers that is our certificate authority and wants the answer to a challenge
/// ([RFC 8737](https://www.rfc-editor.org/rfc/rfc8737)).
pub(crate) const CHALLENGE: &[u8] = b"acme-tls/1";

/// How to encrypt, and who sees to the certificate.
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// Certificate files to look at now and then.
    pub(crate) files: Option<CertificateFiles>,
    /// What orders the certificate, where we do.
    pub(crate) keeper: Option<Keeper>,
}

/// Gets ready to encrypt, if that is asked for.
pub(crate) fn open(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Option<Tls>, Failure> {
    let resolver = Arc::new(Resolver::new(Arc::clone(metrics)));
    let (files, keeper) = match &settings.encryption {
        Encryption::None => return Ok(None),
        Encryption::Files { certificate, key } => {
            let files = CertificateFiles::open(certificate, key, Arc::clone(&resolver))?;
            (Some(files), None)
        }
        Encryption::Acme(order) => {
            let keeper = Keeper::open(order, &settings.data_dir, Arc::clone(&resolver))?;
            (None, Some(keeper))
        }
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if keeper.is_some() {
        config.alpn_protocols.push(CHALLENGE.to_vec());
    }
    Ok(Some(Tls {
        config: Arc::new(config),
        files,
        keeper,
    }))
}

/// The one implementation of cryptography that this program carries.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
