//! Secrets in files: the server keys, and the day's secret for telling readers apart.

pub(crate) mod reader_keys;
pub(crate) mod server_keys;

use std::io;
use std::path::PathBuf;

/// Why a file of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file holds something else.
    #[error(
        "{} does not hold server keys: 1 to 8 lines of 43 characters in base64url",
        .0.display()
    )]
    Malformed(PathBuf),
    /// The file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is a key. Replacing it would kill every token.
    #[error(
        "{} exists already; --rotate adds a key and leaves the mails sent so far trackable",
        .0.display()
    )]
    Exists(PathBuf),
    /// There are as many keys as there may be.
    #[error(
        "{} holds 8 keys already; take out the last one, whose mails then become untrackable",
        .0.display()
    )]
    TooMany(PathBuf),
}
