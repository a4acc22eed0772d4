//! What can go wrong in the worker.

use js_sys::Reflect;
use kaifu_chrome::ChromeError;
use kaifu_protocol::call::Failure;
use wasm_bindgen::JsValue;

/// Why the worker could not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    /// IndexedDB refused.
    #[error("indexed database")]
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
            other => storage(other.complaint()),
        }
    }
}

impl WorkerError {
    /// Whether there is no room left to keep anything in.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Refused(failure) => *failure == Failure::Full,
            other => storage(other.complaint()) == Failure::Full,
        }
    }

    /// What the browser says.
    fn complaint(&self) -> String {
        let object: &JsValue = match self {
            Self::Database(idb::Error::DomException(exception)) => exception,
            Self::Database(idb::Error::TransactionAbortError(error)) => error,
            other => return other.to_string(),
        };
        let part = |name: &str| Reflect::get(object, &name.into()).ok()?.as_string();
        let parts = ["name", "message"].map(|name| part(name).unwrap_or_default());
        parts.join(": ")
    }
}

/// What a storage's complaint means. IndexedDB throws a `QuotaExceededError`, `chrome.storage` says that
/// a quota is exceeded, and Chrome calls a full disk `FILE_ERROR_NO_SPACE`.
fn storage(complaint: String) -> Failure {
    let text = complaint.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["quota", "no_space", "no space", "disk is full"]) {
        Failure::Full
    } else {
        Failure::Storage(complaint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_a_full_disk() {
        for (complaint, full) in [
            ("failed to add a value: QuotaExceededError", true),
            ("QUOTA_BYTES quota exceeded", true),
            ("IO error: .../000005.ldb: FILE_ERROR_NO_SPACE", true),
            ("failed to open indexed db: InvalidStateError", false),
            ("", false),
        ] {
            let failure = storage(complaint.to_owned());
            assert_eq!(failure == Failure::Full, full, "{complaint}");
            assert_eq!(WorkerError::Refused(failure).is_full(), full, "{complaint}");
        }
    }
}
