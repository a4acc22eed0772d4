//! The background worker: storage, the backend, notifications.
