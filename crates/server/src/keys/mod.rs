//! Secrets in files: the server keys, and the day's secret for telling readers apart.

pub(crate) mod page_proofs;
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
    /// There is no file, and the database belongs to a key.
    #[error(
        "{}: this file is missing, and the database has accounts or servers of its key: put it in \
         place from a backup (FILE.key) or copy it from another server. A new key would make no \
         email sent so far trackable, so none is made",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file holds other keys than those that the database belongs to.
    #[error(
        "{} holds none of the keys that the database belongs to: put the right file in place from \
         a backup (FILE.key) or copy it from another server. With this one, every fetch would be \
         taken for forged",
        .0.display()
    )]
    Foreign(PathBuf),
    /// There is no file, and whether one is missing cannot be asked.
    #[error(
        "{}: this file is missing, and no key is made while the database does not answer, as it \
         may belong to another one: {reason}",
        .path.display()
    )]
    CannotAsk {
        /// The file.
        path: PathBuf,
        /// Why the database does not answer.
        reason: String,
    },
    /// There are as many keys as there may be.
    #[error(
        "{} holds 8 keys already; take out the last one, whose mails then become untrackable",
        .0.display()
    )]
    TooMany(PathBuf),
}
