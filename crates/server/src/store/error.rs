//! Why a store could not do what it was asked.

use std::path::PathBuf;
use std::sync::Arc;

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no: disk full, locked for too long, damaged.
    #[error("{0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// PostgreSQL said no, or the connection broke.
    #[error("{}", with_cause(.0))]
    Postgres(Arc<tokio_postgres::Error>),
    /// There is nothing to check PostgreSQL's certificate against.
    #[error("sslmode=require needs this system's certificates; SSL_CERT_FILE may name them")]
    NoCertificates,
    /// A search took longer than it may, or whoever asked for it has gone.
    #[error("a search took too long and was ended")]
    TooLong,
    /// PostgreSQL does not answer.
    #[error("the database does not answer")]
    Away,
    /// Another connection stores this server's events.
    #[error("another connection has taken this server's turn; is its data directory a copy?")]
    Superseded,
    /// No synchronous standby is named, and without one nothing may be stored.
    #[error("no synchronous standby is named, so events are not stored there")]
    NoStandby,
    /// The database holds something that this program never writes.
    #[error("the database is damaged")]
    Damaged,
    /// The database was made by a newer version of this program.
    #[error("the database has version {found}; this program knows versions up to {known}")]
    Newer {
        /// What the database says.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// Another server has the file.
    #[error("another kaifu-server is using it")]
    InUse,
    /// The store is closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// A file cannot be created or written.
    #[error("{0}")]
    File(Arc<std::io::Error>),
    /// The spool beside PostgreSQL cannot be used.
    #[error("{}: {reason}", path.display())]
    Spool {
        /// The spool's file.
        path: PathBuf,
        /// What is wrong.
        reason: Arc<StoreError>,
    },
    /// A file is no journal of a server.
    #[error("{} is no journal of a kaifu-server: {reason}", path.display())]
    NoJournal {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A copy of the database cannot be written.
    #[error("cannot write {}: {reason}", path.display())]
    Copy {
        /// The copy.
        path: PathBuf,
        /// What the system said.
        reason: Arc<std::io::Error>,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
            return Self::TooLong;
        }
        Self::Sqlite(Arc::new(error))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.code() == Some(&tokio_postgres::error::SqlState::QUERY_CANCELED) {
            return Self::TooLong;
        }
        Self::Postgres(Arc::new(error))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}

impl StoreError {
    /// Whether waiting does not help: wrong password, no such database, a newer version.
    pub(crate) fn is_lasting(&self) -> bool {
        // Authorization, catalog name, and missing rights or tables.
        matches!(self, Self::Newer { .. }) || self.is_of_class(&["28", "3D", "42"])
    }

    /// Whether PostgreSQL refuses a batch for what is in it, and stores the next one all the same:
    /// a value out of range, a constraint, an error that a trigger raises.
    pub(crate) fn is_about_content(&self) -> bool {
        self.is_of_class(&["21", "22", "23", "44", "P0"])
    }

    /// Whether the disk has no room, or does not let itself be read or written now: with SQLite, that
    /// may pass without anybody's looking at the database.
    pub(crate) fn is_about_disk(&self) -> bool {
        use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match self {
            Self::Sqlite(error) => {
                matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure))
            }
            Self::File(error) => {
                matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
            }
            _ => false,
        }
    }

    /// Whether others kept PostgreSQL from it, which is worth another try.
    pub(crate) fn is_about_locks(&self) -> bool {
        self.is_of_class(&["55", "40"])
    }

    /// Whether PostgreSQL's code for the error is of one of `classes`, its first two characters.
    fn is_of_class(&self, classes: &[&str]) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        (error.code()).is_some_and(|code| classes.contains(&&code.code()[..2]))
    }
}

/// The error with what is behind it, which its own text leaves out.
fn with_cause(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match (error.as_db_error(), error.source()) {
        (Some(cause), _) => cause.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
