//! The data directory.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Why the data directory, or a file that servers must not share, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// A file or directory cannot be opened or created.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server works in the same data directory.
    #[error("{}: another kaifu-server is using it", .0.display())]
    InUse(PathBuf),
    /// Another server works with the same database file.
    #[error("{}: another kaifu-server is using it", .0.display())]
    DatabaseInUse(PathBuf),
    /// The file that says who works with the database cannot be opened.
    #[error("{}: {source}", .path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The data directory, which exists.
pub(crate) struct DataDir {
    path: PathBuf,
}

/// Keeps other servers out of the data directory until it is dropped or the process dies.
pub(crate) struct Lock {
    _file: File,
}

impl DataDir {
    /// Opens the directory at `path`. One that is missing is created for its owner only; an existing
    /// one keeps its mode, as it may be shared on purpose.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let dir = Self {
            path: path.to_owned(),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| file_error(path, source))?;
        Ok(dir)
    }

    /// Takes the directory for this process.
    pub(crate) fn lock(&self) -> Result<Lock, DataDirError> {
        let path = self.path.join("lock");
        match lock(&path) {
            Ok(lock) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    /// Takes the database at `path` for this process, where that lies outside of the directory.
    pub(crate) fn lock_database(&self, path: &Path) -> Result<Option<Lock>, DataDirError> {
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        // A folder that is missing is told of by whoever opens the database.
        if folder.is_none() || folder == self.path.canonicalize().ok() {
            return Ok(None);
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        match lock(Path::new(&name)) {
            Ok(lock) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Err(DataDirError::DatabaseInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(DataDirError::Database {
                path: path.to_owned(),
                source,
            }),
        }
    }
}

fn file_error(path: &Path, source: io::Error) -> DataDirError {
    DataDirError::File {
        path: path.to_owned(),
        source,
    }
}

fn lock(path: &Path) -> Result<Lock, TryLockError> {
    let mut options = private_file();
    let file = options
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(Lock { _file: file })
}

/// Opens files for writing that only their owner may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Replaces the file at `path`, or creates it, for its owner only. It is there complete, with its
/// former content or with `bytes`, even after a power cut.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = write_beside(path, bytes)?;
    std::fs::rename(&unfinished, path)?;
    sync_parent(path)
}

/// Writes `bytes` to a new file beside `path`, for its owner only, and returns its path.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    let mut file = private_file().create(true).truncate(true).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(beside)
}

/// Makes sure that the names in the directory of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_missing_directory_is_made_for_its_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        DataDir::open(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn two_servers_do_not_share_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let dir = DataDir::open(dir.path()).unwrap();
        let lock = dir.lock().unwrap();
        assert!(matches!(dir.lock(), Err(DataDirError::InUse(_))));
        drop(lock);
        assert!(dir.lock().is_ok());
    }
}
