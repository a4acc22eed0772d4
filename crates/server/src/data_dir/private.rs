//! Files that only their owner may read, written so that nobody else has a say in them.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// Opens files for writing that only their owner may read.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Creates the file at `path` anew for its owner only, whatever the mask of the process takes away.
/// What was there is removed: neither its mode nor what a link there leads to is taken over.
///
/// # Errors
///
/// What the system said; also when somebody puts a file there meanwhile.
pub(crate) fn new_private(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = private_file().create_new(true).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Whether others than the owner of the folder at `path` may put files there, and so in the place of
/// ours. `false` also where the system does not say.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|folder| folder.mode() & 0o022 != 0)
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
    let beside = unfinished(path)?;
    let mut file = new_private(&beside)?;
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

/// How the names of files end that are not finished yet.
const UNFINISHED: &str = ".unfinished";

/// A name beside `path` that nobody can know beforehand.
fn unfinished(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::from)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}{UNFINISHED}", u64::from_ne_bytes(random)));
    Ok(name.into())
}

/// Removes from the folder at `path` what processes that died had not finished: it may hold secrets.
pub(super) fn remove_unfinished(path: &Path) {
    let files = std::fs::read_dir(path).into_iter().flatten().flatten();
    for file in files.map(|file| file.path()) {
        let is_unfinished = file
            .as_os_str()
            .as_encoded_bytes()
            .ends_with(UNFINISHED.as_bytes());
        if is_unfinished {
            // It stands in nobody's way.
            let _ = std::fs::remove_file(&file);
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

/// Makes sure that the names in the directory of `path` survive a power cut.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent_of(path))?.sync_all()
}

/// The folder that the file at `path` lies in.
pub(crate) fn parent_of(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_have_prepared_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let [path, elsewhere] = ["half", "elsewhere"].map(|name| dir.path().join(name));
        std::fs::write(&elsewhere, b"theirs").unwrap();
        for prepare in [
            |path: &Path, _: &Path| std::fs::write(path, b"open to all"),
            |path: &Path, elsewhere: &Path| std::os::unix::fs::symlink(elsewhere, path),
            |path: &Path, elsewhere: &Path| std::fs::hard_link(elsewhere, path),
        ] {
            let _ = std::fs::remove_file(&path);
            prepare(&path, &elsewhere).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
            new_private(&path).unwrap().write_all(b"secret").unwrap();
            let file = std::fs::symlink_metadata(&path).unwrap();
            assert!(file.is_file() && file.mode() & 0o7777 == 0o600);
            assert_eq!(std::fs::read(&elsewhere).unwrap(), b"theirs");
        }
    }

    #[test]
    fn names_of_unfinished_files_cannot_be_known_and_none_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let names: Vec<_> = (0..50)
            .map(|_| write_beside(&path, b"key").unwrap())
            .collect();
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len());
        std::fs::write(&path, b"key").unwrap();
        remove_unfinished(dir.path());
        let left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        assert_eq!(left, ["server.key"]);
    }

    #[test]
    fn folders_that_others_may_write_to_are_known() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, open) in [
            (0o700, false),
            (0o755, false),
            (0o770, true),
            (0o1777, true),
        ] {
            std::fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(dir.path()), open, "{mode:o}");
        }
        assert!(!is_open_to_others(&dir.path().join("nowhere")));
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
