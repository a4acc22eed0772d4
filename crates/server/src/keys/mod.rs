//! Secrets in files: the server keys, and the day's secret for telling readers apart.

pub(crate) mod reader_keys;
pub(crate) mod server_keys;
