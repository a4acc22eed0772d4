//! The data directory and the server key in it.

use crate::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::ServerKey;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const KEY_FILE: &str = "server.key";

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
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let dir = Self {
            path: path.to_owned(),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| dir.failure(path, source))?;
        Ok(dir)
    }

    /// Takes the directory for this process.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        let path = self.path.join("lock");
        let file = private_file()
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|source| self.failure(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Failure::InUse(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(self.failure(&path, source)),
        }
    }

    /// The server key, which is created where there is none.
    pub(crate) fn server_key(&self) -> Result<ServerKey, Failure> {
        match self.create_server_key() {
            Ok(path) => tracing::info!("created the server key {}", path.display()),
            Err(Failure::KeyExists(_)) => {}
            Err(failure) => return Err(failure),
        }
        let path = self.path.join(KEY_FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| self.failure(&path, source))?;
        let mode = std::fs::metadata(&path)
            .map_err(|source| self.failure(&path, source))?
            .mode();
        if mode & 0o077 != 0 {
            tracing::warn!(
                "{} can be read by others: it should have mode 600",
                path.display()
            );
        }
        let mut key = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text.trim(), &mut key) {
            Ok(32) => Ok(ServerKey(key)),
            _ => Err(Failure::MalformedKey(path)),
        }
    }

    /// Creates the server key and gives its path.
    ///
    /// The file appears complete or not at all, and never takes another one's place.
    pub(crate) fn create_server_key(&self) -> Result<PathBuf, Failure> {
        let path = self.path.join(KEY_FILE);
        if path.exists() {
            return Err(Failure::KeyExists(path));
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::from)?;
        let unfinished = self.path.join(format!("{KEY_FILE}.{}", std::process::id()));
        let written = write_synced(&unfinished, &URL_SAFE_NO_PAD.encode(key))
            .and_then(|()| std::fs::hard_link(&unfinished, &path));
        // What remains of a failed attempt must not stand in the way of the next.
        let removed = std::fs::remove_file(&unfinished);
        match written {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Failure::KeyExists(path));
            }
            outcome => outcome
                .and(removed)
                .map_err(|source| self.failure(&path, source))?,
        }
        File::open(&self.path)
            .and_then(|dir| dir.sync_all())
            .map_err(|source| self.failure(&self.path, source))?;
        Ok(path)
    }

    #[expect(
        clippy::unused_self,
        reason = "ties the failure's flag to the data directory"
    )]
    fn failure(&self, path: &Path, source: io::Error) -> Failure {
        Failure::DataDir {
            path: path.to_owned(),
            source,
        }
    }
}

/// Opens files for writing that only their owner may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_file().create(true).truncate(true).open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_key_is_made_once_and_for_the_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let dir = DataDir::open(&path).unwrap();
        let key = dir.server_key().unwrap();
        assert!(DataDir::open(&path).unwrap().server_key().unwrap() == key);
        assert!(matches!(
            dir.create_server_key(),
            Err(Failure::KeyExists(_))
        ));
        assert_eq!((mode(&path), mode(&path.join(KEY_FILE))), (0o700, 0o600));
        let names: Vec<_> = std::fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [KEY_FILE]);
    }

    #[test]
    fn a_broken_key_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(KEY_FILE);
        for text in ["", "AAAA", &"A".repeat(44), "ä"] {
            std::fs::write(&path, text).unwrap();
            let failure = DataDir::open(dir.path()).unwrap().server_key().unwrap_err();
            assert!(matches!(failure, Failure::MalformedKey(_)), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn two_servers_do_not_share_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let dir = DataDir::open(dir.path()).unwrap();
        let lock = dir.lock().unwrap();
        assert!(matches!(dir.lock(), Err(Failure::InUse(_))));
        drop(lock);
        assert!(dir.lock().is_ok());
    }
}
