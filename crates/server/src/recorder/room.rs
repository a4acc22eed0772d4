//! The room on the disk, below which only accounts that are in use are stored.

use crate::data_dir;
use crate::logging::log;
use crate::settings::Reserve;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the disk has room for everybody.
pub(crate) struct Room {
    folder: PathBuf,
    reserve: Reserve,
    is_low: AtomicBool,
}

impl Room {
    /// The room on the disk of `folder`, of which `reserve` is kept for accounts in use.
    pub(crate) fn new(folder: PathBuf, reserve: Reserve) -> Self {
        let room = Self {
            folder,
            reserve,
            is_low: AtomicBool::new(false),
        };
        room.look();
        room
    }

    /// Whether there is less than the reserve.
    pub(crate) fn is_low(&self) -> bool {
        self.is_low.load(Ordering::Relaxed)
    }

    /// Looks how much there is. Where the system does not say there is enough.
    pub(crate) fn look(&self) {
        let Ok(room) = data_dir::room(&self.folder) else {
            return;
        };
        let is_low = room.free < self.reserve.of(room.total);
        if self.is_low.swap(is_low, Ordering::Relaxed) == is_low {
            return;
        }
        if is_low {
            log!(
                Warn,
                "the disk has {} MB left: only accounts that ask for their events are stored",
                room.free >> 20
            );
        } else {
            log!(Info, "the disk has room for all accounts again");
        }
    }
}
