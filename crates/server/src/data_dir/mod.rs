//! The data directory, who works in it, and files that are for their owner alone.

mod private;

pub(crate) use private::{
    is_open_to_others, new_private, parent_of, private_file, replace_private, sync_parent,
    write_beside,
};

use kaifu_core::time::Millis;
use private::remove_unfinished;
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
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

/// Keeps other servers out until it is dropped or the process dies.
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
            Ok(lock) => {
                remove_unfinished(&self.path);
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }
}

/// Takes the database file at `path` for this process; it is created empty where it is missing.
///
/// The lock is one on the file itself, not on a neighbour of it: it holds for every path and link
/// that leads to the file. SQLite's own locks are of another kind, which this one does not touch, but
/// the system gives those up with any file of this process that is closed: hold the lock for longer
/// than the database is open.
///
/// # Errors
///
/// [`DataDirError::DatabaseInUse`] when another process has it, [`DataDirError::Database`] when it
/// cannot be opened.
pub(crate) fn lock_database(path: &Path) -> Result<Lock, DataDirError> {
    match lock(path) {
        Ok(lock) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DataDirError::DatabaseInUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(DataDirError::Database {
            path: path.to_owned(),
            source,
        }),
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

/// How much room a disk has, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// What this process may still use.
    pub(crate) free: u64,
    /// All of it.
    pub(crate) total: u64,
}

/// The room on the disk of the directory or file at `path`.
pub(crate) fn room(path: &Path) -> io::Result<Room> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(Room {
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        total: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}

/// Where it is noted in a data directory when its database was last backed up.
fn backup_note(data_dir: &Path) -> PathBuf {
    data_dir.join("last-backup")
}

/// Notes that the database of `data_dir` was backed up at `now`.
pub(crate) fn note_backup(data_dir: &Path, now: Millis) -> io::Result<()> {
    replace_private(&backup_note(data_dir), format!("{}\n", now.0).as_bytes())
}

/// When the database of `data_dir` was last backed up, as far as is known.
pub(crate) fn last_backup(data_dir: &Path) -> Option<Millis> {
    let text = std::fs::read_to_string(backup_note(data_dir)).ok()?;
    text.trim().parse().ok().map(Millis)
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

    #[test]
    fn a_database_is_locked_by_whatever_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        let lock = lock_database(&path).unwrap();
        let [hard, soft] = ["hard.db", "soft.db"].map(|name| dir.path().join(name));
        std::fs::hard_link(&path, &hard).unwrap();
        std::os::unix::fs::symlink(&path, &soft).unwrap();
        for path in [&path, &hard, &soft] {
            let refused = lock_database(path);
            assert!(matches!(refused, Err(DataDirError::DatabaseInUse(_))));
        }
        drop(lock);
        assert!(lock_database(&soft).is_ok());
    }
}
