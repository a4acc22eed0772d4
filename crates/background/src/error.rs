//! What can go wrong in the worker.

use kaifu_chrome::ChromeError;
use kaifu_protocol::call::Failure;

/// Why the worker could not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    /// IndexedDB refused.
    #[error("indexed database: {0}")]
    Database(#[from] idb::Error),
    /// A `chrome.*` call failed, or a stored value has lost its shape.
    #[error("browser: {0}")]
    Chrome(#[from] ChromeError),
    /// The caller asked for something that cannot be done.
    #[error(transparent)]
    Refused(#[from] Failure),
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::Refused(failure) => failure,
            other => Self::Storage(other.to_string()),
        }
    }
}
