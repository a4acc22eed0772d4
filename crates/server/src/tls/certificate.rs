//! Reading certificates.

use super::provider;
use kaifu_core::time::Millis;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::sync::Arc;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCertificate {
    /// There is no certificate, or one that cannot be read.
    #[error("no certificate in PEM")]
    Certificate,
    /// There is no private key, or one that cannot be read.
    #[error("no private key in PEM")]
    Key,
    /// The key belongs to another certificate, or is of a kind that is not known.
    #[error("{0}")]
    Pair(rustls::Error),
}

/// A certificate that can be served.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// The chain and the private key.
    pub(super) key: Arc<CertifiedKey>,
    /// In seconds since 1970.
    pub(super) not_before: i64,
    /// In seconds since 1970.
    pub(super) not_after: i64,
    /// The DNS names that it is for, in lower case.
    pub(super) names: Vec<String>,
}

impl Certificate {
    /// Reads the certificate and what leads to its root from `chain`, and its key from `key`.
    pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Self, InvalidCertificate> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| InvalidCertificate::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| InvalidCertificate::Key)?;
        let first = chain.first().ok_or(InvalidCertificate::Certificate)?;
        let parsed = x509_cert::Certificate::from_der(first)
            .map_err(|_| InvalidCertificate::Certificate)?
            .tbs_certificate;
        let names = parsed
            .get::<SubjectAltName>()
            .map_err(|_| InvalidCertificate::Certificate)?
            .map_or_else(Vec::new, |(_, names)| names.0)
            .iter()
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.as_str().to_ascii_lowercase()),
                _ => None,
            })
            .collect();
        let seconds = |time: Time| {
            let since_epoch = time.to_unix_duration().as_secs();
            i64::try_from(since_epoch).unwrap_or(i64::MAX)
        };
        let validity = parsed.validity;
        let key =
            CertifiedKey::from_der(chain, key, &provider()).map_err(InvalidCertificate::Pair)?;
        Ok(Self {
            key: Arc::new(key),
            not_before: seconds(validity.not_before),
            not_after: seconds(validity.not_after),
            names,
        })
    }

    /// Whether it is for every one of `names`.
    pub(super) fn is_for(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.contains(name))
    }

    /// Those of `names` that it is for.
    pub(super) fn names_of(&self, names: &[String]) -> Vec<String> {
        let is_ours = |name: &&String| self.names.contains(name);
        names.iter().filter(is_ours).cloned().collect()
    }

    /// When to order the next one: a third of the time before it expires.
    pub(super) const fn renew_at(&self) -> Millis {
        Millis((self.not_before + (self.not_after - self.not_before) / 3 * 2) * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn issue(names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 4, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn a_certificate_says_what_it_is_for_and_how_long() {
        let (chain, key) = issue(&["kaifu.example.org", "Other.example.org"]);
        let certificate = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap();
        let is_for = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            certificate.is_for(&names)
        };
        assert!(is_for(&["other.example.org"]) && is_for(&["kaifu.example.org"]));
        assert!(!is_for(&["kaifu.example.org", "third.example.org"]));
        // 60 of its 90 days are over on the 2nd of March.
        assert_eq!(certificate.renew_at(), Millis(1_772_409_600_000));
        assert_eq!(certificate.not_after, 1_775_001_600);
        let both = ["third.example.org", "other.example.org"].map(str::to_owned);
        assert_eq!(certificate.names_of(&both), ["other.example.org"]);
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let (chain, key) = issue(&["kaifu.example.org"]);
        let (_, other) = issue(&["kaifu.example.org"]);
        for (chain, key, expected) in [
            ("", &*key, "no certificate in PEM"),
            ("nonsense", &key, "no certificate in PEM"),
            (&chain[..chain.len() / 2], &key, "no certificate in PEM"),
            (&chain, "", "no private key in PEM"),
            (&chain, &chain, "no private key in PEM"),
        ] {
            let error = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = Certificate::read(chain.as_bytes(), other.as_bytes()).unwrap_err();
        assert!(matches!(error, InvalidCertificate::Pair(_)), "{error}");
    }
}
