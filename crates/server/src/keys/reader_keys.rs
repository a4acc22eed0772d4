//! The day's secret from which readers' keys are made. It is overwritten when its day is over, so
//! that what was stored can then be traced to no address, not even by the operator.

use crate::data_dir::private_file;
use crate::logging::log;
use kaifu_core::fetch::{ReaderId, ReaderKey};
use kaifu_core::id::MessageId;
use kaifu_core::time::Millis;
use std::io::{self, Read as _, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after midnight an event of the day before may still arrive.
const OVERLAP: Duration = Duration::from_mins(1);

/// The secret of the day on which it was last asked for.
pub(crate) struct ReaderKeys {
    path: PathBuf,
    today: Mutex<Option<Secret>>,
    /// The day whose secret the file holds, and the right to write it.
    written: Mutex<Option<i64>>,
}

#[derive(Clone)]
struct Secret {
    day: i64,
    since: Instant,
    bytes: [u8; 32],
}

impl Secret {
    fn draw(day: i64) -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::from)?;
        Ok(Self {
            day,
            since: Instant::now(),
            bytes,
        })
    }

    /// Whether it is to be used on `day`. Requests of the last moments of a day come behind those of
    /// the next, and must not bring the former day back.
    fn is_for(&self, day: i64) -> bool {
        self.day == day || (self.day == day + 1 && self.since.elapsed() < OVERLAP)
    }
}

impl ReaderKeys {
    /// The secret in the data directory `dir`, where it outlives a restart within its day. Where it
    /// cannot be kept it is only in memory: images are served all the same.
    pub(crate) fn open(dir: &Path, now: Millis) -> Self {
        let path = dir.join("reader.key");
        let day = ReaderKey::day(now);
        let kept = kept(&path, day).unwrap_or_else(|error| {
            log!(Error, "{}: {error}", path.display());
            None
        });
        let keys = Self {
            path,
            written: Mutex::new(kept.as_ref().map(|secret| secret.day)),
            today: Mutex::new(kept),
        };
        keys.expire(now);
        keys
    }

    /// The reader of `message` behind `address` at `at`; `None` while there is no secret to be had.
    pub(crate) fn reader(
        &self,
        message: MessageId,
        address: IpAddr,
        at: Millis,
    ) -> Option<ReaderId> {
        let day = ReaderKey::day(at);
        let (secret, is_new) = self.of_day(day)?;
        if is_new {
            self.write();
        }
        Some(ReaderKey::new(secret.bytes).reader(message, address))
    }

    /// Forgets the secret of another day than that of `now`, in memory and on the disk.
    pub(crate) fn expire(&self, now: Millis) {
        let _ = self.of_day(ReaderKey::day(now));
        self.write();
    }

    /// The secret for `day`, and whether it was drawn just now.
    fn of_day(&self, day: i64) -> Option<(Secret, bool)> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = today.as_ref().filter(|secret| secret.is_for(day)) {
            return Some((secret.clone(), false));
        }
        // Without a new one, the old one is forgotten all the same.
        *today = Secret::draw(day)
            .inspect_err(|error| log!(Error, "no random numbers: {error}"))
            .ok();
        today.clone().map(|secret| (secret, true))
    }

    /// Writes today's secret over that of an earlier day. Others go on with it meanwhile.
    fn write(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(secret) = today.clone() else { return };
        drop(today);
        if *written == Some(secret.day) {
            return;
        }
        match overwrite(&self.path, &secret) {
            Ok(()) => *written = Some(secret.day),
            Err(error) => log!(
                Error,
                "{}: {error}; the secret of an earlier day remains there",
                self.path.display()
            ),
        }
    }
}

/// What the file holds: the day, and its secret.
const LEN: usize = 8 + 32;

fn kept(path: &Path, day: i64) -> io::Result<Option<Secret>> {
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
    let (of, bytes) = held.split_at(8);
    let bytes: Option<[u8; 32]> = bytes.try_into().ok();
    Ok(bytes
        .filter(|_| of == day.to_be_bytes())
        .map(|bytes| Secret {
            day,
            since: Instant::now(),
            bytes,
        }))
}

/// Writes `secret` over the former one, in place, so that nothing of that remains.
fn overwrite(path: &Path, secret: &Secret) -> io::Result<()> {
    let mut file = private_file().create(true).truncate(false).open(path)?;
    file.write_all(&[&secret.day.to_be_bytes()[..], &secret.bytes].concat())?;
    file.sync_all()
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
        let keys = ReaderKeys::open(dir.path(), Millis(0));
        let first = reader(&keys, 0);
        assert_eq!(reader(&keys, DAY - 1), first);
        let before = std::fs::read(&path).unwrap();
        drop(keys);

        // A restart within the day changes nothing.
        let keys = ReaderKeys::open(dir.path(), Millis(DAY - 1));
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
        let keys = ReaderKeys::open(dir.path(), Millis(3 * DAY));
        assert_ne!(std::fs::read(&path).unwrap(), after);
        assert_ne!(reader(&keys, 0), first);
    }

    #[test]
    fn a_file_that_was_cut_short_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        std::fs::write(&path, [0; 12]).unwrap();
        ReaderKeys::open(dir.path(), Millis(0));
        assert_eq!(std::fs::read(&path).unwrap().len(), LEN);
    }

    #[test]
    fn the_last_requests_of_a_day_do_not_bring_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reader.key");
        let keys = ReaderKeys::open(dir.path(), Millis(0));
        let of_next = reader(&keys, DAY);
        let held = std::fs::read(&path).unwrap();
        for at in [DAY - 1, DAY, DAY - 1, DAY + 1] {
            assert_eq!(reader(&keys, at), of_next);
        }
        assert_eq!(std::fs::read(&path).unwrap(), held);
    }

    #[test]
    fn a_secret_that_cannot_be_kept_is_used_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("reader.key")).unwrap();
        let keys = ReaderKeys::open(dir.path(), Millis(0));
        assert_eq!(reader(&keys, 0), reader(&keys, 1));
        assert_ne!(reader(&keys, 0), reader(&keys, 2 * DAY));
    }
}
