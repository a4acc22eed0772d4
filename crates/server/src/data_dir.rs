//! The data directory.

use kaifu_core::time::Millis;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
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
            Ok(lock) => Ok(lock),
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

/// Opens files for writing that only their owner may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Replaces the file at `path`, or creates it for its owner only. It is there complete, with its
/// former content or with `bytes`, even after a power cut.
///
/// # Errors
///
/// What the system said; also when the new file cannot have the owner of the former one, who could
/// then not read it any more.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Behind a link, what it leads to is replaced, and the link stays.
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let unfinished = write_beside(&path, bytes)?;
    std::fs::rename(&unfinished, &path).inspect_err(|_| {
        let _ = std::fs::remove_file(&unfinished);
    })?;
    sync_parent(&path)
}

/// Writes `bytes` to a new file beside `path` and returns its path. It has owner and mode of the
/// file at `path`; where there is none, only its owner may read it, who is the directory's where
/// this process may give it away.
///
/// # Errors
///
/// What the system said; nothing is left behind then.
pub(crate) fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    // What an earlier process of that number may have left. The new file is nobody else's.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private_file().create_new(true).open(&beside)?;
    let written = take_owner(&file, path)
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all());
    match written {
        Ok(()) => Ok(beside),
        Err(error) => {
            let _ = std::fs::remove_file(&beside);
            Err(error)
        }
    }
}

/// Gives `file` the owner and mode of what is at `path`.
fn take_owner(file: &File, path: &Path) -> io::Result<()> {
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(former) => {
            // The mode comes last: giving a file away may take bits of it.
            give(file, &ours, &former).map_err(|error| {
                let uid = former.uid();
                let text = format!("cannot keep its owner, the user {uid}: {error}");
                io::Error::new(error.kind(), text)
            })?;
            file.set_permissions(Permissions::from_mode(former.mode() & 0o7777))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = std::fs::metadata(parent_of(path))?;
            // Somebody who shares a directory need not be able to give files away.
            let _ = give(file, &ours, &folder);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn give(file: &File, ours: &Metadata, to: &Metadata) -> io::Result<()> {
    if (ours.uid(), ours.gid()) == (to.uid(), to.gid()) {
        return Ok(());
    }
    fchown(file, Some(to.uid()), Some(to.gid()))
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

/// Makes sure that the names in the directory of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent_of(path))?.sync_all()
}

fn parent_of(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_replaces_a_file_keeps_its_mode_and_the_link_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let [path, link] = ["key", "link"].map(|name| dir.path().join(name));
        replace_private(&path, b"one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace_private(&link, b"two").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
