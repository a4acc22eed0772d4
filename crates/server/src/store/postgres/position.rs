//! How far the spool is drained, in a file of a fixed size that is written over in place.
//!
//! The spool may have filled the disk, and then nothing can be marked or removed in it. This file
//! needs no more room than it has, so a spool can be drained all the same.

use crate::data_dir::private_file;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// The size of each of the two places in the file, which are written in turn: one of them is whole
/// whenever the power fails.
const PLACE: usize = 8_192;

/// The bytes before the content: its hash and its length.
const HEAD: usize = 12;

/// How many rulings there may be.
const RULINGS: usize = 64;

/// What is known of the events in the spool, by their numbers there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Which of two contents is the later one.
    version: u64,
    /// The name under which PostgreSQL knows this server.
    pub(super) server: Option<[u8; 16]>,
    /// The last batch of which this server knew that it was stored.
    pub(super) acknowledged: i64,
    /// Everything up to this event is stored.
    pub(super) done: i64,
    /// What was sent, and may be stored.
    pub(super) sent: Option<Sent>,
    /// What PostgreSQL said of batches in the spool that cannot be marked there.
    pub(super) rulings: Vec<Ruling>,
}

/// A batch out of the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Its number.
    pub(super) batch: i64,
    /// Its last event.
    pub(super) last: i64,
}

/// Of the batches that were sent before they were put into the spool, those up to `batch` are
/// stored, as far as their events are not behind `event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ruling {
    pub(super) event: i64,
    pub(super) batch: i64,
}

impl Position {
    /// Whether the event, which was sent as part of `batch` before it came into the spool, is
    /// stored; `None` while nobody knows.
    pub(super) fn is_stored(&self, event: i64, batch: i64) -> Option<bool> {
        let ruling = self.rulings.iter().find(|ruling| event <= ruling.event)?;
        Some(batch <= ruling.batch)
    }

    /// Notes that of all that is in the spool up to `event`, batches up to `batch` are stored.
    ///
    /// # Errors
    ///
    /// When there are too many to keep apart.
    pub(super) fn rule(&mut self, event: i64, batch: i64) -> io::Result<()> {
        let done = self.done;
        self.rulings.retain(|ruling| ruling.event > done);
        if self.rulings.len() >= RULINGS {
            return Err(io::Error::other("the spool cannot be written to"));
        }
        if self.rulings.last().is_none_or(|last| last.event < event) {
            self.rulings.push(Ruling { event, batch });
        }
        Ok(())
    }
}

/// The file; none where it could not be made.
#[derive(Default)]
pub(super) struct PositionFile {
    file: Option<File>,
}

impl PositionFile {
    /// Opens the file and reads what it says; all of the file's room is taken at once.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Position)> {
        let mut options = private_file();
        let file = options.read(true).create(true).truncate(false).open(path)?;
        let size = 2 * PLACE as u64;
        if file.metadata()?.len() < size {
            file.write_all_at(&[0; 2 * PLACE], 0)?;
            file.sync_all()?;
        }
        let found = [0, 1].map(|place| read(&file, place));
        let latest = (found.into_iter().flatten()).max_by_key(|position| position.version);
        Ok((Self { file: Some(file) }, latest.unwrap_or_default()))
    }

    /// Writes `position` over the older of the two places; it is on the disk when this returns.
    pub(super) fn write(&self, position: &mut Position) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Err(io::ErrorKind::StorageFull.into());
        };
        let mut later = position.clone();
        later.version += 1;
        let content = serde_json::to_vec(&later)?;
        let mut bytes = vec![0; PLACE];
        let room = bytes.get_mut(HEAD..HEAD + content.len());
        room.ok_or_else(|| io::Error::other("too long"))?
            .copy_from_slice(&content);
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        bytes[8..HEAD].copy_from_slice(&length.to_le_bytes());
        bytes[..8].copy_from_slice(&Sha256::digest(&content)[..8]);
        let offset = later.version % 2 * PLACE as u64;
        file.write_all_at(&bytes, offset)?;
        file.sync_data()?;
        *position = later;
        Ok(())
    }
}

fn read(file: &File, place: u64) -> Option<Position> {
    let mut bytes = vec![0; PLACE];
    file.read_exact_at(&mut bytes, place * PLACE as u64).ok()?;
    let length = u32::from_le_bytes(bytes[8..HEAD].try_into().ok()?);
    let content = bytes.get(HEAD..)?.get(..usize::try_from(length).ok()?)?;
    let is_whole = Sha256::digest(content)[..8] == bytes[..8];
    is_whole.then(|| serde_json::from_slice(content).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_whole_content_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spool.position");
        let (file, mut position) = PositionFile::open(&path).unwrap();
        assert_eq!(position, Position::default());
        for done in 1..=3 {
            position.done = done;
            file.write(&mut position).unwrap();
        }
        assert_eq!(PositionFile::open(&path).unwrap().1, position);
        // The power failed while the last one was written.
        let whole = std::fs::read(&path).unwrap();
        let place = usize::try_from(position.version % 2).unwrap() * PLACE;
        let mut torn = whole.clone();
        torn[place + HEAD + 3] ^= 1;
        std::fs::write(&path, torn).unwrap();
        assert_eq!(PositionFile::open(&path).unwrap().1.done, 2);
        assert_eq!(whole.len(), 2 * PLACE, "it never grows");
    }

    #[test]
    fn what_was_said_holds_for_what_was_there() {
        let mut position = Position::default();
        position.rule(10, 5).unwrap();
        position.rule(20, 7).unwrap();
        assert_eq!(position.is_stored(8, 6), Some(false));
        assert_eq!(position.is_stored(12, 6), Some(true));
        assert_eq!(position.is_stored(21, 6), None);
        position.done = 10;
        position.rule(30, 9).unwrap();
        assert_eq!(position.rulings.len(), 2);
    }
}
