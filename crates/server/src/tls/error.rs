//! What may be wrong with encryption when it is set up.

use super::certificate::InvalidCertificate;
use crate::data_dir::DataDirError;
use std::io;
use std::path::PathBuf;

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

/// The error with all that is behind it.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
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
