//! The day's secret from which readers' keys are made. It is overwritten when its day is over, so
//! that what was stored can then be traced to no address, not even by the operator.

use super::KeyError;
use crate::data_dir::private_file;
use kaifu_core::fetch::{ReaderId, ReaderKey};
use kaifu_core::id::MessageId;
use kaifu_core::time::Millis;
use std::io::{self, Read as _, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The secret of the day on which it was last asked for.
pub(crate) struct ReaderKeys {
    path: PathBuf,
    today: Mutex<Option<(i64, ReaderKey)>>,
}

impl ReaderKeys {
    /// The secret in the data directory `dir`, where it outlives a restart within its day.
    pub(crate) fn open(dir: &Path, now: Millis) -> Result<Self, KeyError> {
        let path = dir.join("reader.key");
        let day = ReaderKey::day(now);
        let today = match kept(&path, day) {
            Ok(Some(key)) => key,
            Ok(None) => drawn(&path, day).map_err(|source| file_error(&path, source))?,
            Err(source) => return Err(file_error(&path, source)),
        };
        Ok(Self {
            path,
            today: Mutex::new(Some((day, today))),
        })
    }

    /// The reader of `message` behind `address` at `at`; `None` while there is no secret to be had.
    pub(crate) fn reader(
        &self,
        message: MessageId,
        address: IpAddr,
        at: Millis,
    ) -> Option<ReaderId> {
        let today = self.of_day(ReaderKey::day(at));
        today.map(|key| key.reader(message, address))
    }

    /// Forgets the secret of another day than that of `now`.
    pub(crate) fn expire(&self, now: Millis) {
        let _ = self.of_day(ReaderKey::day(now));
    }

    fn of_day(&self, day: i64) -> Option<ReaderKey> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if today.as_ref().is_none_or(|(of, _)| *of != day) {
            let drawn = drawn(&self.path, day);
            if let Err(error) = &drawn {
                tracing::error!("{}: {error}", self.path.display());
            }
            // Without a new one, the old one is forgotten all the same.
            *today = drawn.ok().map(|key| (day, key));
        }
        today.as_ref().map(|(_, key)| key.clone())
    }
}

/// What the file holds: the day, and its secret.
const LEN: usize = 8 + 32;

fn kept(path: &Path, day: i64) -> io::Result<Option<ReaderKey>> {
    let mut held = [0; LEN];
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // A file that was cut short holds nothing.
    match file.read_exact(&mut held) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (of, key) = held.split_at(8);
    let key: Option<[u8; 32]> = key.try_into().ok();
    Ok(key.filter(|_| of == day.to_be_bytes()).map(ReaderKey::new))
}

/// Draws a secret and writes it over the former one, in place, so that nothing of that remains.
fn drawn(path: &Path, day: i64) -> io::Result<ReaderKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::from)?;
    let mut file = private_file().create(true).truncate(false).open(path)?;
    file.write_all(&[&day.to_be_bytes()[..], &key].concat())?;
    file.sync_all()?;
    Ok(ReaderKey::new(key))
}

fn file_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::Reader {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000;
    const MESSAGE: MessageId = MessageId([1; 8]);

    fn reader(keys: &ReaderKeys, at: i64) -> ReaderId {
        let address = IpAddr::from([192, 0, 2, 1]);
        keys.reader(MESSAGE, address, Millis(at)).unwrap()
    }

    #[test]
    fn a_secret_lasts_for_its_day_and_no_longer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        let keys = ReaderKeys::open(dir.path(), Millis(0)).unwrap();
        let first = reader(&keys, 0);
        assert_eq!(reader(&keys, DAY - 1), first);
        let before = std::fs::read(&path).unwrap();
        drop(keys);

        // A restart within the day changes nothing.
        let keys = ReaderKeys::open(dir.path(), Millis(DAY - 1)).unwrap();
        assert_eq!(reader(&keys, DAY - 1), first);
        keys.expire(Millis(DAY));
        let after = std::fs::read(&path).unwrap();
        assert_eq!(after.len(), LEN);
        assert!(
            !after
                .windows(8)
                .any(|part| before[8..].windows(8).any(|old| old == part))
        );
        assert_ne!(reader(&keys, DAY), first);
        drop(keys);

        // Neither does one on a later day bring it back.
        let keys = ReaderKeys::open(dir.path(), Millis(3 * DAY)).unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), after);
        assert_ne!(reader(&keys, 0), first);
    }

    #[test]
    fn a_file_that_was_cut_short_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        std::fs::write(&path, [0; 12]).unwrap();
        ReaderKeys::open(dir.path(), Millis(0)).unwrap();
        assert_eq!(std::fs::read(&path).unwrap().len(), LEN);
    }
}
