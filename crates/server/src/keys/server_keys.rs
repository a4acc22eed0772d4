//! The server keys: one file, one key a line, the newest first.

use super::KeyError;
use crate::data_dir::{replace_private, sync_parent, write_beside};
use crate::logging::log;
use crate::reload::Reload;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kaifu_core::id::{AccountId, AccountKey, KeyFingerprint, Proof, ServerKey};
use kaifu_core::token::{InvalidToken, Token};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// How many keys a file may hold. Each one costs a keyed hash for every forged token.
const KEYS: usize = 8;

/// The keys of a server. Tokens of all are good; new accounts belong to the newest.
pub(crate) struct ServerKeys {
    state: RwLock<State>,
    /// How long a key that was added while the server runs has to wait for accounts of its own: until
    /// then, the other servers know it as well.
    wait: Duration,
}

struct State {
    /// At least one, the newest first.
    keys: Vec<ServerKey>,
    /// The key of new accounts until that moment.
    former: Option<(ServerKey, Instant)>,
}

impl ServerKeys {
    /// The keys in the file at `path`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when it cannot be read or holds something else.
    pub(crate) fn open(path: &Path, wait: Duration) -> Result<Self, KeyError> {
        let mode = std::fs::metadata(path)
            .map_err(|source| file_error(path, source))?
            .mode();
        if mode & 0o077 != 0 {
            log!(
                Warn,
                "{} can be read by others: it should have mode 600",
                path.display()
            );
        }
        let state = State {
            keys: read(path)?,
            former: None,
        };
        Ok(Self {
            state: RwLock::new(state),
            wait,
        })
    }

    /// What tells the keys from others.
    pub(crate) fn fingerprints(&self) -> Vec<KeyFingerprint> {
        let state = self.state();
        state.keys.iter().map(ServerKey::fingerprint).collect()
    }

    /// The key of a new account.
    pub(crate) fn account_key(&self, account: AccountId, now: Instant) -> Option<AccountKey> {
        Some(self.state().newest(now)?.account_key(account))
    }

    /// Proves by the key of new accounts that this server, or one with its key, has made `text`.
    pub(super) fn prove(&self, purpose: &str, text: &str) -> Option<Proof> {
        Some(self.state().newest(Instant::now())?.prove(purpose, text))
    }

    /// Whether one of the keys has proven `text`.
    pub(super) fn has_proven(&self, purpose: &str, text: &str, proof: &Proof) -> bool {
        let state = self.state();
        (state.keys.iter()).any(|key| key.has_proven(purpose, text, proof))
    }

    /// The token that `text` is, whichever key its account has.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Forged`] when no key made it.
    pub(crate) fn verify(&self, text: &str, extra: &[u8]) -> Result<Token, InvalidToken> {
        let state = self.state();
        let mut verified = Err(InvalidToken::Malformed);
        for key in &state.keys {
            verified = Token::verify(text, key, extra);
            if verified != Err(InvalidToken::Forged) {
                break;
            }
        }
        verified
    }

    /// Takes `keys` for its own.
    fn replace(&self, keys: Vec<ServerKey>, now: Instant) -> Replaced {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.keys == keys {
            return Replaced::Same;
        }
        if !keys.iter().any(|key| state.keys.contains(key)) {
            return Replaced::Foreign;
        }
        let in_use = state.newest(now).cloned();
        let until = match &state.former {
            Some((_, until)) if state.keys.first() == keys.first() => *until,
            _ => now + self.wait,
        };
        state.former = in_use
            .filter(|key| keys.contains(key))
            .map(|key| (key, until));
        state.keys = keys;
        Replaced::Now(state.keys.len())
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of keys that were to be taken up.
enum Replaced {
    /// They are in use already.
    Same,
    /// They are in use from now on; so many.
    Now(usize),
    /// None of those in use is among them, so they are another server's.
    Foreign,
}

impl State {
    fn newest(&self, now: Instant) -> Option<&ServerKey> {
        match &self.former {
            Some((key, until)) if now < *until => Some(key),
            _ => self.keys.first(),
        }
    }
}

/// The file of the server keys, which may change while the server runs.
pub(crate) struct KeyFile {
    path: PathBuf,
    keys: Arc<ServerKeys>,
    /// Why the file could not be used when it was last looked at.
    trouble: Option<String>,
}

impl KeyFile {
    /// The file at `path`, whose keys are taken up into `keys`.
    pub(crate) const fn new(path: PathBuf, keys: Arc<ServerKeys>) -> Self {
        Self {
            path,
            keys,
            trouble: None,
        }
    }
}

impl Reload for KeyFile {
    fn look(&mut self) {
        let taken =
            read(&self.path).and_then(|keys| match self.keys.replace(keys, Instant::now()) {
                Replaced::Same => Ok(None),
                Replaced::Now(count) => Ok(Some(count)),
                Replaced::Foreign => Err(KeyError::Foreign(self.path.clone())),
            });
        match taken {
            Ok(count) => {
                self.trouble = None;
                if let Some(count) = count {
                    log!(Info, "{}: {count} keys from now on", self.path.display());
                }
            }
            Err(error) => {
                let trouble = error.to_string();
                if self.trouble.as_ref() != Some(&trouble) {
                    log!(Error, "{trouble}; the former keys go on");
                    self.trouble = Some(trouble);
                }
            }
        }
    }
}

/// The keys in the file at `path`, the newest first.
///
/// # Errors
///
/// [`KeyError`] when it cannot be read or holds something else.
pub(crate) fn read(path: &Path) -> Result<Vec<ServerKey>, KeyError> {
    let text = std::fs::read_to_string(path).map_err(|source| file_error(path, source))?;
    let keys: Option<Vec<_>> = text.lines().map(key).collect();
    match keys {
        Some(keys) if (1..=KEYS).contains(&keys.len()) => Ok(keys),
        _ => Err(KeyError::Malformed(path.to_owned())),
    }
}

fn key(line: &str) -> Option<ServerKey> {
    let mut key = [0; 32];
    let decoded = URL_SAFE_NO_PAD.decode_slice(line.trim(), &mut key);
    (decoded == Ok(32)).then_some(ServerKey(key))
}

/// Creates the file at `path` with one key. It appears complete or not at all, and never takes
/// another one's place.
pub(crate) fn create(path: &Path) -> Result<(), KeyError> {
    if path.exists() {
        return Err(KeyError::Exists(path.to_owned()));
    }
    let unfinished = new_key()
        .and_then(|key| write_beside(path, format!("{key}\n").as_bytes()))
        .map_err(|source| file_error(path, source))?;
    let linked = std::fs::hard_link(&unfinished, path);
    // What remains of a failed attempt must not stand in the way of the next.
    let removed = std::fs::remove_file(&unfinished);
    match linked {
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeyError::Exists(path.to_owned()))
        }
        outcome => outcome
            .and(removed)
            .and_then(|()| sync_parent(path))
            .map_err(|source| file_error(path, source)),
    }
}

/// Puts a new key before the others, whose accounts go on as they are.
pub(crate) fn rotate(path: &Path) -> Result<(), KeyError> {
    if read(path)?.len() >= KEYS {
        return Err(KeyError::TooMany(path.to_owned()));
    }
    let former = std::fs::read_to_string(path).map_err(|source| file_error(path, source))?;
    new_key()
        .and_then(|key| replace_private(path, format!("{key}\n{former}").as_bytes()))
        .map_err(|source| file_error(path, source))
}

/// A new key, as it stands on its line.
fn new_key() -> io::Result<String> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::from)?;
    Ok(URL_SAFE_NO_PAD.encode(key))
}

fn file_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::id::MessageId;
    use kaifu_core::time::Day;
    use kaifu_core::token::{Subject, TokenKind};

    const WAIT: Duration = Duration::from_mins(10);

    fn open(path: &Path) -> Result<ServerKeys, KeyError> {
        if !path.exists() {
            create(path)?;
        }
        ServerKeys::open(path, WAIT)
    }

    fn token(keys: &ServerKeys) -> String {
        token_at(keys, Instant::now())
    }

    fn token_at(keys: &ServerKeys, now: Instant) -> String {
        let account = AccountId([1; 8]);
        let key = keys.account_key(account, now).unwrap();
        let subject = Subject {
            kind: TokenKind::Image,
            account,
            message: MessageId([2; 8]),
            until: Day(0),
        };
        Token::mint(subject, &key, b"").to_string()
    }

    #[test]
    fn the_file_is_made_once_and_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let first = token(&open(&path).unwrap());
        assert_eq!(token(&open(&path).unwrap()), first);
        assert!(matches!(create(&path), Err(KeyError::Exists(_))));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_key_leaves_the_tokens_of_the_old_ones_good() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let old = token(&open(&path).unwrap());
        rotate(&path).unwrap();
        let keys = open(&path).unwrap();
        let new = token(&keys);
        assert_ne!(old, new);
        for token in [&old, &new] {
            assert!(keys.verify(token, b"").is_ok());
        }
        // Whoever takes a key out kills its tokens.
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().next().unwrap()).unwrap();
        let keys = open(&path).unwrap();
        assert!(keys.verify(&old, b"").is_err() && keys.verify(&new, b"").is_ok());
        for _ in 1..KEYS {
            rotate(&path).unwrap();
        }
        assert!(matches!(rotate(&path), Err(KeyError::TooMany(_))));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_is_added_later_is_good_at_once_and_given_out_after_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let keys = Arc::new(open(&path).unwrap());
        let old = token(&keys);
        rotate(&path).unwrap();
        let new = token(&open(&path).unwrap());
        assert!(keys.verify(&new, b"").is_err());
        let mut file = KeyFile::new(path.clone(), Arc::clone(&keys));
        let start = Instant::now();
        for _ in 0..2 {
            file.look();
            assert!(keys.verify(&new, b"").is_ok() && keys.verify(&old, b"").is_ok());
            assert_eq!(token(&keys), old);
        }
        let later = Instant::now() + WAIT;
        assert_eq!(token_at(&keys, later), new);
        // Taking out another key starts no new wait.
        rotate(&path).unwrap();
        let third = token(&open(&path).unwrap());
        file.look();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        std::fs::write(&path, lines[..1].join("\n")).unwrap();
        file.look();
        // The key in use is gone, so there is nothing to wait for.
        assert_eq!(token_at(&keys, start), third);
        assert!(keys.verify(&old, b"").is_err() && keys.verify(&new, b"").is_err());
    }

    #[test]
    fn a_file_that_breaks_later_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        let keys = Arc::new(open(&path).unwrap());
        let before = token(&keys);
        let mut file = KeyFile::new(path.clone(), Arc::clone(&keys));
        std::fs::write(&path, "half of a ke").unwrap();
        file.look();
        assert!(file.trouble.is_some());
        std::fs::remove_file(&path).unwrap();
        file.look();
        assert!(file.trouble.is_some() && !path.exists());
        // Nor does another server's file.
        create(&path).unwrap();
        file.look();
        assert!(file.trouble.is_some());
        assert_eq!(token(&keys), before);
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
            for outcome in [open(&path).map(drop), rotate(&path)] {
                assert!(matches!(outcome, Err(KeyError::Malformed(_))), "{text}");
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
