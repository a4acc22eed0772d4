//! The server keys: one file, one key a line, the newest first.

use crate::Failure;
use crate::data_dir::{private_file, sync_parent};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::{AccountId, AccountKey, ServerKey};
use kaifu_core::token::Token;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// How many keys a file may hold. Each one costs a keyed hash for every forged token.
const KEYS: usize = 8;

/// The keys of a server. New accounts belong to the newest; tokens of all are good.
#[derive(Clone)]
pub(crate) struct ServerKeys(Vec<ServerKey>);

impl ServerKeys {
    /// The keys in the file at `path`, which is created where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        match create(path) {
            Ok(()) => tracing::info!("created the server key {}", path.display()),
            Err(Failure::KeyExists(_)) => {}
            Err(failure) => return Err(failure),
        }
        let mode = std::fs::metadata(path)
            .map_err(|source| failure(path, source))?
            .mode();
        if mode & 0o077 != 0 {
            tracing::warn!(
                "{} can be read by others: it should have mode 600",
                path.display()
            );
        }
        Self::read(path)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|source| failure(path, source))?;
        let keys: Option<Vec<_>> = text.lines().map(key).collect();
        match keys {
            Some(keys) if (1..=KEYS).contains(&keys.len()) => Ok(Self(keys)),
            _ => Err(Failure::MalformedKey(path.to_owned())),
        }
    }

    /// The key of a new account.
    pub(crate) fn account_key(&self, account: AccountId) -> Option<AccountKey> {
        Some(self.0.first()?.account_key(account))
    }

    /// The token that `text` is, whichever key its account has.
    pub(crate) fn verify(&self, text: &str, extra: &[u8]) -> Option<Token> {
        self.0
            .iter()
            .find_map(|key| Token::verify(text, key, extra).ok())
    }
}

fn key(line: &str) -> Option<ServerKey> {
    let mut key = [0; 32];
    let decoded = URL_SAFE_NO_PAD.decode_slice(line.trim(), &mut key);
    (decoded == Ok(32)).then_some(ServerKey(key))
}

/// Creates the file at `path` with one key. It appears complete or not at all, and never takes
/// another one's place.
pub(crate) fn create(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::KeyExists(path.to_owned()));
    }
    let unfinished = write_unfinished(path, "")?;
    let linked = std::fs::hard_link(&unfinished, path);
    // What remains of a failed attempt must not stand in the way of the next.
    let removed = std::fs::remove_file(&unfinished);
    match linked {
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::KeyExists(path.to_owned()))
        }
        outcome => outcome
            .and(removed)
            .and_then(|()| sync_parent(path))
            .map_err(|source| failure(path, source)),
    }
}

/// Puts a new key before the others, whose accounts go on as they are.
pub(crate) fn rotate(path: &Path) -> Result<(), Failure> {
    let ServerKeys(keys) = ServerKeys::read(path)?;
    if keys.len() >= KEYS {
        return Err(Failure::TooManyKeys(path.to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|source| failure(path, source))?;
    let unfinished = write_unfinished(path, &text)?;
    std::fs::rename(&unfinished, path)
        .and_then(|()| sync_parent(path))
        .map_err(|source| failure(path, source))
}

/// Writes a new key, followed by `others`, to a file beside `path`.
fn write_unfinished(path: &Path, others: &str) -> Result<PathBuf, Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let unfinished = PathBuf::from(name);
    let write = || {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(io::Error::from)?;
        let mut file = private_file()
            .create(true)
            .truncate(true)
            .open(&unfinished)?;
        write!(file, "{}\n{others}", URL_SAFE_NO_PAD.encode(key))?;
        file.sync_all()
    };
    write().map_err(|source| failure(&unfinished, source))?;
    Ok(unfinished)
}

fn failure(path: &Path, source: io::Error) -> Failure {
    Failure::KeyFile {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::id::MessageId;
    use kaifu_core::token::Kind;

    fn token(keys: &ServerKeys) -> String {
        let account = AccountId([1; 8]);
        let key = keys.account_key(account).unwrap();
        Token::mint(Kind::Pixel, account, MessageId([2; 8]), &key, b"").to_string()
    }

    #[test]
    fn the_file_is_made_once_and_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let first = token(&ServerKeys::open(&path).unwrap());
        assert_eq!(token(&ServerKeys::open(&path).unwrap()), first);
        assert!(matches!(create(&path), Err(Failure::KeyExists(_))));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_key_leaves_the_tokens_of_the_old_ones_good() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let old = token(&ServerKeys::open(&path).unwrap());
        rotate(&path).unwrap();
        let keys = ServerKeys::open(&path).unwrap();
        let new = token(&keys);
        assert_ne!(old, new);
        for token in [&old, &new] {
            assert!(keys.verify(token, b"").is_some());
        }
        // Whoever takes a key out kills its tokens.
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().next().unwrap()).unwrap();
        let keys = ServerKeys::open(&path).unwrap();
        assert!(keys.verify(&old, b"").is_none() && keys.verify(&new, b"").is_some());
        for _ in 1..KEYS {
            rotate(&path).unwrap();
        }
        assert!(matches!(rotate(&path), Err(Failure::TooManyKeys(_))));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_file_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let good = "A".repeat(43);
        for text in [
            "",
            "AAAA",
            &"A".repeat(44),
            "ä",
            &format!("{good}\n\n{good}"),
            &format!("{good}\n").repeat(9),
        ] {
            std::fs::write(&path, text).unwrap();
            for outcome in [ServerKeys::open(&path).map(drop), rotate(&path)] {
                assert!(matches!(outcome, Err(Failure::MalformedKey(_))), "{text}");
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
