//! Why the server or one of its commands could not do its work, in words for its operator.
//!
//! Every room below has an error of its own that knows nothing of the command line. Only here,
//! which `startup` and `cli` alone may see, errors are put beside the flags that they are about.

use crate::data_dir::DataDirError;
use crate::keys::KeyError;
use crate::settings::InvalidDatabase;
use crate::store::StoreError;
use crate::tls::{CertificateFile, TlsError};
use kaifu_networks::TableError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server or one of its commands could not do its work.
///
/// The messages name the flag to look at, and never a secret.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An address is taken, not local, or not allowed.
    #[error("{listener} {address}: cannot listen: {source}")]
    Listen {
        /// What the address is for.
        listener: Listener,
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody knows where requests by plain http are to be sent on to.
    #[error("--redirect-listen: needs a --public-url that starts with https://, or --acme-domain")]
    RedirectWhere,
    /// A file or directory below the data directory cannot be used, or another server uses it.
    #[error("{flag}{0}", flag = flag_of_file(.0))]
    DataDir(#[from] DataDirError),
    /// The file of the server keys cannot be used.
    #[error("{flag}{0}", flag = flag_of_key(.0))]
    Keys(#[from] KeyError),
    /// A certificate cannot be used.
    #[error("{flag}{0}", flag = flag_of_certificate(.0))]
    Tls(#[from] TlsError),
    /// What was given as the database is none. The text is not repeated, as it may hold a password.
    #[error("--database: {0}")]
    InvalidDatabase(#[from] InvalidDatabase),
    /// The database cannot be opened or was made by a newer version.
    #[error("--database {path}: {source}")]
    Database {
        /// The database file.
        path: PathBuf,
        /// What went wrong.
        source: StoreError,
    },
    /// PostgreSQL refuses, or was set up by a newer version.
    #[error("--database: PostgreSQL: {source}")]
    Postgres {
        /// What went wrong.
        source: StoreError,
    },
    /// PostgreSQL has tools of its own for that.
    #[error(
        "--database: this is for SQLite. Back PostgreSQL up with pg_dump, and keep server.key with \
         each dump. Restore it with pg_restore into an empty database that --database then names, \
         and call restore with the postgres.journal of each server, so that what was refused, \
         erased or deleted since the dump stays so"
    )]
    NotForPostgres,
    /// One database takes the place of another one.
    #[error("restore takes one backup; several files are for PostgreSQL's journals")]
    SeveralBackups,
    /// PostgreSQL was to be restored from something else than journals.
    #[error(
        "{source}. Restore a dump with pg_restore, and then call this with the postgres.journal \
         of each server, so that what was refused, erased or deleted since the dump stays so"
    )]
    Journals {
        /// What is wrong with it.
        source: StoreError,
    },
    /// A backup's target cannot be written.
    #[error("cannot write the backup to {path}: {source}")]
    Backup {
        /// The target.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table of networks in the data directory cannot be used.
    #[error("--data-dir: {0}")]
    Tables(#[from] TableError),
    /// The system refused threads, signals or the like.
    #[error("{0}")]
    System(#[from] io::Error),
    /// `doctor` found something.
    #[error("{faults} of these must be mended")]
    Unwell {
        /// How many things do not work.
        faults: usize,
    },
    /// The server did not answer, or not well.
    #[error("{address} is not healthy: {reason}")]
    Unhealthy {
        /// Who was asked.
        address: SocketAddr,
        /// What was wrong with the answer.
        reason: String,
    },
}

impl Failure {
    /// Whether the command line is to blame.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::InvalidDatabase(_) | Self::RedirectWhere | Self::SeveralBackups
        )
    }
}

/// The addresses that a server may listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// For recipients and the API.
    Public,
    /// For the operator's metrics.
    Metrics,
    /// For plain http, where connections are encrypted.
    Redirect,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "--listen",
            Self::Metrics => "--metrics-listen",
            Self::Redirect => "--redirect-listen",
        })
    }
}

const fn flag_of_file(error: &DataDirError) -> &'static str {
    match error {
        DataDirError::File { .. } | DataDirError::InUse(_) => "--data-dir: ",
        DataDirError::DatabaseInUse(_) | DataDirError::Database { .. } => "--database: ",
    }
}

const fn flag_of_key(error: &KeyError) -> &'static str {
    match error {
        KeyError::Malformed(_)
        | KeyError::File { .. }
        | KeyError::Missing(_)
        | KeyError::Foreign(_)
        | KeyError::CannotAsk { .. } => "--key-file: ",
        // The file was named by the very command that failed.
        KeyError::Exists(_) | KeyError::TooMany(_) => "",
    }
}

const fn flag_of_certificate(error: &TlsError) -> &'static str {
    match error {
        TlsError::Unreadable {
            file: CertificateFile::Chain,
            ..
        } => "--tls-cert: ",
        TlsError::Unreadable {
            file: CertificateFile::Key,
            ..
        } => "--tls-key: ",
        TlsError::Invalid { .. } => "--tls-cert, --tls-key: ",
        TlsError::Folder(_) => "--data-dir: ",
        TlsError::System(_) => "",
    }
}
